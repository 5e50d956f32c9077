//! The keyring: a key-encryption key in a file of its own, and a data key per tenant that it wraps.

mod file;

pub use file::{Keyring, KeyringError};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{
    seal::Sealer,
    store::{Store, StoreError, WrappedKey, Write},
    world::{World, random_array},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// First byte of everything that is sealed: version of the form `version | key id | nonce | sealed`.
const FORM: u8 = 1;
const HEAD: usize = 1 + 16 + NONCE_LEN;

/// AES-256-GCM (NIST SP 800-38D) with random nonces under one data key a tenant.
pub struct TenantSealer {
    keyring: Keyring,
    store: Arc<dyn Store>,
    world: Arc<dyn World>,
    keys: RwLock<HashMap<TenantId, Arc<TenantKeys>>>,
}

/// The data keys of one tenant; the first seals, all open.
struct TenantKeys(Vec<(Uuid, RandomizedNonceKey)>);

impl TenantSealer {
    /// With this key-encryption key.
    pub fn new(keyring: Keyring, store: Arc<dyn Store>, world: Arc<dyn World>) -> Self {
        Self { keyring, store, world, keys: RwLock::default() }
    }

    /// Proves at start that the key-encryption key fits the data: opens (or makes) the tenant's data key.
    ///
    /// # Errors
    /// When the keyring is not the one that wrapped it.
    pub async fn probe(&self, tenant: &TenantId) -> Result<(), Fault> {
        self.of(tenant).await.map(|_| ())
    }

    async fn of(&self, tenant: &TenantId) -> Result<Arc<TenantKeys>, Fault> {
        if let Some(known) = self.keys.read().unwrap_or_else(PoisonError::into_inner).get(tenant) {
            return Ok(known.clone());
        }
        let mut wrapped = self.store.keys(tenant).await?;
        if wrapped.is_empty() {
            self.make(tenant).await?;
            wrapped = self.store.keys(tenant).await?;
        }
        let keys = wrapped.iter().map(|w| Ok((w.id, self.unwrap(w)?))).collect::<Result<Vec<_>, Fault>>()?;
        let keys = Arc::new(TenantKeys(keys));
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), keys.clone());
        Ok(keys)
    }

    /// Makes the tenant's first data key. Another node may be first: then its key is used.
    async fn make(&self, tenant: &TenantId) -> Result<(), Fault> {
        let id = uuid::Builder::from_random_bytes(random_array(&*self.world)?).into_uuid();
        let plain = Zeroizing::new(random_array::<32>(&*self.world)?);
        let sealed =
            seal_with(&self.keyring.key()?, self.keyring.id(), &wrap_context(tenant, id), &plain[..])?;
        let key = WrappedKey {
            id,
            tenant: tenant.clone(),
            generation: 1,
            wrapped: sealed,
            created: self.world.now(),
        };
        match self.store.commit(vec![Write::KeyInsert(key)]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    fn unwrap(&self, wrapped: &WrappedKey) -> Result<RandomizedNonceKey, Fault> {
        let wrong = || {
            Fault::internal(format!(
                "the data key of tenant `{}` was not wrapped by the key-encryption key in {}: put back the keyring \
                 that belongs to this data",
                wrapped.tenant,
                self.keyring.place()
            ))
        };
        let (id, _) = split(&wrapped.wrapped).ok_or_else(wrong)?;
        if id != self.keyring.id() {
            return Err(wrong());
        }
        let context = wrap_context(&wrapped.tenant, wrapped.id);
        let plain = open_with(&self.keyring.key()?, &context, &wrapped.wrapped).map_err(|_| wrong())?;
        RandomizedNonceKey::new(&AES_256_GCM, &Zeroizing::new(plain)).map_err(|_| wrong())
    }
}

#[async_trait]
impl Sealer for TenantSealer {
    async fn seal(&self, tenant: &TenantId, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let keys = self.of(tenant).await?;
        let (id, key) = keys.0.first().ok_or_else(|| Fault::internal("a tenant without a data key"))?;
        seal_with(key, *id, context, plain)
    }

    async fn open(&self, tenant: &TenantId, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let keys = self.of(tenant).await?;
        let (id, _) = split(sealed).ok_or_else(|| Fault::internal("sealed data is damaged"))?;
        let key = keys.0.iter().find(|(known, _)| *known == id).map(|(_, key)| key);
        open_with(key.ok_or_else(|| Fault::internal("the data key of sealed data is gone"))?, context, sealed)
    }
}

fn wrap_context(tenant: &TenantId, id: Uuid) -> String {
    format!("data-key|{tenant}|{id}")
}

fn split(sealed: &[u8]) -> Option<(Uuid, &[u8])> {
    let (head, rest) = sealed.split_at_checked(HEAD)?;
    (head[0] == FORM).then(|| Some((Uuid::from_slice(&head[1..17]).ok()?, rest)))?
}

fn seal_with(key: &RandomizedNonceKey, id: Uuid, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut text = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut text)
        .map_err(|_| Fault::internal("sealing failed"))?;
    let mut sealed = Vec::with_capacity(HEAD + text.len());
    sealed.push(FORM);
    sealed.extend_from_slice(id.as_bytes());
    sealed.extend_from_slice(nonce.as_ref());
    sealed.append(&mut text);
    Ok(sealed)
}

fn open_with(key: &RandomizedNonceKey, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
    let damaged = || Fault::internal("sealed data does not open: altered, or moved to another place");
    let (_, text) = split(sealed).ok_or_else(damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(&sealed[17..HEAD]).map_err(|_| damaged())?;
    let mut buffer = text.to_vec();
    let plain =
        key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut buffer).map_err(|_| damaged())?;
    let length = plain.len();
    buffer.truncate(length);
    Ok(buffer)
}
