//! What a step is handed.

use crate::{CredentialId, PersonId, TenantId, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;

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
}
