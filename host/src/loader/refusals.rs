//! What a plugin was refused because its manifest did not ask for it: noted for the operator, and not so often that a
//! plugin in a loop fills the audit log.

use super::json::legible;
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin,
    audit::Event,
    store::{Store, Write},
    world::World,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::Handle;

/// One line for each sort of need within this time.
const WINDOW: Duration = Duration::from_secs(60);
const MAX_DETAIL: usize = 120;

/// A sort of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Kv,
    Tenant,
    Random,
    Log,
    Http,
    Send,
    Service,
}

impl Need {
    fn word(self) -> &'static str {
        match self {
            Self::Kv => "kv",
            Self::Tenant => "tenant",
            Self::Random => "random",
            Self::Log => "log",
            Self::Http => "http",
            Self::Send => "send",
            Self::Service => "service",
        }
    }
}

/// The refusals of one plugin.
pub struct Refusals {
    plugin: String,
    store: Arc<dyn Store>,
    world: Arc<dyn World>,
    /// When a line was last written, and how many were left out since.
    noted: Mutex<BTreeMap<Need, (Duration, u64)>>,
}

impl Refusals {
    /// Of the plugin of this id.
    pub fn new(plugin: &str, store: Arc<dyn Store>, world: Arc<dyn World>) -> Arc<Self> {
        Arc::new(Self { plugin: plugin.to_owned(), store, world, noted: Mutex::default() })
    }

    /// Notes one. `detail`: which of its sort, as the plugin named it.
    pub(super) async fn note(&self, tenant: Option<&TenantId>, need: Need, detail: &str) {
        if let Some(left_out) = self.is_due(need) {
            self.write(tenant, need, detail, left_out).await;
        }
    }

    /// The same from where nothing can be waited for.
    pub(super) fn note_later(self: &Arc<Self>, runtime: &Handle, need: Need) {
        if let Some(left_out) = self.is_due(need) {
            let this = self.clone();
            runtime.spawn(async move { this.write(None, need, "", left_out).await });
        }
    }

    async fn write(&self, tenant: Option<&TenantId>, need: Need, detail: &str, left_out: u64) {
        let what = match detail {
            "" => need.word().to_owned(),
            detail => format!("{}:{}", need.word(), legible(detail, MAX_DETAIL)),
        };
        let plugin = self.plugin.as_str();
        tracing::warn!(
            plugin,
            need = what,
            left_out,
            "a plugin asked for what its manifest does not ask for: refused"
        );
        let nobody = TenantId::default_tenant();
        let event = Event::new(
            "plugin.refused",
            tenant.unwrap_or(&nobody),
            self.world.now(),
            &Origin::local("plugin"),
        )
        .with(plugin)
        .on(format!("need:{what}"))
        .but("not_permitted");
        if let Err(error) = self.store.commit(vec![Write::Audit(event)]).await {
            tracing::error!(plugin, %error, "a refusal could not be written to the audit log");
        }
    }

    /// How many were left out since the last line; `None` while this one is to be left out too.
    fn is_due(&self, need: Need) -> Option<u64> {
        let now = self.world.elapsed();
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        match noted.get_mut(&need) {
            Some((at, left_out)) if now.saturating_sub(*at) < WINDOW => {
                *left_out += 1;
                None
            }
            there => {
                let left_out = there.map_or(0, |(_, left_out)| *left_out);
                noted.insert(need, (now, 0));
                Some(left_out)
            }
        }
    }
}
