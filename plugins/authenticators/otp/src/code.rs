//! A code as it is sent, and in the form in which it is kept.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Host, HostExt as _, Secret};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The longest input that is looked at, in bytes: eight digits with any sensible spacing.
const MAX_TYPED_BYTES: usize = 64;

/// What a code is held against: its HMAC-SHA-256 under a key of its own, in a sealed state. With few tries and a
/// life of minutes a slow hash would buy nothing.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    key: Bytes,
    tag: Bytes,
}

impl Kept {
    /// A code of this many digits, and what is kept of it.
    pub(crate) fn fresh(host: &Host, digits: u8) -> Result<(Secret<String>, Self), Fault> {
        let key: [u8; 32] = host.random_array()?;
        // Of 64 bits: that some codes are likelier than others is one part in 10^11.
        let number = u64::from_le_bytes(host.random_array()?) % 10_u64.pow(u32::from(digits));
        let code = Secret::new(format!("{number:0width$}", width = usize::from(digits)));
        let kept = Self { tag: tag(&key, code.expose().as_bytes()), key: Bytes(key) };
        Ok((code, kept))
    }

    /// The same of another text, such as an address.
    pub(crate) fn tag_of(&self, text: &str) -> Bytes {
        tag(&self.key.0, text.as_bytes())
    }

    /// Whether this tag is the text's.
    pub(crate) fn is_tag_of(&self, text: &str, tag: &Bytes) -> bool {
        verify(&Key::new(HMAC_SHA256, &self.key.0), text.as_bytes(), &tag.0).is_ok()
    }

    /// Whether this is the code, in constant time.
    pub(crate) fn is(&self, typed: &str) -> bool {
        self.is_tag_of(&read(typed), &self.tag)
    }
}

/// White space and hyphens don't count; what is too long is no code.
fn read(typed: &str) -> String {
    match typed.len() {
        0..=MAX_TYPED_BYTES => typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
        _ => String::new(),
    }
}

fn tag(key: &[u8; 32], text: &[u8]) -> Bytes {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(sign(&Key::new(HMAC_SHA256, key), text).as_ref());
    Bytes(bytes)
}

/// Bytes, in base64 (RFC 4648, section 4) where they are written.
#[derive(Clone)]
pub(crate) struct Bytes([u8; 32]);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = BASE64.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom("expected 32 bytes in base64"))
    }
}
