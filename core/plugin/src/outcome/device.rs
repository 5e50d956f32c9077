//! The cookie of a browser that is trusted: what a remembered device keeps ([`OnDevice::Keeps`]), out of reach of
//! scripts.

use super::browser::{secure, set_cookie};
use crate::cookie;
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{Origin, engine::OnDevice};
use poem::Request;
use serde_json::{Value, json};
use std::time::Duration;

/// Its name over plain HTTP.
const NAME: &str = "gatewright_device";
/// Over TLS: no other host and no path can set one of this name (RFC 6265bis, section 4.1.3.2).
const NAME_OVER_TLS: &str = "__Host-gatewright_device";
/// What is longer is none of ours.
const LONGEST: usize = 1024;
/// Where the authenticator does not say how long it remembers: 30 days.
const USUAL: u64 = 2_592_000;
/// The longest name of a browser, in characters.
const LABEL_MAX: usize = 64;

fn name(request: &Request) -> &'static str {
    if secure(request) { NAME_OVER_TLS } else { NAME }
}

/// What the browser's cookie answers for it. One that nobody can read answers nothing, and is refused as that.
pub fn shown_device(request: &Request) -> Option<Value> {
    let value = cookie(request, name(request)).filter(|value| !value.is_empty())?;
    let read = |text: &str| {
        let plain = (text.len() <= LONGEST).then(|| BASE64URL_NOPAD.decode(text.as_bytes()).ok())??;
        serde_json::from_slice(&plain).ok().filter(Value::is_object)
    };
    Some(read(&value).unwrap_or_else(|| json!({})))
}

/// What is said of a browser that is to be trusted: the name that it gives itself.
pub fn trusted(origin: &Origin) -> Value {
    let shown =
        |agent: &String| agent.chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect::<String>();
    match origin.user_agent.as_ref().map(shown) {
        Some(label) => json!({"label": label}),
        None => json!({}),
    }
}

/// `Set-Cookie` for what the browser is to keep from now on, or to forget; none where it stays as it is.
pub fn device_cookie(request: &Request, device: OnDevice) -> Option<String> {
    let (value, seconds) = match device {
        OnDevice::Untouched => return None,
        OnDevice::Refused => (String::new(), 0),
        OnDevice::Keeps(mut kept) => {
            let end = kept.0.as_object_mut().and_then(|members| members.remove("expires_in"));
            let seconds = end.and_then(|seconds| seconds.as_u64()).unwrap_or(USUAL);
            (BASE64URL_NOPAD.encode(kept.0.to_string().as_bytes()), seconds)
        }
    };
    Some(set_cookie(name(request), &value, Duration::from_secs(seconds), secure(request)))
}

#[cfg(test)]
mod tests {
    use super::{device_cookie, shown_device};
    use crate::request::Secure;
    use gatewright_contract::Body;
    use gatewright_core::engine::OnDevice;
    use poem::Request;
    use serde_json::json;

    fn request(cookie: &str, secure: bool) -> Request {
        Request::builder().header("cookie", cookie).extension(Secure(secure)).finish()
    }

    #[test]
    fn what_is_kept_comes_back_and_its_end_is_the_browsers() {
        let kept = OnDevice::Keeps(Body(json!({"a": "b", "expires_in": 60})));
        let set = device_cookie(&request("", true), kept).expect("a cookie");
        assert!(set.starts_with("__Host-gatewright_device="), "{set}");
        assert!(set.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"), "{set}");
        let pair = set.split(';').next().expect("a pair");
        assert_eq!(shown_device(&request(pair, true)), Some(json!({"a": "b"})));
        assert_eq!(shown_device(&request(pair, false)), None, "plain HTTP has a cookie of its own");
    }

    #[test]
    fn what_can_not_be_read_answers_nothing_and_nothing_sent_is_nothing_shown() {
        let long = format!("gatewright_device={}", "e".repeat(2000));
        for cookie in ["gatewright_device=!", "gatewright_device=WzFd", "gatewright_device=e30x", &long] {
            assert_eq!(shown_device(&request(cookie, false)), Some(json!({})), "{cookie}");
        }
        for cookie in ["", "gatewright_device=", "other=e30"] {
            assert_eq!(shown_device(&request(cookie, false)), None, "{cookie}");
        }
    }

    #[test]
    fn what_is_refused_is_cleared_and_what_was_not_asked_stays() {
        assert_eq!(device_cookie(&request("", false), OnDevice::Untouched), None);
        let cleared = device_cookie(&request("", false), OnDevice::Refused);
        assert_eq!(cleared.as_deref(), Some("gatewright_device=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    }
}
