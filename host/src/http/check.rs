//! All that is wrong with an [`HttpConfig`], in one list.

use std::net::IpAddr;

use super::{
    config::{HttpConfig, Limits},
    network::Network,
    origin::Origin,
};

/// One thing that is wrong with the configuration, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {wrong}")]
pub struct ConfigMistake {
    /// Dotted path in the configuration, such as `http.trusted_proxies[1]`.
    pub place: String,
    /// What is wrong and what would be right.
    pub wrong: String,
}

impl ConfigMistake {
    fn new(place: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self { place: place.into(), wrong: wrong.into() }
    }
}

/// Smallest header buffer that the HTTP library accepts, in bytes.
pub(super) const LEAST_HEADER_BYTES: usize = 8 * 1024;
/// Past this a header is no header any more, in bytes.
const MOST_HEADER_BYTES: usize = 1024 * 1024;
/// Longest timeout that makes sense, in milliseconds: one hour.
const LONGEST_MS: u64 = 3_600_000;

impl HttpConfig {
    /// Every semantic mistake; empty means that the server can start with it. Files are not opened:
    /// [`super::tls::load`] does that.
    pub fn check(&self) -> Vec<ConfigMistake> {
        let mut mistakes = Vec::new();
        for (i, text) in self.trusted_proxies.iter().enumerate() {
            if let Err(wrong) = text.parse::<Network>() {
                mistakes.push(ConfigMistake::new(format!("http.trusted_proxies[{i}]"), wrong.to_string()));
            }
        }
        if self.client_certificate_header.is_some() && self.trusted_proxies.is_empty() {
            mistakes.push(ConfigMistake::new(
                "http.client_certificate_header",
                "nobody may send it: name the proxies in http.trusted_proxies",
            ));
        }
        for (i, text) in self.allowed_origins.iter().enumerate() {
            let place = format!("http.allowed_origins[{i}]");
            match Origin::parse(text) {
                Err(wrong) => mistakes.push(ConfigMistake::new(place, wrong.to_string())),
                Ok(origin) => mistakes.extend(self.clear_text(place, text, &origin)),
            }
        }
        for (i, text) in self.rate.exempt.iter().enumerate() {
            if let Err(wrong) = text.parse::<Network>() {
                mistakes.push(ConfigMistake::new(format!("http.rate.exempt[{i}]"), wrong.to_string()));
            }
        }
        if let Some(url) = &self.public_url {
            let place = "http.public_url";
            match Origin::of_url(url) {
                Err(wrong) => mistakes.push(ConfigMistake::new(place, wrong.to_string())),
                Ok(origin) => mistakes.extend(self.clear_text(place, url, &origin)),
            }
        }
        self.check_tls(&mut mistakes);
        self.check_listen(&mut mistakes);
        check_limits(&self.limits, &mut mistakes);
        mistakes
    }

    /// An `http://` origin on another machine: whoever sits on the network between can speak for it.
    fn clear_text(&self, place: impl Into<String>, text: &str, origin: &Origin) -> Option<ConfigMistake> {
        let bad = !origin.is_secure() && !origin.is_loopback() && !self.allow_plain_http;
        bad.then(|| {
            ConfigMistake::new(
                place,
                format!(
                    "`{text}` is not encrypted, so anybody on the network between can speak for it: use \
                     https://, or set http.allow_plain_http = true in a laboratory"
                ),
            )
        })
    }

    fn check_tls(&self, mistakes: &mut Vec<ConfigMistake>) {
        let tls = &self.tls;
        if tls.cert.is_some() && tls.key.is_none() {
            mistakes.push(ConfigMistake::new("http.tls.key", "missing: a certificate needs its private key"));
        }
        if tls.key.is_some() && tls.cert.is_none() {
            mistakes
                .push(ConfigMistake::new("http.tls.cert", "missing: a private key needs its certificate"));
        }
        if tls.client_roots.is_some() && tls.cert.is_none() && tls.key.is_none() {
            mistakes.push(ConfigMistake::new(
                "http.tls.client_roots",
                "client certificates exist only with TLS: set http.tls.cert and http.tls.key too",
            ));
        }
    }

    fn check_listen(&self, mistakes: &mut Vec<ConfigMistake>) {
        let ip: IpAddr = self.listen.ip().to_canonical();
        let guarded = self.tls.wanted() || !self.trusted_proxies.is_empty() || self.allow_plain_http;
        if !ip.is_loopback() && !guarded {
            mistakes.push(ConfigMistake::new(
                "http.listen",
                format!(
                    "{} is reachable from other machines, and without TLS passwords and sessions would cross the \
                     network in clear text. Set http.tls.cert and http.tls.key; or name the proxy that ends TLS in \
                     http.trusted_proxies; or listen on 127.0.0.1; or, in a laboratory, set \
                     http.allow_plain_http = true",
                    self.listen
                ),
            ));
        }
    }
}

fn check_limits(limits: &Limits, mistakes: &mut Vec<ConfigMistake>) {
    let mut wrong = |field: &str, what: String| {
        mistakes.push(ConfigMistake::new(format!("http.limits.{field}"), what));
    };
    for (field, ms) in [
        ("header_timeout_ms", limits.header_timeout_ms),
        ("body_timeout_ms", limits.body_timeout_ms),
        ("request_timeout_ms", limits.request_timeout_ms),
        ("idle_timeout_ms", limits.idle_timeout_ms),
        ("tls_handshake_timeout_ms", limits.tls_handshake_timeout_ms),
    ] {
        if ms == 0 || ms > LONGEST_MS {
            wrong(
                field,
                format!("{ms} is outside 1 to {LONGEST_MS} milliseconds: a limit can't be turned off"),
            );
        }
    }
    if limits.shutdown_grace_ms > LONGEST_MS {
        wrong("shutdown_grace_ms", format!("{} is over {LONGEST_MS} milliseconds", limits.shutdown_grace_ms));
    }
    if limits.body_timeout_ms > limits.request_timeout_ms {
        wrong(
            "body_timeout_ms",
            format!(
                "{} is longer than request_timeout_ms = {}, which includes it",
                limits.body_timeout_ms, limits.request_timeout_ms
            ),
        );
    }
    if limits.max_connections == 0 || limits.max_connections > MOST_CONNECTIONS {
        wrong("max_connections", format!("{} is outside 1 to {MOST_CONNECTIONS}", limits.max_connections));
    }
    if limits.max_body_bytes == 0 {
        wrong("max_body_bytes", "0 would refuse every request with a body".into());
    }
    if limits.max_buffered_bytes < limits.max_body_bytes {
        wrong(
            "max_buffered_bytes",
            format!(
                "{} is less than max_body_bytes = {}: a body of that size could never be read",
                limits.max_buffered_bytes, limits.max_body_bytes
            ),
        );
    }
    if !(LEAST_HEADER_BYTES..=MOST_HEADER_BYTES).contains(&limits.max_header_bytes) {
        wrong(
            "max_header_bytes",
            format!("{} is outside {LEAST_HEADER_BYTES} to {MOST_HEADER_BYTES}", limits.max_header_bytes),
        );
    }
}

/// More open sockets than this one process will not have.
const MOST_CONNECTIONS: usize = 1_000_000;
