//! Redirect URIs: compared letter by letter (RFC 9700, section 2.1), with the one exception of RFC 8252, section 7.3.

use crate::Client;

/// Addresses of the machine itself, whose port an app finds out when it starts. `localhost` is a name, and names can be
/// somebody else's (RFC 8252, section 8.3).
const LOOPBACK: &[&str] = &["http://127.0.0.1", "http://[::1]"];

/// What a browser runs or opens itself instead of sending it anywhere.
const NEVER: &[&str] =
    &["javascript:", "data:", "vbscript:", "blob:", "file:", "filesystem:", "about:", "view-source:"];

/// Whether a code may go there.
pub(super) fn is_registered(client: &Client, uri: &str) -> bool {
    is_sound(uri) && client.redirect_uris.iter().any(|known| known == uri || is_same_loopback(known, uri))
}

/// What no registration can make good: a fragment, a character that browsers read as another, a script.
fn is_sound(uri: &str) -> bool {
    let plain = uri.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\' | b'"' | b'<' | b'>'));
    let lower = uri.to_ascii_lowercase();
    plain && uri.len() <= 2_048 && !NEVER.iter().any(|scheme| lower.starts_with(scheme))
}

fn is_same_loopback(known: &str, uri: &str) -> bool {
    LOOPBACK.iter().any(|host| {
        let path = |uri: &str| uri.strip_prefix(host).and_then(after_port).map(str::to_owned);
        path(known).is_some_and(|known| path(uri) == Some(known))
    })
}

/// What follows the port, if this is one: `:8080/callback` is `/callback`.
fn after_port(rest: &str) -> Option<&str> {
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (port, rest) = rest.split_at(end);
            port.parse::<u16>().ok().filter(|port| *port != 0)?;
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

/// The origin of a URI of the web; none for an app's own scheme, and for a host that could not stand in a header.
pub(super) fn origin(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let origin = url.origin().ascii_serialization();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".:/-_[]".contains(&b);
    origin.bytes().all(plain).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::{is_registered, origin};
    use crate::Client;

    fn client(uris: &[&str]) -> Client {
        Client { redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(), ..Client::default() }
    }

    #[test]
    fn letter_by_letter() {
        let client = client(&["https://rp.example/cb", "https://rp.example/q?a=1", "com.example.app:/cb"]);
        for good in ["https://rp.example/cb", "https://rp.example/q?a=1", "com.example.app:/cb"] {
            assert!(is_registered(&client, good), "{good}");
        }
        let bad = [
            "",
            "https://rp.example/cb/",
            "https://rp.example/cb/../evil",
            "https://rp.example/x/../cb",
            "https://rp.example/%63b",
            "https://rp.example/cb%2e",
            "https://rp.example/cb?x=1",
            "https://rp.example/q",
            "https://rp.example/q?a=1&b=2",
            "https://RP.example/cb",
            "HTTPS://rp.example/cb",
            "https://rp.example./cb",
            "https://rp.example:443/cb",
            "https://rp.example@evil.example/cb",
            "https://evil.example\\@rp.example/cb",
            "https://rp.example\\cb",
            "https://rp.example/cb#",
            "https://rp.example/cb#f",
            "http://rp.example/cb",
            " https://rp.example/cb",
            "https://rp.example/cb\n",
            "https://rp.example/cb\u{200b}",
            "com.example.app:/cb/x",
            "com.example.app://cb",
        ];
        for bad in bad {
            assert!(!is_registered(&client, bad), "{bad:?}");
        }
    }

    #[test]
    fn an_app_on_the_machine_chooses_its_port_and_nothing_else() {
        let client = client(&["http://127.0.0.1/cb", "http://[::1]:1234/cb", "http://localhost:8080/cb"]);
        for good in [
            "http://127.0.0.1/cb",
            "http://127.0.0.1:51004/cb",
            "http://[::1]/cb",
            "http://localhost:8080/cb",
        ] {
            assert!(is_registered(&client, good), "{good}");
        }
        let bad = [
            "http://localhost:8081/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:80.evil.example/cb",
            "http://127.0.0.2/cb",
            "http://127.1/cb",
            "http://127.0.0.1:80/cb/",
            "http://127.0.0.1:80/cb?x",
            "https://127.0.0.1/cb",
            "http://[::1]/other",
        ];
        for bad in bad {
            assert!(!is_registered(&client, bad), "{bad:?}");
        }
    }

    #[test]
    fn what_is_registered_by_mistake_is_refused_all_the_same() {
        let bad = [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "https://rp.example/#",
            "https://a\\b",
        ];
        for bad in bad {
            assert!(!is_registered(&client(&[bad]), bad), "{bad:?}");
        }
    }

    #[test]
    fn an_origin_can_stand_in_a_header() {
        assert_eq!(origin("https://rp.example:8443/cb?x").as_deref(), Some("https://rp.example:8443"));
        assert_eq!(origin("http://[::1]:80/cb").as_deref(), Some("http://[::1]"));
        for none in ["com.example.app:/cb", "https://a;script-src.example/", "https://a,b/", "nonsense"] {
            assert_eq!(origin(none), None, "{none}");
        }
    }
}
