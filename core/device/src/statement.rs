//! The exact bytes that a device signs.

use data_encoding::BASE64URL_NOPAD;
use std::fmt::Write as _;

/// The form of a statement that is signed; a change of it gets another number.
const FORM: &str = "gatewright-device-1";

/// A text that has one meaning: what it is about in the first line, then `name=length:value` in each line, the length
/// in bytes. No value can be taken for another field, and no statement for one about something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement(String);

impl Statement {
    /// About this (`pair`, `decide`, `ask`), at this authenticator of this tenant.
    pub fn new(about: &str, tenant: &str, authenticator: &str) -> Self {
        Self(format!("{FORM} {about}\n")).with("tenant", tenant).with("for", authenticator)
    }

    /// And this field. The order counts.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "{name}={}:{value}", value.len());
        self
    }

    /// The bytes to sign.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Bytes in base64url without padding (RFC 4648, section 5).
pub fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// At most this many bytes out of base64url; `None` for anything else. The length is looked at first.
pub(crate) fn from_base64url(text: &str, most: usize) -> Option<Vec<u8>> {
    if text.len() > most.div_ceil(3) * 4 {
        return None;
    }
    BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() <= most)
}
