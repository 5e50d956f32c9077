//! Handles of transactions for dialects whose clients do not carry one: kept under what the client sends back.

use super::Engine;
use crate::{
    HashedToken,
    problem::Result,
    store::{Record, StoreError, Write},
    token::PlainToken,
    world::random_array,
};
use data_encoding::{BASE64, HEXLOWER};
use gatewright_contract::{Fault, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of the record; its key is the hash of what the client sends back. Expired ones are swept up.
pub const KEPT: &str = "oauth-kept";

/// A handle, sealed, base64.
#[derive(Serialize, Deserialize)]
struct Stored {
    sealed: String,
}

impl Engine {
    /// Keeps a handle under a name that nobody can guess, such as the challenge of a passkey.
    ///
    /// # Errors
    /// When the store or the keys can't be had.
    pub async fn keep_handle(
        &self,
        tenant: &TenantId,
        name: &str,
        handle: &PlainToken,
        until: Timestamp,
    ) -> Result<()> {
        let key = key(name);
        let sealed = self.sealer.seal(tenant, &context(&key), handle.expose().as_bytes()).await?;
        let id = Uuid::from_bytes(random_array(&*self.world)?);
        let mut record =
            Record::new(tenant, KEPT, id, self.now(), &Stored { sealed: BASE64.encode(&sealed) })?;
        record.key = Some(key);
        record.due = Some(until);
        Ok(self.store.commit(vec![Write::RecordInsert(record)]).await?)
    }

    /// Takes it: of two parallel tries one gets it.
    ///
    /// # Errors
    /// When the store or the keys can't be had.
    pub async fn take_handle(&self, tenant: &TenantId, name: &str) -> Result<Option<PlainToken>> {
        let key = key(name);
        let found = self.store.record_by_key(tenant, KEPT, &key).await?;
        let Some(record) = found.filter(|record| record.due.is_some_and(|due| due > self.now())) else {
            return Ok(None);
        };
        let gone = Write::RecordDelete(tenant.clone(), KEPT.to_owned(), record.id, record.rev);
        match self.store.commit(vec![gone]).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        let damaged = || Fault::internal("a kept handle is damaged");
        let sealed = BASE64.decode(record.value::<Stored>()?.sealed.as_bytes()).map_err(|_| damaged())?;
        let plain = self.sealer.open(tenant, &context(&key), &sealed).await?;
        Ok(PlainToken::received(std::str::from_utf8(&plain).map_err(|_| damaged())?))
    }
}

fn key(name: &str) -> String {
    HEXLOWER.encode(&HashedToken::of(name.as_bytes()).0)
}

fn context(key: &str) -> String {
    format!("kept-handle|{key}")
}
