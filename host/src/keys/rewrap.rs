//! Another key-encryption key, while hosts run: made, then every data key is wrapped under it, then the old ones go.
//! After each of these steps, and between any two data keys, everything opens; who was interrupted begins anew.

use super::{
    error::KeyringError,
    sealed,
    tenants::{DataKeyView, TenantSealer, wrap_context},
};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{
    signing::By,
    store::{StoreError, WrappedKey, Write},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A key-encryption key as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KekView {
    /// Named in what it wrapped.
    pub id: Uuid,
    /// Whether it wraps.
    pub current: bool,
    /// When it was made, where that is known.
    pub made: Option<Timestamp>,
}

/// How often somebody else may change a data key while it is being wrapped anew.
const TRIES: u32 = 5;

impl TenantSealer {
    /// The key-encryption keys, and where they come from.
    pub fn keks(&self) -> (String, Vec<KekView>) {
        let keks = self.keyring.keks();
        let view =
            |kek: &super::kek::Kek| KekView { id: kek.id, current: kek.id == keks.current, made: kek.made };
        (self.keyring.place(), keks.all.iter().map(view).collect())
    }

    /// The data keys of a tenant, newest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn data_keys(&self, tenant: &TenantId) -> Result<Vec<DataKeyView>, Fault> {
        Ok(self.store.keys(tenant).await?.iter().map(DataKeyView::from).collect())
    }

    /// Every tenant that may have keys.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn all_tenants(&self) -> Result<Vec<TenantId>, Fault> {
        self.tenants().await
    }

    /// Makes a key-encryption key in the keyring file; it wraps from now on.
    ///
    /// # Errors
    /// When the keyring is not a file of ours, or can't be written.
    pub async fn new_kek(&self, by: &By<'_>) -> Result<Uuid, Fault> {
        let not_ours = || KeyringError::NotOurs { place: self.keyring.place() };
        let mut alone = self.keyring.alone().await?.ok_or_else(not_ours)?;
        let id = alone.add(&*self.world)?;
        drop(alone);
        self.note("key.made", &[id], by).await?;
        Ok(id)
    }

    /// Wraps the data keys of a tenant under the current key-encryption key; returns how many were not.
    ///
    /// # Errors
    /// When one does not open.
    pub async fn rewrap(&self, tenant: &TenantId, by: &By<'_>) -> Result<u64, Fault> {
        let mut done = 0;
        for key in self.store.keys(tenant).await? {
            done += u64::from(self.rewrap_one(key, by).await?);
        }
        Ok(done)
    }

    async fn rewrap_one(&self, mut key: WrappedKey, by: &By<'_>) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            let plain = self.unwrapped(&key).await?;
            let wrapping = self.keyring.wrapping().await?;
            let kek = wrapping.keks.current()?;
            if sealed::key_of(&key.wrapped) == Some(kek.id) {
                return Ok(false);
            }
            let context = wrap_context(&key.tenant, key.id);
            let to = kek.wrap(&context, &plain)?;
            // What does not open must not take the place of what does.
            if *kek.unwrap(&context, &to)? != *plain {
                return Err(Fault::internal("a data key that was wrapped does not open"));
            }
            let event = DataKeyView::from(&key).event("key.rewrapped", &key.tenant, self.world.now(), by);
            let rewrap = Write::KeyRewrap { id: key.id, from: key.wrapped.clone(), to };
            match self.store.commit(vec![rewrap, Write::Audit(event)]).await {
                Ok(()) => return Ok(true),
                // Somebody else wraps at the same time: under which key?
                Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
            let now = self.store.keys(&key.tenant).await?.into_iter().find(|now| now.id == key.id);
            key = now.ok_or_else(|| Fault::internal("a data key is gone"))?;
        }
        Err(Fault::Conflict)
    }

    /// Takes the key-encryption keys that wrap nothing out of the keyring file; returns which.
    ///
    /// # Errors
    /// When the store or the keyring can't be had.
    pub async fn remove_unused(&self, by: &By<'_>) -> Result<Vec<Uuid>, Fault> {
        // From here on nobody wraps, so that what wraps nothing goes on wrapping nothing.
        let Some(mut alone) = self.keyring.alone().await? else { return Ok(Vec::new()) };
        let used = self.used().await?;
        let current = alone.keks.current;
        let all = alone.keks.all.iter().map(|kek| kek.id);
        let unused: Vec<Uuid> = all.filter(|id| *id != current && !used.contains_key(id)).collect();
        if !unused.is_empty() {
            alone.remove(&unused)?;
        }
        drop(alone);
        self.note("key.removed", &unused, by).await?;
        Ok(unused)
    }

    /// How many data keys each key-encryption key wraps.
    ///
    /// # Errors
    /// When the store does not answer, or a row is damaged: what wraps it is then not known.
    pub async fn used(&self) -> Result<BTreeMap<Uuid, u64>, Fault> {
        let mut used = BTreeMap::new();
        for tenant in self.tenants().await? {
            for key in self.store.keys(&tenant).await? {
                let damaged =
                    || Fault::internal(format!("the data key {} of tenant `{tenant}` is damaged", key.id));
                *used.entry(sealed::key_of(&key.wrapped).ok_or_else(damaged)?).or_insert(0) += 1;
            }
        }
        Ok(used)
    }

    /// The key-encryption keys are the host's: the default tenant's log has their lines.
    async fn note(&self, kind: &str, ids: &[Uuid], by: &By<'_>) -> Result<(), Fault> {
        let (tenant, now) = (TenantId::default_tenant(), self.world.now());
        let line =
            |id: &Uuid| Write::Audit(by.event(kind, &tenant, now).on(format!("key-encryption-key:{id}")));
        match ids {
            [] => Ok(()),
            ids => Ok(self.store.commit(ids.iter().map(line).collect()).await?),
        }
    }
}
