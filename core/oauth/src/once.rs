//! What may be shown once: the names (`jti`) of assertions and proofs.

use crate::{Provider, Result, provider::hex};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken,
    store::{Record, StoreError, Write},
};
use serde_json::json;

/// The kind of the record of an assertion of a client that was used.
pub const ASSERTION: &str = "oauth-assertion";

/// The kind of the record of a DPoP proof that was used.
pub const PROOF: &str = "oauth-proof";

impl Provider {
    /// Remembers that this was used, until then. `false`: it was used before. Of two at once one gets `true`, whichever node
    /// they are on.
    ///
    /// # Errors
    /// When the store does not answer: then nobody may take it as unused.
    pub async fn use_once(&self, tenant: &TenantId, kind: &str, key: &str, until: Timestamp) -> Result<bool> {
        let mut record = Record::new(tenant, kind, self.record_id()?, self.engine.now(), &json!({}))?;
        // Of any length when it comes, of one length here.
        record.key = Some(hex(&HashedToken::of(key.as_bytes())));
        record.due = Some(until);
        match self.engine.store().commit(vec![Write::RecordInsert(record)]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}
