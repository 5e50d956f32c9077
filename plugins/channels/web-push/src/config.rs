//! The table `[plugins.web-push]`.

use gatewright_contract::{Fault, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

/// The table `[plugins.web-push]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
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
    /// Hosts of push services that devices may name; `*.example.com` stands for every host below. Devices are people's
    /// own programs: with any other host a message goes nowhere. Default: those of Chrome, Firefox, Safari and Edge.
    pub services: Vec<String>,
}

/// Where the browsers' push services are.
const SERVICES: [&str; 4] =
    ["fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"];

impl Default for Config {
    fn default() -> Self {
        let services = SERVICES.iter().map(|&host| host.to_owned()).collect();
        Self { private_key: None, contact: None, services }
    }
}

/// A default has no secret in it, and nothing else is ever written.
fn masked<S: Serializer>(_: &Option<Secret<String>>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_none()
}

impl Config {
    /// Whether messages may go there.
    pub(crate) fn takes(&self, service: &Url) -> bool {
        let Some(host) = service.host_str() else { return false };
        self.services.iter().any(|one| match one.strip_prefix('*') {
            Some(below) => below.starts_with('.') && host.ends_with(below),
            None => host == one,
        })
    }

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
