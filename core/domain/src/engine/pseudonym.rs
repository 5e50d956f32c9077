//! Names for people who may not exist.

use super::Engine;
use crate::{
    problem::Result,
    store::{Record, StoreError, Write},
    world::random_array,
};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use data_encoding::BASE64;
use gatewright_contract::{Fault, PersonId, Pseudonym, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const KIND: &str = "pseudonym-key";
const CONTEXT: &str = "pseudonym-key";

/// The key of a tenant, sealed, base64.
#[derive(Serialize, Deserialize)]
struct Stored {
    sealed: String,
}

impl Engine {
    /// The pseudonym of a name in a tenant: HMAC-SHA-256 under a key that the tenant has for nothing else.
    pub(super) async fn pseudonym(&self, tenant: &TenantId, name: &str) -> Result<Pseudonym> {
        let key = self.pseudonym_key(tenant).await?;
        let tag = sign(&Key::new(HMAC_SHA256, &key), name.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Ok(Pseudonym(bytes))
    }

    /// How a person is called for one sector and no other (OpenID Connect Core, section 8.1), in base64url. Nobody
    /// outside can compute it.
    ///
    /// # Errors
    /// When the key of the tenant can't be had.
    pub async fn pairwise(&self, tenant: &TenantId, sector: &str, person: PersonId) -> Result<String> {
        // No login name begins with NUL, so that none shares this with a subject.
        let name = format!("\0subject|{person}|{sector}");
        Ok(data_encoding::BASE64URL_NOPAD.encode(&self.pseudonym(tenant, &name).await?.0))
    }

    async fn pseudonym_key(&self, tenant: &TenantId) -> Result<[u8; 32]> {
        let known = |keys: &std::sync::Mutex<std::collections::HashMap<TenantId, [u8; 32]>>| {
            keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(tenant).copied()
        };
        if let Some(key) = known(&self.pseudonyms) {
            return Ok(key);
        }
        let key = match self.stored_key(tenant).await? {
            Some(key) => key,
            None => self.make_key(tenant).await?,
        };
        self.pseudonyms.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(tenant.clone(), key);
        Ok(key)
    }

    async fn stored_key(&self, tenant: &TenantId) -> Result<Option<[u8; 32]>> {
        let Some(record) = self.store.record_by_key(tenant, KIND, KIND).await? else { return Ok(None) };
        let damaged = || Fault::internal("the key of the pseudonyms is damaged");
        let sealed = BASE64.decode(record.value::<Stored>()?.sealed.as_bytes()).map_err(|_| damaged())?;
        let plain = self.sealer.open(tenant, CONTEXT, &sealed).await?;
        Ok(Some(plain.try_into().map_err(|_| damaged())?))
    }

    /// Of two nodes that make one at the same time the first wins.
    async fn make_key(&self, tenant: &TenantId) -> Result<[u8; 32]> {
        let key: [u8; 32] = random_array(&*self.world)?;
        let now = self.now();
        let sealed = BASE64.encode(&self.sealer.seal(tenant, CONTEXT, &key).await?);
        let id = Uuid::from_bytes(random_array(&*self.world)?);
        let mut record = Record::new(tenant, KIND, id, now, &Stored { sealed })?;
        record.key = Some(KIND.to_owned());
        match self.store.commit(vec![Write::RecordInsert(record)]).await {
            Ok(()) => Ok(key),
            Err(StoreError::Conflict(_)) => {
                let stored = self.stored_key(tenant).await?;
                Ok(stored.ok_or_else(|| Fault::internal("the key of the pseudonyms has gone"))?)
            }
            Err(other) => Err(other.into()),
        }
    }
}
