//! Sealing under a data key per tenant, which the key-encryption key wraps.

use super::{
    config::KeysConfig, error::KeyringError, keyring::Keyring, per_tenant::PerTenant, per_tenant::Read,
    sealed,
};
use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{
    Origin,
    audit::Event,
    seal::Sealer,
    signing::By,
    store::{Store, StoreError, WrappedKey, Write},
    world::{World, random_array},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The first read may be somebody else's, begun before what is looked for was written; the second is not.
pub(super) const READS: u32 = 2;

/// AES-256-GCM with random nonces under the newest data key of a tenant; the older ones go on opening.
pub struct TenantSealer {
    pub(super) keyring: Arc<Keyring>,
    pub(super) store: Arc<dyn Store>,
    pub(super) world: Arc<dyn World>,
    keys: PerTenant<TenantKeys>,
    age: Duration,
}

/// The data keys of one tenant; the first seals, all open.
struct TenantKeys(Vec<Arc<DataKey>>);

struct DataKey {
    id: Uuid,
    key: RandomizedNonceKey,
}

impl TenantKeys {
    fn find(&self, id: Uuid) -> Option<&Arc<DataKey>> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl TenantSealer {
    /// With this keyring, and data keys that live as long as the configuration says.
    pub fn new(keyring: Keyring, store: Arc<dyn Store>, world: Arc<dyn World>, config: &KeysConfig) -> Self {
        Self { keyring: Arc::new(keyring), store, world, keys: PerTenant::new(), age: config.data_key_age() }
    }

    /// Proves at start that the key-encryption key fits the data: opens (or makes) the tenant's data keys.
    ///
    /// # Errors
    /// When the keyring is not the one that wrapped them.
    pub async fn probe(&self, tenant: &TenantId) -> Result<(), Fault> {
        self.sealing(tenant).await.map(|_| ())
    }

    /// The key-encryption keys that it has.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.clone()
    }

    /// What is known of a tenant is read again when it is next needed.
    pub fn forget(&self, tenant: &TenantId) {
        self.keys.forget(tenant);
    }

    /// The same for all tenants.
    pub fn forget_all(&self) {
        self.keys.forget_all();
    }

    /// Makes a new data key, which seals from now on. `None`: somebody else was first, or the tenant has none yet.
    ///
    /// # Errors
    /// When the store or the key-encryption key can't be had.
    pub async fn rotate(&self, tenant: &TenantId, by: &By<'_>) -> Result<Option<i64>, Fault> {
        let newest = self.store.keys(tenant).await?.into_iter().next();
        let Some(newest) = newest else { return Ok(None) };
        self.succeed(&newest, by).await
    }

    /// Gives a successor to every data key that is older than it may be; returns how many.
    ///
    /// # Errors
    /// When the store or the key-encryption key can't be had.
    pub async fn rotate_old(&self) -> Result<u64, Fault> {
        let (now, origin) = (self.world.now(), Origin::local("background"));
        let mut made = 0;
        for tenant in self.tenants().await? {
            let newest = self.store.keys(&tenant).await?.into_iter().next();
            if let Some(newest) = newest.filter(|newest| newest.created.plus(self.age) <= now) {
                match self.succeed(&newest, &By::nobody(&origin)).await {
                    Ok(one) => made += u64::from(one.is_some()),
                    // The others must not wait for it.
                    Err(error) => {
                        tracing::warn!(%tenant, %error, "a data key is too old and has no successor yet")
                    }
                }
            }
        }
        Ok(made)
    }

    /// Every tenant that may have keys.
    pub(super) async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let mut all: Vec<TenantId> = Vec::new();
        loop {
            let page = self.store.tenants(all.last(), 500).await?;
            if page.is_empty() {
                break;
            }
            all.extend(page.into_iter().map(|tenant| tenant.id));
        }
        // It has its key before it has its row.
        let default = TenantId::default_tenant();
        if !all.contains(&default) {
            all.push(default);
        }
        Ok(all)
    }

    async fn succeed(&self, newest: &WrappedKey, by: &By<'_>) -> Result<Option<i64>, Fault> {
        let generation = newest.generation + 1;
        let made = self.make(&newest.tenant, generation, Some(by)).await?;
        self.forget(&newest.tenant);
        Ok(made.then_some(generation))
    }

    /// Makes a data key. `false`: another host was first, and its key is used.
    async fn make(&self, tenant: &TenantId, generation: i64, by: Option<&By<'_>>) -> Result<bool, Fault> {
        let id = uuid::Builder::from_random_bytes(random_array(&*self.world)?).into_uuid();
        let plain = Zeroizing::new(random_array::<32>(&*self.world)?);
        let now = self.world.now();
        let wrapping = self.keyring.wrapping().await?;
        let wrapped = wrapping.keks.current()?.wrap(&wrap_context(tenant, id), &plain[..])?;
        let key = WrappedKey { id, tenant: tenant.clone(), generation, wrapped, created: now };
        let mut writes = vec![Write::KeyInsert(key)];
        if let Some(by) = by {
            writes.push(Write::Audit(by.event("key.rotated", tenant, now).on(format!("data-key:{id}"))));
        }
        match self.store.commit(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// The keys, to seal: a new one that another host has made is among them after a second.
    async fn sealing(&self, tenant: &TenantId) -> Result<Arc<Read<TenantKeys>>, Fault> {
        let now = self.world.elapsed();
        // Who opened before the tenant had a key left an empty list behind.
        match self.keys.fresh(tenant, now).filter(|fresh| !fresh.value.0.is_empty()) {
            Some(fresh) => Ok(fresh),
            None => {
                let seen = self.keys.any(tenant);
                self.keys.read(tenant, seen.as_ref(), now, |known| self.load(tenant, known, true)).await
            }
        }
    }

    /// The key of this id. One that is not known may be new: the tenant's keys are read again.
    async fn opening(&self, tenant: &TenantId, id: Uuid) -> Result<Arc<DataKey>, Fault> {
        let now = self.world.elapsed();
        let mut seen = self.keys.any(tenant);
        for _ in 0..READS {
            if let Some(key) = seen.as_ref().and_then(|seen| seen.value.find(id)) {
                return Ok(key.clone());
            }
            let load = |known| self.load(tenant, known, false);
            seen = Some(self.keys.read(tenant, seen.as_ref(), now, load).await?);
        }
        let found = seen.as_ref().and_then(|seen| seen.value.find(id)).cloned();
        found.ok_or_else(|| Fault::internal(format!("the data key {id} of sealed data is gone")))
    }

    async fn load(
        &self,
        tenant: &TenantId,
        known: Option<Arc<Read<TenantKeys>>>,
        may_make: bool,
    ) -> Result<TenantKeys, Fault> {
        let mut wrapped = self.store.keys(tenant).await?;
        if wrapped.is_empty() && may_make {
            self.make(tenant, 1, None).await?;
            wrapped = self.store.keys(tenant).await?;
        }
        let mut keys = Vec::with_capacity(wrapped.len());
        for one in &wrapped {
            keys.push(match known.as_ref().and_then(|known| known.value.find(one.id)) {
                Some(opened) => opened.clone(),
                None => Arc::new(DataKey { id: one.id, key: self.key_of(one).await? }),
            });
        }
        Ok(TenantKeys(keys))
    }

    async fn key_of(&self, wrapped: &WrappedKey) -> Result<RandomizedNonceKey, Fault> {
        let plain = self.unwrapped(wrapped).await?;
        RandomizedNonceKey::new(&AES_256_GCM, &plain)
            .map_err(|_| Fault::internal("a data key has not its length"))
    }

    /// The data key itself.
    pub(super) async fn unwrapped(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let tenant = || wrapped.tenant.to_string();
        let damaged =
            || Fault::internal(format!("the data key of tenant `{}` is damaged in the store", tenant()));
        let wanted = sealed::key_of(&wrapped.wrapped).ok_or_else(damaged)?;
        let keks = self.keyring.with(wanted).await?;
        let place = || self.keyring.place();
        let kek = keks.find(wanted).ok_or_else(|| KeyringError::Foreign {
            tenant: tenant(),
            wanted,
            place: place(),
            held: keks.ids(),
        })?;
        let opened = kek.unwrap(&wrap_context(&wrapped.tenant, wrapped.id), &wrapped.wrapped);
        opened.map_err(|_| KeyringError::DoesNotOpen { tenant: tenant(), id: wanted, place: place() }.into())
    }

    /// One key may only seal so much.
    async fn spent(&self, tenant: &TenantId, id: Uuid) {
        let origin = Origin::local("background");
        let rotated = async {
            let newest = self.store.keys(tenant).await?.into_iter().next();
            match newest.filter(|newest| newest.id == id) {
                Some(newest) => self.succeed(&newest, &By::nobody(&origin)).await.map(|_| ()),
                None => Ok(()),
            }
        };
        if let Err(error) = rotated.await {
            tracing::warn!(%tenant, %error, "a data key has sealed much and could not be replaced");
        }
    }
}

#[async_trait]
impl Sealer for TenantSealer {
    async fn seal(&self, tenant: &TenantId, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let keys = self.sealing(tenant).await?;
        let newest = keys.value.0.first().ok_or_else(|| Fault::internal("a tenant without a data key"))?;
        let sealed = sealed::seal(&newest.key, newest.id, context, plain)?;
        if sealed::asks_for_rotation(&sealed) {
            self.spent(tenant, newest.id).await;
        }
        Ok(sealed)
    }

    async fn open(&self, tenant: &TenantId, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let id = sealed::key_of(sealed).ok_or_else(|| Fault::internal("sealed data is damaged"))?;
        let key = self.opening(tenant, id).await?;
        sealed::open(&key.key, context, sealed)
    }
}

pub(super) fn wrap_context(tenant: &TenantId, id: Uuid) -> String {
    format!("data-key|{tenant}|{id}")
}

/// A data key as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKeyView {
    /// Named in what it sealed.
    pub id: Uuid,
    /// 1 for the first; the greatest seals.
    pub generation: i64,
    /// When it was made.
    pub created: Timestamp,
    /// The key-encryption key that wraps it; none where the row is damaged.
    pub wrapped_by: Option<Uuid>,
}

impl From<&WrappedKey> for DataKeyView {
    fn from(key: &WrappedKey) -> Self {
        let wrapped_by = sealed::key_of(&key.wrapped);
        Self { id: key.id, generation: key.generation, created: key.created, wrapped_by }
    }
}

impl DataKeyView {
    /// A line of the audit log about it.
    pub(super) fn event(&self, kind: &str, tenant: &TenantId, at: Timestamp, by: &By<'_>) -> Event {
        by.event(kind, tenant, at).on(format!("data-key:{}", self.id))
    }
}
