//! The table `[plugins.smtp]`.

use gatewright_contract::{Fault, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::IpAddr};

/// The table `[plugins.smtp]`. Without `host` there is no mail.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The mail server, such as `smtp.example.com`. Left out: there is no mail, and what needs it is refused.
    #[schemars(length(min = 1, max = 253))]
    pub host: Option<String>,
    /// Its port. Left out: 587 for `starttls`, 465 for `tls`, 25 for `none`.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// How the connection is protected. `starttls`: it begins in clear text, and nothing is said before it is encrypted.
    /// `tls`: encrypted from the start, which is better where the server has it (RFC 8314). `none`: not at all, for a
    /// server on this machine.
    pub encryption: Encryption,
    /// Accept that mails, with the codes in them, and the password of this table cross the network in clear text to a
    /// server that is not this machine.
    pub allow_plain: bool,
    /// PEM of the certificates to which the server's must lead, as text or as a file; then no others are trusted. Left
    /// out: those that the system trusts.
    #[schemars(extend("x-secret" = true, "x-open-file" = true))]
    #[serde(skip_serializing)]
    pub root_certificates: Option<String>,
    /// The account at the mail server. Left out: none is used.
    #[schemars(length(min = 1, max = 320))]
    pub username: Option<String>,
    /// Its password.
    #[serde(skip_serializing)]
    pub password: Option<Secret<String>>,
    /// Who the mails are from: `login@example.com` or `Example <login@example.com>`. Required with `host`.
    #[schemars(length(min = 3, max = 512))]
    pub from: Option<String>,
    /// Where replies go. Left out: to `from`.
    #[schemars(length(min = 3, max = 512))]
    pub reply_to: Option<String>,
    /// The name with which this server introduces itself. Left out: the domain of `from`.
    #[schemars(length(min = 1, max = 253))]
    pub hello_name: Option<String>,
    /// Seconds for a whole delivery, the connection included; then it is tried again later.
    #[schemars(range(min = 1, max = 40))]
    pub timeout_seconds: u8,
    /// Connections that are kept for the next mail. At most 8 mails are sent at the same time.
    #[schemars(range(max = 8))]
    pub keep_connections: u8,
    /// Seconds after which a connection that was not used is not used again.
    #[schemars(range(min = 1, max = 600))]
    pub keep_seconds: u16,
    /// Texts in place of the built-in ones, by the name of the template: `otp`, `reset`, `magic-link`, `verify`,
    /// `notice`, `address-taken`, `username-taken`.
    pub templates: BTreeMap<String, Template>,
}

/// A text in place of the built-in one; what is left out stays. A table in it that is named like a language (`de`,
/// `pt-BR`), with `subject` and `body`, is the text for people who prefer that language. `{site}` is the name of the
/// tenant; the README of the plugin lists the other values.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Template {
    /// The subject; no code can stand in it, since mail servers log it.
    #[schemars(length(min = 1, max = 256))]
    pub subject: Option<String>,
    /// The text.
    #[schemars(length(min = 1, max = 8192))]
    pub body: Option<String>,
    /// By language.
    #[serde(flatten)]
    pub languages: BTreeMap<String, Words>,
}

/// A text in one language.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The subject.
    #[schemars(length(min = 1, max = 256))]
    pub subject: String,
    /// The text.
    #[schemars(length(min = 1, max = 8192))]
    pub body: String,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Encrypted before anything is said.
    #[default]
    StartTls,
    /// Encrypted from the start.
    Tls,
    /// Not.
    None,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Encryption {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SmtpEncryption".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["starttls", "tls", "none"]})
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            encryption: Encryption::StartTls,
            allow_plain: false,
            root_certificates: None,
            username: None,
            password: None,
            from: None,
            reply_to: None,
            hello_name: None,
            timeout_seconds: 20,
            keep_connections: 2,
            keep_seconds: 30,
            templates: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Where the server listens.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.encryption {
            Encryption::StartTls => 587,
            Encryption::Tls => 465,
            Encryption::None => 25,
        })
    }

    /// What the schema can't say.
    ///
    /// # Errors
    /// [`Fault::Config`], never with a secret in it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if !(1..=40).contains(&self.timeout_seconds) {
            return Err(wrong("timeout_seconds", "1 to 40"));
        }
        match (&self.username, &self.password) {
            (Some(_), None) => return Err(wrong("password", "missing: username needs its password")),
            (None, Some(_)) => return Err(wrong("username", "missing: password is whose?")),
            _ => {}
        }
        let Some(host) = &self.host else { return Ok(()) };
        if host.is_empty() || !host.bytes().all(is_of_a_name) {
            return Err(wrong("host", "the name or address of the mail server, without scheme and port"));
        }
        if self.encryption == Encryption::None && !self.allow_plain && !is_this_machine(host) {
            let message =
                "codes would cross the network in clear text: use starttls or tls (or set allow_plain)";
            return Err(wrong("encryption", message));
        }
        if self.hello_name.as_ref().is_some_and(|name| name.is_empty() || !name.bytes().all(is_of_a_name)) {
            return Err(wrong("hello_name", "the name of a host, such as `id.example.com`"));
        }
        Ok(())
    }
}

pub(crate) fn wrong(key: &str, message: impl Into<String>) -> Fault {
    Fault::Config { key: key.to_owned(), message: message.into() }
}

fn is_of_a_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']')
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
