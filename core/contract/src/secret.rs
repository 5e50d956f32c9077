//! Values that must not leak through a log line, an error or a debug print.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::fmt;
use zeroize::Zeroize;

/// Can be read on purpose ([`Secret::expose`]), never printed and never serialised; wiped when dropped.
///
/// Inside a credential document, which the host seals, name the exception field by field with
/// `#[serde(with = "gatewright_contract::in_sealed_document")]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Every call of this is a place to look at in review.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        // Not through a derived visitor: its "invalid type" message would repeat the value.
        match serde_json::Value::deserialize(d)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("expected a string")),
        }
    }
}

impl JsonSchema for Secret<String> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "password"})
    }
}

/// The one way to put a secret into JSON: inside a credential document or a state, which the host
/// seals before it stores it.
pub mod in_sealed_document {
    use super::Secret;
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use zeroize::Zeroize;

    /// Values that have a text form inside a sealed document.
    pub trait Sealable: Zeroize + Sized {
        /// The text form.
        fn to_text(&self) -> String;
        /// Back from the text form; `None` when it is damaged.
        fn from_text(text: &str) -> Option<Self>;
    }

    impl Sealable for String {
        fn to_text(&self) -> String {
            self.clone()
        }
        fn from_text(text: &str) -> Option<Self> {
            Some(text.to_owned())
        }
    }

    impl Sealable for Vec<u8> {
        fn to_text(&self) -> String {
            BASE64.encode(self)
        }
        fn from_text(text: &str) -> Option<Self> {
            BASE64.decode(text.as_bytes()).ok()
        }
    }

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn serialize<T: Sealable, S: Serializer>(secret: &Secret<T>, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&secret.expose().to_text())
    }

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// When the text is not what [`serialize`] wrote; the message does not repeat it.
    pub fn deserialize<'de, T: Sealable, D: Deserializer<'de>>(d: D) -> Result<Secret<T>, D::Error> {
        let text = String::deserialize(d)?;
        T::from_text(&text)
            .map(Secret::new)
            .ok_or_else(|| D::Error::custom("damaged secret in a sealed document"))
    }
}
