//! The signing keys of all tenants: private halves sealed in the store, parsed once and kept here; the public ones
//! as bytes that are ready to be sent.

mod certificate;
mod change;
mod pair;
mod stored;

use super::{
    config::SigningConfig,
    per_tenant::{PerTenant, Read},
    tenants::READS,
};
use crate::pool::Pool;
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{
    seal::Sealer,
    signing::{Algorithm, By, Jwks, KeyState, PublicKey, Rotation, Signer, SigningKey},
    store::Store,
    world::World,
};
use pair::Pair;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use stored::{KIND, Stored};
use tokio::sync::OnceCell;

/// More than a tenant ever has: three algorithms, each with a successor and some that were replaced in a hurry.
const MOST_KEYS: u32 = 1_000;

/// [`Signer`] on the store.
pub struct TenantSigner {
    store: Arc<dyn Store>,
    sealer: Arc<dyn Sealer>,
    world: Arc<dyn World>,
    pool: Arc<Pool>,
    config: SigningConfig,
    tenants: PerTenant<TenantKeys>,
}

/// What is known of a tenant.
struct TenantKeys {
    keys: Vec<Arc<Known>>,
    jwks: Arc<Jwks>,
}

/// A key of one revision; the pair is opened when it first signs.
struct Known {
    stored: Stored,
    pair: Arc<OnceCell<Ready>>,
}

/// A key that signs, and its name.
struct Ready {
    kid: String,
    pair: Pair,
}

/// What [`Signer::current`] hands out.
struct Handle(Arc<OnceCell<Ready>>);

impl TenantSigner {
    /// Over this store.
    pub fn new(
        store: Arc<dyn Store>,
        sealer: Arc<dyn Sealer>,
        world: Arc<dyn World>,
        pool: Arc<Pool>,
        config: SigningConfig,
    ) -> Self {
        Self { store, sealer, world, pool, config, tenants: PerTenant::new() }
    }

    /// What is known of a tenant is read again when it is next needed.
    pub fn forget(&self, tenant: &TenantId) {
        self.tenants.forget(tenant);
    }

    /// The same for all tenants.
    pub fn forget_all(&self) {
        self.tenants.forget_all();
    }

    /// Not older than a second: what another host revokes is out here then, too.
    async fn known(&self, tenant: &TenantId) -> Result<Arc<Read<TenantKeys>>, Fault> {
        let now = self.world.elapsed();
        match self.tenants.fresh(tenant, now) {
            Some(fresh) => Ok(fresh),
            None => {
                let seen = self.tenants.any(tenant);
                self.tenants.read(tenant, seen.as_ref(), now, |known| self.load(tenant, known)).await
            }
        }
    }

    async fn load(
        &self,
        tenant: &TenantId,
        known: Option<Arc<Read<TenantKeys>>>,
    ) -> Result<TenantKeys, Fault> {
        let mut stored = self.stored(tenant).await?;
        let known = known.as_ref().map(|known| known.value.keys.as_slice()).unwrap_or_default();
        for key in stored.iter_mut().filter(|key| key.lacks_certificate()) {
            let before = known.iter().find(|known| known.stored.record.id == key.record.id);
            key.body.certificate = match before.and_then(|known| known.stored.body.certificate.clone()) {
                Some(made) => Some(made),
                None => key.certificate(&*self.sealer).await?,
            };
        }
        let jwks = Arc::new(jwks(&stored)?);
        let keys = stored.into_iter().map(|stored| {
            // The pair of a record never changes.
            let before = known.iter().find(|known| known.stored.record.id == stored.record.id);
            let pair = before.map_or_else(Arc::default, |before| before.pair.clone());
            Arc::new(Known { stored, pair })
        });
        Ok(TenantKeys { keys: keys.collect(), jwks })
    }

