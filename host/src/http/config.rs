//! What the operator may say about HTTP: the table `[http]`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::rate::RateConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the server listens, whom it believes, and how much it lets one caller use.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port to listen on. An address other than loopback needs `tls`, `trusted_proxies` or
    /// `allow_plain_http`. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// The URL under which people and programs reach this server, such as `https://id.example.com`: its origin
    /// counts as the server's own. Default: none, the origin is taken from the `Host` header.
    pub public_url: Option<String>,
    /// Accept that passwords and sessions cross the network in clear text: for laboratories only.
    /// Default: `false`.
    pub allow_plain_http: bool,
    /// Addresses or networks (`10.0.0.7`, `10.0.0.0/8`, `fd00::/8`) of the proxies in front of this server. Only
    /// what comes from one of them may say in a header who the caller is. Default: none.
    pub trusted_proxies: Vec<String>,
    /// The header family in which the trusted proxies name the caller; the other one is ignored, because a proxy
    /// passes on unchanged what it does not know. Default: `x-forwarded`.
    pub proxy_headers: ProxyHeaders,
    /// The header in which the trusted proxies hand on the certificate that a client has shown them in TLS. They must
    /// take away what a client sends under this name. From anybody else it is ignored. Default: none, a certificate is
    /// only seen where TLS ends here.
    pub client_certificate_header: Option<CertificateHeader>,
    /// Origins besides the server's own (`https://app.example.com`) whose pages may send changing requests with
    /// cookies. Default: none.
    pub allowed_origins: Vec<String>,
    /// Certificate and key. Default: none, plain HTTP.
    pub tls: TlsConfig,
    /// Bounds on size, time and number.
    pub limits: Limits,
    /// How fast requests may come from one address (IPv6: one /64). What is over is refused with 429 and Retry-After
    /// before its body is read; `/healthz`, `/readyz` and `/metrics` are always answered.
    pub rate: RateConfig,
}

impl HttpConfig {
    /// The URL under which people reach this server, without a slash at its end.
    pub fn url(&self) -> String {
        let local = || {
            let scheme = if self.tls.cert.is_some() { "https" } else { "http" };
            format!("{scheme}://localhost:{}", self.listen.port())
        };
        self.public_url.as_deref().map_or_else(local, |url| url.trim_end_matches('/').to_owned())
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            allow_plain_http: false,
            trusted_proxies: Vec::new(),
            proxy_headers: ProxyHeaders::default(),
            client_certificate_header: None,
            allowed_origins: Vec::new(),
            tls: TlsConfig::default(),
            limits: Limits::default(),
            rate: RateConfig::default(),
        }
    }
}

/// How a proxy tells who its caller is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeaders {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// How a proxy hands on a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateHeader {
    /// `Client-Cert` and `Client-Cert-Chain` (RFC 9440).
    ClientCert,
    /// `X-SSL-Client-Cert` with PEM that is percent-encoded, as nginx has it in `$ssl_client_escaped_cert`.
    XSslClientCert,
}

/// Certificate and key, as PEM files.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// File with the certificate chain in PEM, the server's own certificate first. Default: none, no TLS.
    pub cert: Option<PathBuf>,
    /// File with the private key in PEM (PKCS #8, PKCS #1 or SEC 1); only its owner should be able to read it.
    /// Default: none.
    pub key: Option<PathBuf>,
    /// File with the root certificates in PEM to which a client's certificate must chain. When set, clients are
    /// asked for a certificate; one without still gets in, one with a certificate that does not chain does not.
    /// Default: none, clients are not asked.
    pub client_roots: Option<PathBuf>,
}

impl TlsConfig {
    /// Whether anything was said about TLS.
    pub fn wanted(&self) -> bool {
        self.cert.is_some() || self.key.is_some() || self.client_roots.is_some()
    }
}

/// Bounds on size, time and number: what one caller, or all of them together, can use up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections that are open at the same time; one more is closed at once. Default: `10000`.
    pub max_connections: usize,
    /// Milliseconds from the first byte of a request to the end of its header, and from the opening of a connection
    /// to its first whole request. Default: `10000`.
    pub header_timeout_ms: u64,
    /// Milliseconds in which the body of a request has to arrive. Default: `15000`.
    pub body_timeout_ms: u64,
    /// Milliseconds for a whole request, from the end of its header to the answer. Default: `30000`.
    pub request_timeout_ms: u64,
    /// Milliseconds for which a connection on which nothing happens is kept. Default: `60000`.
    pub idle_timeout_ms: u64,
    /// Bytes that the body of a request may have. Default: `131072`.
    pub max_body_bytes: usize,
    /// Bytes of request bodies that are held in memory at the same time, over all requests; past it the answer is
    /// 503. Default: `67108864`.
    pub max_buffered_bytes: usize,
    /// Bytes that the header of a request may have, at least 8192. Default: `32768`.
    pub max_header_bytes: usize,
    /// Milliseconds for a TLS handshake. Default: `10000`.
    pub tls_handshake_timeout_ms: u64,
    /// Milliseconds for which requests that are under way at a shutdown may finish. Default: `10000`.
    pub shutdown_grace_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_timeout_ms: 10_000,
            body_timeout_ms: 15_000,
            request_timeout_ms: 30_000,
            idle_timeout_ms: 60_000,
            max_body_bytes: 128 * 1024,
            max_buffered_bytes: 64 * 1024 * 1024,
            max_header_bytes: 32 * 1024,
            tls_handshake_timeout_ms: 10_000,
            shutdown_grace_ms: 10_000,
        }
    }
}

impl Limits {
    /// [`Limits::header_timeout_ms`] as a duration.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms)
    }

    /// [`Limits::body_timeout_ms`] as a duration.
    pub fn body_timeout(&self) -> Duration {
        Duration::from_millis(self.body_timeout_ms)
    }

    /// [`Limits::request_timeout_ms`] as a duration.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// [`Limits::idle_timeout_ms`] as a duration.
    pub fn idle_timeout(&self) -> Duration {
        Duration::from_millis(self.idle_timeout_ms)
    }

    /// [`Limits::tls_handshake_timeout_ms`] as a duration.
    pub fn tls_handshake_timeout(&self) -> Duration {
        Duration::from_millis(self.tls_handshake_timeout_ms)
    }

    /// [`Limits::shutdown_grace_ms`] as a duration.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }
}
