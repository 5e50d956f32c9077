//! What a webhook may be.

use crate::problem::{Problem, Result};
use gatewright_contract::Violation;
use url::Url;

const MAX_URL: usize = 2_048;
const MAX_DESCRIPTION: usize = 256;
const MAX_KINDS: usize = 32;
const MAX_KIND: usize = 64;

/// The URL in its plain form. Whether it may be reached is judged when a request goes out: names change.
pub(super) fn url(text: &str) -> Result<String> {
    let wrong = |message: &str| Problem::violations(vec![violation("url", message)]);
    if text.len() > MAX_URL {
        return Err(wrong("The URL may have at most 2048 bytes."));
    }
    let url = Url::parse(text).map_err(|_| wrong("That is no URL."))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("The URL must begin with https:// and name a host."));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("The URL must have no user name, no password and no fragment."));
    }
    Ok(url.into())
}

/// The events: `person.created`, all of a noun as `person.*`, or everything as `*`.
pub(super) fn kinds(kinds: &[String]) -> Result<()> {
    let word = |text: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        !text.is_empty() && text.bytes().all(fits)
    };
    let known = |kind: &String| {
        kind == "*"
            || (kind.len() <= MAX_KIND
                && kind
                    .split_once('.')
                    .is_some_and(|(noun, verb)| word(noun) && (verb == "*" || verb.split('.').all(word))))
    };
    match (1..=MAX_KINDS).contains(&kinds.len()) && kinds.iter().all(known) {
        true => Ok(()),
        false => Err(Problem::violations(vec![violation(
            "kinds",
            "Name 1 to 32 events, each as `noun.verb`, `noun.*` or `*`.",
        )])),
    }
}

pub(super) fn description(text: Option<&str>) -> Result<()> {
    match text.is_none_or(|text| text.len() <= MAX_DESCRIPTION && !text.chars().any(char::is_control)) {
        true => Ok(()),
        false => Err(Problem::violations(vec![violation(
            "description",
            "At most 256 bytes, without control characters.",
        )])),
    }
}

fn violation(code: &str, message: &str) -> Violation {
    Violation { code: code.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, plain) in [
            ("https://example.org", "https://example.org/"),
            ("HTTPS://Example.ORG:8443/a?b=c", "https://example.org:8443/a?b=c"),
            ("http://10.0.0.1/hook", "http://10.0.0.1/hook"),
        ] {
            assert_eq!(url(text).expect(text), plain);
        }
        let long = format!("https://example.org/{}", "a".repeat(2_048));
        for text in [
            "",
            "example.org",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://",
            "https://a:b@example.org/",
            "https://a@example.org/",
            "https://example.org/#x",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(url(text).expect_err(text).status, 422, "{text}");
        }
    }

    #[test]
    fn events() {
        let judge = |list: &[&str]| kinds(&list.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>()).is_ok();
        assert!(judge(&["*"]) && judge(&["person.*", "session.ended-all"]) && judge(&["a.b.c"]));
        for list in [&[][..], &["person"], &["person."], &[".created"], &["Person.created"], &["per*"], &[""]]
        {
            assert!(!judge(list), "{list:?}");
        }
        assert!(!judge(&["a.b"; 33]));
        assert!(!judge(&[&format!("a.{}", "b".repeat(64))]));
    }
}
