//! What may be shown once: the names (`jti`) of assertions and proofs.

use crate::{Provider, Result, provider::hex};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken,
    store::{Record, StoreError, Write},
};
use serde_json::json;

/// The kind of the record of something that was used; its key is a hash of what it was and its name.
pub const ONCE: &str = "oauth-once";

impl Provider {
    /// Remembers until then that this was used. `kind` is a word of whoever asks, so that names of different things don't
    /// meet. `false`: it was used before. Of two at once one gets `true`, whichever node they are on.
    ///
    /// # Errors
    /// When the store does not answer: then nobody may take it as unused.
    pub async fn use_once(&self, tenant: &TenantId, kind: &str, key: &str, until: Timestamp) -> Result<bool> {
        let mut record = Record::new(tenant, ONCE, self.record_id()?, self.engine.now(), &json!({}))?;
        record.key = Some(key_of(kind, key));
        record.due = Some(until);
        match self.engine.store().commit(vec![Write::RecordInsert(record)]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}

/// Whatever its length, of one length here. Where the first ends is beyond doubt.
fn key_of(kind: &str, key: &str) -> String {
    hex(&HashedToken::of(format!("{} {kind} {key}", kind.len()).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn names_of_different_things_dont_meet() {
        let all =
            [key_of("a", "b"), key_of("a b", ""), key_of("a", " b"), key_of("", "a b"), key_of("a", "c")];
        for (i, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 64);
            assert!(all[i + 1..].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(key_of("a", "b"), all[0]);
    }
}
