//! Where a plugin may send requests, as its `needs` say: `http:HOST` or `http:HOST:PORT`.

use url::{Host, Url};

/// What a need of this sort begins with.
pub(crate) const PREFIX: &str = "http:";

/// One host, and the port where it is not that of the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpHost {
    host: Host<String>,
    port: Option<u16>,
}

impl HttpHost {
    /// Of what follows [`PREFIX`].
    ///
    /// # Errors
    /// What is wrong with it and what would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, port) = match text.rsplit_once(':') {
            // The colons of an IPv6 address stand between brackets.
            Some((name, port)) if !port.ends_with(']') => (name, Some(number(port)?)),
            _ => (text, None),
        };
        let host = Host::parse(name).map_err(|_| shape())?;
        // In the one form that URLs are compared in: what an operator reads is what holds. Wildcards and the like
        // would pass for names.
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]_".contains(&b));
        if !plain || name.ends_with('.') {
            return Err(shape());
        }
        match host.to_string() == name {
            true => Ok(Self { host, port }),
            false => Err(format!("write it as `{PREFIX}{host}`, as it stands in a URL")),
        }
    }

    /// Whether a request may go there. Without a port only that of the scheme is meant.
    pub(crate) fn permits(&self, url: &Url) -> bool {
        let port = match self.port {
            Some(port) => url.port_or_known_default() == Some(port),
            None => url.port().is_none(),
        };
        port && url.host().is_some_and(|host| host.to_owned() == self.host)
    }
}

fn number(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or_else(shape)
}

fn shape() -> String {
    format!("`{PREFIX}` takes one host name or address, and a port if it is not that of the scheme")
}

#[cfg(test)]
mod tests {
    use super::HttpHost;
    use url::Url;

    fn permits(need: &str, url: &str) -> bool {
        HttpHost::parse(need).expect(need).permits(&Url::parse(url).expect(url))
    }

    #[test]
    fn exactly_that_host_and_port() {
        for (need, url) in [
            ("api.example.com", "https://api.example.com/a"),
            ("api.example.com", "https://API.example.com:443/a"),
            ("api.example.com", "http://api.example.com/a"),
            ("api.example.com:8443", "https://api.example.com:8443/"),
            ("api.example.com:443", "https://api.example.com/"),
            ("192.0.2.1:80", "http://192.0.2.1/"),
            ("192.0.2.1", "https://0xc0.0.2.1/"),
            ("[2001:db8::1]", "https://[2001:DB8:0::1]/"),
            ("[2001:db8::1]:8080", "https://[2001:db8::1]:8080/"),
        ] {
            assert!(permits(need, url), "{need} {url}");
        }
        for (need, url) in [
            ("api.example.com", "https://example.com/"),
            ("api.example.com", "https://x.api.example.com/"),
            ("api.example.com", "https://api.example.com.evil.example/"),
            ("api.example.com", "https://api.example.com./"),
            ("api.example.com", "https://api.example.com@evil.example/"),
            ("api.example.com", "https://evil.example/api.example.com"),
            ("api.example.com", "https://api.example.com:8443/"),
            ("api.example.com:443", "http://api.example.com/"),
            ("192.0.2.1", "https://192.0.2.10/"),
            ("api.example.com", "data:api.example.com"),
        ] {
            assert!(!permits(need, url), "{need} {url}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for need in [
            "",
            "*",
            "*.example.com",
            "a b",
            "https://a.example",
            "a.example/",
            "a.example:",
            "a.example:0",
            "a.example:08",
            "a.example:+8",
            "a.example:65536",
            "a.example.",
            "user@a.example",
            "2001:db8::1",
            "A.example",
            "0x7f.1",
            "bücher.example",
            "[::1",
            "a,b",
            "a;b",
            "a.example:80:80",
        ] {
            assert!(HttpHost::parse(need).is_err(), "{need}");
        }
    }
}
