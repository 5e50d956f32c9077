//! A credential as it is stored.

use gatewright_contract::{CredentialId, LookupKey, PersonId, TenantId, Timestamp};

/// One credential of one person; the document is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// The id; part of what the seal is bound to.
    pub id: CredentialId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose it is.
    pub person: PersonId,
    /// With which authenticator.
    pub authenticator: String,
    /// Finds it without the person; unique per tenant and authenticator.
    pub lookup: Option<LookupKey>,
    /// The name that the person gave it.
    pub label: Option<String>,
    /// The sealed document.
    pub sealed: Vec<u8>,
    /// Version of the document's shape.
    pub document_version: u32,
    /// When it was enrolled.
    pub created: Timestamp,
    /// When it last let the person in.
    pub last_used: Option<Timestamp>,
    /// Grows with each change.
    pub rev: i64,
}

impl StoredCredential {
    /// What the seal is bound to: a sealed document moved to another row does not open.
    pub fn seal_context(
        tenant: &TenantId,
        person: PersonId,
        authenticator: &str,
        id: CredentialId,
    ) -> String {
        format!("credential|{tenant}|{person}|{authenticator}|{id}")
    }
}
