//! What a step is handed.

use crate::{CredentialId, PersonId, TenantId, Timestamp, TransactionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, net::IpAddr};

/// One step: where it happens, what the person holds, what was sent.
#[derive(Debug)]
pub struct Call<'a, B, C> {
    /// The same for every authenticator.
    pub scope: &'a Scope,
    /// The person's credentials with this authenticator. **Empty for an unknown person** and for one
    /// who may not log in: the step must then take as long and look the same as for a wrong answer.
    pub credentials: &'a [Held<C>],
    /// What this step is about.
    pub body: B,
}

/// A credential as the host holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Held<C> {
    /// Names it in [`crate::CredentialChange`].
    pub id: CredentialId,
    /// The name that the person gave it.
    pub label: Option<String>,
    /// When it was enrolled.
    pub created: Timestamp,
    /// When it last let the person in.
    pub last_used: Option<Timestamp>,
    /// The document, opened.
    pub doc: C,
}

/// Why this conversation is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Purpose {
    /// To begin a session.
    Login,
    /// To do something dangerous in a session that is there.
    Elevate,
    /// To set up a credential.
    Enrol,
    /// The host sets up a credential for somebody (command line, import): what the person can't send may
    /// be accepted, such as a hash of another system.
    Provision,
    /// To tie an upstream identity to a person who is logged in.
    Link,
    /// To replace a lost password.
    Reset,
    /// To change an e-mail address.
    UpdateEmail,
    /// A device asks outside of any conversation ([`crate::Attend`]).
    Attend,
}

/// Where and for whom a step happens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// The tenant.
    pub tenant: TenantId,
    /// The conversation. Stays the same from challenge to verdict.
    pub transaction: TransactionId,
    /// Why it is held.
    pub purpose: Purpose,
    /// The time of the request, read once.
    pub now: Timestamp,
    /// The person, where the host knows one and may say so.
    pub person: Option<PersonView>,
    /// What the caller says about what the person is approving (shown in a push); not trusted.
    #[serde(default)]
    pub context: Value,
    /// BCP 47 language tag that the person prefers.
    pub locale: Option<String>,
    /// The address that the request comes from, behind trusted proxies.
    pub address: Option<IpAddr>,
    /// TLS client certificate chain (DER, leaf first), empty without.
    #[serde(default)]
    pub peer_certificates: Vec<Vec<u8>>,
    /// Nothing has been proven before this step.
    #[serde(default)]
    pub first: bool,
    /// Where this tenant is found from outside.
    #[serde(default)]
    pub site: Site,
    /// The same for the same claimed name in the same tenant, whether somebody has it or not.
    #[serde(default)]
    pub pseudonym: Pseudonym,
    /// The login name as it was typed; none where nobody was named. In a session it is the person's own.
    #[serde(default)]
    pub claimed: Option<String>,
    /// Which program asks, for what, and from which page.
    #[serde(default)]
    pub asker: Asker,
    /// What the tenant asks of a secret of several parts.
    #[serde(default)]
    pub keypad: Keypad,
}

/// Which program asks, for what, and from which page, as far as the host has seen to it itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asker {
    /// The program, in the words of the door.
    pub client: Option<String>,
    /// The authorization request that a login is for.
    pub request: Option<String>,
    /// The page that asks: the `Origin` of this request (RFC 6454), where it is one of the tenant's own
    /// ([`Site::origins`]). None for any other, and for programs that are no browsers.
    pub origin: Option<String>,
}

/// What a tenant asks of a secret of several parts: every part that there is, is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Keypad {
    /// Digits of a PIN; none: there is no PIN.
    pub pin: Option<u8>,
    /// Points on a side of a pattern; none: there is no pattern.
    pub pattern: Option<u8>,
    /// In which order they are shown: `PIN`, `PATTERN`.
    pub order: Vec<String>,
    /// Whether a PIN is shown while it is typed.
    pub show_pin: bool,
}

/// Where a tenant is found from outside, as its operator has said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The URL of the server without a slash at its end, such as `https://id.example.com`.
    pub url: String,
    /// Origins whose pages may show a login of this tenant (RFC 6454); the URL's own is among them.
    pub origins: Vec<String>,
    /// Relying party id (WebAuthn Level 3, section 4): a domain that all those origins end with.
    pub rp_id: String,
    /// The name that people are shown.
    pub name: String,
}

impl Site {
    /// Where a browser or a device comes back to an authenticator: its route for events ([`crate::Signal`]).
    pub fn callback(&self, authenticator: &str) -> String {
        format!("{}/auth/v1/callback/{authenticator}", self.url)
    }

    /// Where a device asks ([`crate::Attend`]).
    pub fn device(&self, authenticator: &str) -> String {
        format!("{}/auth/v1/device/{authenticator}", self.url)
    }
}

/// 32 bytes that stand for a claimed name: a keyed hash, so that nobody outside can compute it. What is shown to
/// somebody who does not exist (questions, cells, the ids of keys) is derived from it and comes out the same at
/// each try. Not printed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pseudonym(pub [u8; 32]);

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// As much of a person as an authenticator may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The id.
    pub id: PersonId,
    /// The login name, as the person writes it.
    pub username: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the person has proven that it is theirs.
    #[serde(default)]
    pub email_verified: bool,
}
