//! How the hosted pages of a tenant look.

use gatewright_contract::Violation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// What stands on an accent in light pages, and behind one in dark pages.
const LIGHT: [u8; 3] = [0xff, 0xff, 0xff];
/// What stands on an accent in dark pages, and behind one.
const DARK: [u8; 3] = [0x1a, 0x1d, 0x23];
/// WCAG 2.2, success criterion 1.4.3.
const LEAST_CONTRAST: f64 = 4.5;
/// Bytes of a picture in the settings themselves.
const LONGEST_PICTURE: usize = 64 * 1024;
const LONGEST_TEXT: usize = 500;

/// How the hosted pages look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// The tenant's picture: an `https` URL, or `data:image/png;base64,…` (also `jpeg`, `webp`, `svg+xml`) of at most
    /// 64 KiB. Default: none.
    pub logo_uri: Option<String>,
    /// Colour of buttons and links, as `#rrggbb`: dark enough for white text on it. Default: a blue.
    pub accent: Option<String>,
    /// The same on dark pages: light enough for a dark text on it. Default: a light blue.
    pub accent_dark: Option<String>,
    /// A sentence below the heading of the login page. Default: none.
    pub welcome: Option<String>,
    /// Whom to ask for help, at the foot of each page. Default: nobody.
    pub help: Option<String>,
}

impl Look {
    /// What can't be shown, or read by everybody.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        let mut say = |field: &str, message: String| {
            broken.push(Violation { code: format!("look.{field}"), message });
        };
        if self.logo_uri.as_deref().is_some_and(|uri| !is_picture(uri)) {
            say("logo_uri", "An https URL, or data:image/…;base64 of at most 64 KiB.".to_owned());
        }
        for (field, colour, against) in
            [("accent", &self.accent, LIGHT), ("accent_dark", &self.accent_dark, DARK)]
        {
            let Some(text) = colour else { continue };
            match rgb(text) {
                None => say(field, format!("`{text}` is not a colour such as #1f5fbf.")),
                Some(read) if contrast(read, against) < LEAST_CONTRAST => say(
                    field,
                    format!(
                        "`{text}` has a contrast of {:.1} to 1 here; people need {LEAST_CONTRAST} to read it. Take a {} one.",
                        contrast(read, against),
                        if against == LIGHT { "darker" } else { "lighter" }
                    ),
                ),
                Some(_) => {}
            }
        }
        for (field, text) in [("welcome", &self.welcome), ("help", &self.help)] {
            let odd = |t: &String| t.len() > LONGEST_TEXT || t.chars().any(char::is_control);
            if text.as_ref().is_some_and(odd) {
                say(field, format!("At most {LONGEST_TEXT} bytes, without control characters."));
            }
        }
        broken
    }
}

/// Whether a page may show it.
pub fn is_picture(uri: &str) -> bool {
    let inline = ["png", "jpeg", "webp", "svg+xml"].iter().any(|kind| {
        let rest = uri.strip_prefix("data:image/").and_then(|rest| rest.strip_prefix(kind));
        rest.and_then(|rest| rest.strip_prefix(";base64,")).is_some_and(|data| {
            data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        })
    });
    // What is in a header of the page must not end there.
    let plain =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'\'' | b'"' | b'<' | b'>' | b'\\');
    let remote = || {
        let https = Url::parse(uri).is_ok_and(|u| u.scheme() == "https" && u.username().is_empty());
        https && uri.len() <= 2048 && uri.bytes().all(plain)
    };
    (inline && uri.len() <= LONGEST_PICTURE) || remote()
}

/// `#rrggbb`.
fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits =
        text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// Contrast of two colours (WCAG 2.2, "contrast ratio").
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let linear = colour.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::{DARK, LIGHT, Look, contrast, is_picture, rgb};

    #[test]
    fn black_on_white_is_21_to_1_and_the_defaults_can_be_read() {
        assert!((contrast([0; 3], LIGHT) - 21.0).abs() < 0.01);
        assert!(contrast(rgb("#1f5fbf").expect("a colour"), LIGHT) >= 4.5);
        assert!(contrast(rgb("#8ab4f8").expect("a colour"), DARK) >= 4.5);
        assert!(Look::default().check().is_empty());
    }

    #[test]
    fn a_colour_that_nobody_can_read_is_refused_with_its_number() {
        let look = Look {
            accent: Some("#ffff00".to_owned()),
            accent_dark: Some("#101010".to_owned()),
            ..Look::default()
        };
        let broken = look.check();
        let codes: Vec<&str> = broken.iter().map(|v| v.code.as_str()).collect();
        assert_eq!(codes, ["look.accent", "look.accent_dark"]);
        assert!(broken[0].message.contains("1.1 to 1"), "{}", broken[0].message);
        for wrong in ["red", "#12345", "#12345g", "#1234567", "url(x)", "#é2345"] {
            let look = Look { accent: Some(wrong.to_owned()), ..Look::default() };
            assert_eq!(look.check().len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_picture_is_https_or_inline_and_can_end_no_header() {
        for good in ["https://example.com/logo.png", "data:image/png;base64,iVBORw0KGgo="] {
            assert!(is_picture(good), "{good}");
        }
        for bad in [
            "http://example.com/logo.png",
            "https://example.com/a;script-src *",
            "https://example.com/a, b",
            "https://user@example.com/logo.png",
            "data:text/html;base64,AAAA",
            "data:image/png;base64,AA\"onload",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_picture(bad), "{bad}");
        }
    }
}
