//! One row of JSON, and a line between two.

use crate::problem::Result;
use gatewright_contract::{Fault, TenantId, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Kinds whose date is their end: who comes later finds nothing, and [`super::Commit::expire`] deletes them. Readers judge
/// the date themselves, since deleting comes when it comes. The date of other kinds means something else.
pub const EXPIRING: &[&str] = &[
    "api-key",
    "block-address",
    "block-person",
    "oauth-code",
    "oauth-device",
    crate::oidc::GRANT,
    "oauth-in-app",
    "oauth-nonce",
    "oauth-once",
    "oauth-par",
    "oauth-request",
    "oauth-revoked",
    "oauth-token",
];

/// Kinds that a cache may keep: asked for with every request and seldom changed. Who is about to change one reads it past
/// the cache ([`super::Records::record_uncached`]).
pub const KEPT: &[&str] = &["oauth-client", crate::oidc::GRANT, "oauth-token"];

/// A row whose shape is its kind's own: `body` is JSON. A secret in it is sealed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The tenant.
    pub tenant: TenantId,
    /// What it is; a constant of the module that keeps it.
    pub kind: String,
    /// Its id, unique among all records.
    pub id: Uuid,
    /// Unique within tenant and kind, where it has one.
    pub key: Option<String>,
    /// What it belongs to, for listing and deleting. What belongs to a session is due when that has ended.
    pub owner: Option<Uuid>,
    /// When something is to be done with it.
    pub due: Option<Timestamp>,
    /// JSON.
    pub body: String,
    /// When it was made.
    pub created: Timestamp,
    /// Grows with each change, begins at 1.
    pub rev: i64,
}

impl Record {
    /// A new one without key, owner and date.
    ///
    /// # Errors
    /// When the value can't be JSON.
    pub fn new<T: Serialize>(
        tenant: &TenantId,
        kind: &str,
        id: Uuid,
        created: Timestamp,
        value: &T,
    ) -> Result<Self> {
        let body = json(value)?;
        Ok(Self {
            tenant: tenant.clone(),
            kind: kind.to_owned(),
            id,
            key: None,
            owner: None,
            due: None,
            body,
            created,
            rev: 1,
        })
    }

    /// The next revision with this value.
    ///
    /// # Errors
    /// When the value can't be JSON.
    pub fn next<T: Serialize>(&self, value: &T) -> Result<Self> {
        Ok(Self { body: json(value)?, rev: self.rev + 1, ..self.clone() })
    }

    /// The value.
    ///
    /// # Errors
    /// When the stored JSON is not one of these.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T> {
        let read = serde_json::from_str(&self.body);
        Ok(read.map_err(|e| Fault::caused(format!("a stored {} can't be read", self.kind), e))?)
    }
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(value).map_err(|e| Fault::caused("a value can't be written as JSON", e))?)
}

/// `from` is linked to `to`: a group to a person who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The tenant of both.
    pub tenant: TenantId,
    /// What it means; a constant of the module that keeps it.
    pub kind: &'static str,
    /// One end.
    pub from: Uuid,
    /// The other.
    pub to: Uuid,
}
