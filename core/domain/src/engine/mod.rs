//! The one login engine. Every door calls it; no door adds a check of its own.
//!
//! `begin` → (`challenge` →) `answer` … → [`crate::Grant`]; `invite` → `enrol` for setting something up.

mod address;
mod answer;
mod asker;
mod attend;
mod begin;
mod block;
mod bulk;
mod challenge;
mod claims;
mod credentials;
mod due;
mod enrol;
mod finish;
mod follow;
mod guess;
mod identify;
mod judge;
mod keep;
mod kept;
mod migrate;
mod notice;
mod open;
mod own;
mod provision;
mod pseudonym;
mod remember;
mod reset;
mod sessions;
mod set_up;
mod shown;
mod signal;
mod step;
mod tries;
mod waiting;

pub use begin::Begin;
pub use bulk::Provided;
pub use challenge::Challenged;
pub use claims::ClientClaims;
pub use enrol::{Enrolled, Enrolling, Inviter};
pub use guess::Guess;
pub use migrate::{Migrated, Passing};
pub use open::Anybody;
pub use remember::{Answered, OnDevice};
pub(crate) use sessions::must_be_whole;
pub use shown::{CredentialView, LABEL_MAX};
pub use step::{Next, NextStep, Noted, Progress, Started, Wish};
pub(crate) use tries::begin_anew;

use crate::{
    Catalogue, Origin, Settings, Tenant,
    channel::Channel,
    outbox::Bell,
    problem::{Problem, Result},
    rate::RateLimiter,
    seal::Sealer,
    signing::Signer,
    store::Store,
    token::PlainToken,
    world::{World, random_array},
};
use gatewright_contract::{
    CredentialId, DynAuthenticator, PersonId, SessionId, Site, TenantId, Timestamp, TransactionId,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// Everything that a login needs.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Arc<dyn Sealer>,
    signer: Arc<dyn Signer>,
    world: Arc<dyn World>,
    catalogue: RwLock<Arc<Catalogue>>,
    pub(crate) channels: BTreeMap<String, Arc<dyn Channel>>,
    bell: Bell,
    defaults: Settings,
    rates: Arc<dyn RateLimiter>,
    url: String,
    pseudonyms: Mutex<HashMap<TenantId, [u8; 32]>>,
}

/// What an [`Engine`] is made of.
pub struct Parts {
    /// Storage.
    pub store: Arc<dyn Store>,
    /// Sealing.
    pub sealer: Arc<dyn Sealer>,
    /// Signing.
    pub signer: Arc<dyn Signer>,
    /// Time and randomness.
    pub world: Arc<dyn World>,
    /// The authenticators.
    pub catalogue: Catalogue,
    /// The channels.
    pub channels: Vec<Arc<dyn Channel>>,
    /// Rung when a message has been written.
    pub bell: Bell,
    /// For tenants that have settled nothing themselves.
    pub defaults: Settings,
    /// How fast steps may come.
    pub rates: Arc<dyn RateLimiter>,
    /// The URL under which people reach this server, unless a tenant has settled its own.
    pub url: String,
}

impl Engine {
    /// Puts it together.
    pub fn new(parts: Parts) -> Self {
        Self {
            store: parts.store,
            sealer: parts.sealer,
            signer: parts.signer,
            world: parts.world,
            catalogue: RwLock::new(Arc::new(parts.catalogue)),
            channels: parts.channels.into_iter().map(|c| (c.id().to_owned(), c)).collect(),
            bell: parts.bell,
            defaults: parts.defaults,
            rates: parts.rates,
            url: parts.url,
            pseudonyms: Mutex::default(),
        }
    }

    /// The authenticators as they are now. What it holds stays as it is while somebody goes by it.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts an authenticator in the place of the one of its id: what is asked from now on is asked by the new one, and
    /// what the old one has asked is answered to the old one until it is forgotten.
    pub fn swap(&self, authenticator: Arc<dyn DynAuthenticator>) {
        self.change_catalogue(|now| now.with(authenticator));
    }

    /// Forgets one that has been replaced: what it has asked must be asked anew.
    pub fn forget(&self, authenticator: &str, generation: Option<&str>) {
        self.change_catalogue(|now| now.without(authenticator, generation));
    }

    fn change_catalogue(&self, change: impl FnOnce(&Catalogue) -> Catalogue) {
        let mut now = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::new(change(&now));
    }

    /// The store, for areas that list and show.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The signing keys, for areas that hand out what others verify.
    pub fn signer(&self) -> &Arc<dyn Signer> {
        &self.signer
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Time and randomness.
    pub fn world(&self) -> &dyn World {
        &*self.world
    }

    /// For tenants that have settled nothing themselves.
    pub fn defaults(&self) -> &Settings {
        &self.defaults
    }

    /// What a tenant has settled, or the host's defaults.
    pub fn settings_of<'a>(&'a self, tenant: &'a Tenant) -> &'a Settings {
        tenant.settings.as_ref().unwrap_or(&self.defaults)
    }

    /// Where a tenant is found from outside.
    pub fn site_of(&self, tenant: &Tenant) -> Site {
        crate::site::of(tenant, self.settings_of(tenant), &self.url)
    }

    /// The URL under which a tenant is found from outside, without a slash at its end.
    pub fn url_of<'a>(&'a self, tenant: &'a Tenant) -> &'a str {
        crate::site::url_of(self.settings_of(tenant), &self.url)
    }

    /// A tenant that people log in to.
    ///
    /// # Errors
    /// 404 when it is unknown or disabled, alike.
    pub async fn tenant(&self, id: &TenantId) -> Result<Arc<Tenant>> {
        let found = self.store.tenant(id).await?;
        found.filter(|t| !t.disabled).ok_or_else(|| Problem::not_found("tenant"))
    }

    /// Whether one more step may be made. Every step that costs something asks, once, whatever it is about to find.
    ///
    /// # Errors
    /// 429.
    pub fn admit(&self, tenant: &Tenant, origin: &Origin) -> Result<()> {
        if let Some(address) = origin.address {
            self.rates.address(address).map_err(Problem::too_fast)?;
        }
        self.rates.tenant(&tenant.id, &self.settings_of(tenant).rate).map_err(Problem::too_fast)
    }

    fn token(&self, prefix: &str) -> Result<PlainToken> {
        Ok(PlainToken::new(prefix, &*self.world)?)
    }

    fn credential_id(&self, now: Timestamp) -> Result<CredentialId> {
        Ok(CredentialId::from_parts(now, random_array(&*self.world)?))
    }

    fn transaction_id(&self, now: Timestamp) -> Result<TransactionId> {
        Ok(TransactionId::from_parts(now, random_array(&*self.world)?))
    }

    fn session_id(&self, now: Timestamp) -> Result<SessionId> {
        Ok(SessionId::from_parts(now, random_array(&*self.world)?))
    }

    /// A fresh id for a person.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn person_id(&self, now: Timestamp) -> Result<PersonId> {
        Ok(PersonId::from_parts(now, random_array(&*self.world)?))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("catalogue", &self.catalogue()).finish_non_exhaustive()
    }
}
