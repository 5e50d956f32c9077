//! The table `[plugins.web-push]`.

use gatewright_contract::{Fault, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

/// The table `[plugins.web-push]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The key by which push services know this server (VAPID, RFC 8292): the 32 bytes of a private key on P-256 in
    /// base64url, as `npx web-push generate-vapid-keys` prints it. Devices subscribe for its public half: with another
    /// key they must be paired anew. Without one nothing is sent.
    #[serde(serialize_with = "masked")]
    pub private_key: Option<Secret<String>>,
    /// How a push service reaches the operator when something is wrong: `mailto:admin@example.com` or an https URL.
    /// Needed with `private_key`.
    pub contact: Option<String>,
}

/// A default has no secret in it, and nothing else is ever written.
fn masked<S: Serializer>(_: &Option<Secret<String>>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_none()
}

impl Config {
    /// What the schema can't say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let is_contact = |text: &String| {
            text.len() <= 256 && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "mailto" | "https"))
        };
        let wrong = |key: &str, message: &str| {
            Err(Fault::Config { key: key.to_owned(), message: message.to_owned() })
        };
        match (&self.private_key, &self.contact) {
            (_, Some(contact)) if !is_contact(contact) => {
                wrong("contact", "`mailto:admin@example.com` or an https URL")
            }
            (Some(_), None) => wrong("contact", "is needed with `private_key` (RFC 8292, section 2.1)"),
            _ => Ok(()),
        }
    }
}
