//! The table `[plugins.sms-webhook]`.

use gatewright_contract::{Fault, Secret};
use gatewright_core::webhooks::secret_of;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// The table `[plugins.sms-webhook]`. Without `url` there are no text messages and no calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the gateway takes messages, such as `https://sms.example.com/send`. An address that is not public, and
    /// `http://`, must be allowed in `[outgoing]`. Left out: there are no text messages and no calls, and what needs
    /// them is refused.
    #[schemars(length(min = 1, max = 2048))]
    pub url: Option<String>,
    /// What the messages are signed with: `whsec_` and 24 to 64 bytes in base64, which the gateway knows too. Required
    /// with `url`.
    #[serde(skip_serializing)]
    pub secret: Option<Secret<String>>,
    /// Texts in place of the built-in ones, by the name of the template: `otp`, `reset`.
    pub templates: BTreeMap<String, Template>,
}

/// A text in place of the built-in one. A table in it that is named like a language (`de`, `pt-BR`), with `text`, is the
/// text for people who prefer that language. `{site}` is the name of the tenant; the README of the plugin lists the other
/// values.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Template {
    /// The text. Up to 160 characters of the GSM alphabet go into one text message.
    #[schemars(length(min = 1, max = 1000))]
    pub text: Option<String>,
    /// By language.
    #[serde(flatten)]
    pub languages: BTreeMap<String, Words>,
}

/// A text in one language.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The text.
    #[schemars(length(min = 1, max = 1000))]
    pub text: String,
}

/// Where to, and what signs.
pub(crate) struct Gateway {
    pub(crate) url: String,
    pub(crate) secret: Secret<Vec<u8>>,
}

impl Config {
    /// The gateway, where there is one.
    ///
    /// # Errors
    /// [`Fault::Config`], never with the secret in it.
    pub(crate) fn gateway(&self) -> Result<Option<Gateway>, Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        let shape = "`whsec_` and 24 to 64 bytes in base64";
        let secret = match &self.secret {
            Some(text) => Some(secret_of(text).ok_or_else(|| wrong("secret", shape))?),
            None => None,
        };
        let Some(url) = &self.url else { return Ok(None) };
        let fits = Url::parse(url).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none()
        });
        if !fits {
            return Err(wrong("url", "an https URL without user name and password"));
        }
        let secret = secret.ok_or_else(|| {
            wrong("secret", &format!("missing: the gateway must tell us from others ({shape})"))
        })?;
        Ok(Some(Gateway { url: url.clone(), secret }))
    }
}