    /// The current keys first, then the announced ones, then the retired.
    async fn stored(&self, tenant: &TenantId) -> Result<Vec<Stored>, Fault> {
        let records = self.store.records(tenant, KIND, None, MOST_KEYS).await?;
        let mut all = records.into_iter().map(Stored::read).collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| {
            let order = |k: &Stored| (k.body.state, k.body.algorithm, std::cmp::Reverse(k.record.created));
            order(a).cmp(&order(b)).then_with(|| a.body.kid.cmp(&b.body.kid))
        });
        Ok(all)
    }

    async fn on_the_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let slot = Arc::new(Mutex::new(None));
        let filled = slot.clone();
        let work = move || *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(work());
        self.pool.run(Box::new(work)).await?;
        let done = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        done.unwrap_or_else(|| Err(Fault::internal("the pool dropped a piece of work")))
    }
}

/// The key that signs.
fn signing(known: &TenantKeys, algorithm: Algorithm) -> Option<Arc<Known>> {
    let is_it =
        |k: &&Arc<Known>| k.stored.body.algorithm == algorithm && k.stored.body.state == KeyState::Current;
    known.keys.iter().find(is_it).cloned()
}

fn jwks(keys: &[Stored]) -> Result<Jwks, Fault> {
    let one = |key: &Stored| {
        let mut jwk = key.body.public.clone();
        jwk.insert("kid".to_owned(), json!(key.body.kid));
        jwk.insert("alg".to_owned(), json!(key.body.algorithm));
        jwk.insert("use".to_owned(), json!("sig"));
        if let Some(certificate) = &key.body.certificate {
            jwk.insert("x5c".to_owned(), json!([certificate]));
        }
        Value::Object(jwk)
    };
    let set = json!({"keys": keys.iter().map(one).collect::<Vec<_>>()});
    let body = serde_json::to_vec(&set).map_err(|e| Fault::caused("public keys can't be JSON", e))?;
    let etag = format!("\"{}\"", HEXLOWER.encode(&digest(&SHA256, &body).as_ref()[..16]));
    Ok(Jwks { body: body.into(), etag })
}

impl SigningKey for Handle {
    fn kid(&self) -> &str {
        self.0.get().map_or("", |ready| &ready.kid)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        self.0.get().ok_or_else(|| Fault::internal("a signing key that is not open"))?.pair.sign(message)
    }
}

#[async_trait]
impl Signer for TenantSigner {
    async fn current(&self, tenant: &TenantId, algorithm: Algorithm) -> Result<Arc<dyn SigningKey>, Fault> {
        let mut known = self.known(tenant).await?;
        if signing(&known.value, algorithm).is_none() {
            self.make_first(tenant, algorithm).await?;
        }
        for _ in 0..READS {
            if signing(&known.value, algorithm).is_none() {
                let load = |before| self.load(tenant, before);
                known = self.tenants.read(tenant, Some(&known), self.world.elapsed(), load).await?;
            }
        }
        let gone = || Fault::internal("a signing key is gone as soon as it was made");
        let key = signing(&known.value, algorithm).ok_or_else(gone)?;
        let open = async || {
            let pair = key.stored.pair(&*self.sealer).await?;
            Ok::<_, Fault>(Ready { kid: key.stored.body.kid.clone(), pair })
        };
        key.pair.get_or_try_init(open).await?;
        Ok(Arc::new(Handle(key.pair.clone())))
    }

    async fn public_jwks(&self, tenant: &TenantId) -> Result<Arc<Jwks>, Fault> {
        Ok(self.known(tenant).await?.value.jwks.clone())
    }

    async fn keys(&self, tenant: &TenantId) -> Result<Vec<PublicKey>, Fault> {
        Ok(self.stored(tenant).await?.iter().map(Stored::view).collect())
    }

    async fn rotate(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        how: Rotation,
        by: &By<'_>,
    ) -> Result<Option<String>, Fault> {
        self.replace(tenant, algorithm, how, by).await
    }

    async fn revoke(&self, tenant: &TenantId, kid: &str, by: &By<'_>) -> Result<bool, Fault> {
        self.take_out(tenant, kid, by).await
    }
}
