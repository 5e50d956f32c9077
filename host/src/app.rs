//! From plugins and configuration to something that answers requests.

mod recompose;

use crate::{
    Plugins,
    audit::AuditConfig,
    compose::{ComposeError, Live},
    config::{ConfigReport, Loaded, SystemSecrets},
    countries::Countries,
    http::{Door, HttpConfig, Metrics},
    keys::{Keyring, KeyringError, KeysConfig, Opening, TenantSealer, TenantSigner},
    leader::Leader,
    loader::{self, Generations, LibraryPlugin},
    outbox::{Bells, Outbox},
    outgoing::{Outgoing, OutgoingConfig},
    pool::{Pool, PoolConfig},
    rate::Rates,
    registry::{Running, Started, Stopped},
    services::{Common, HttpFetch, Offered, Services},
    settings::{self, HostConfig},
    store::{self, Access, CacheConfig, DatabaseConfig, OpenError, StoreUrl},
    webhooks::Webhooks,
};
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{
    Catalogue, Engine, Settings, Tenant,
    engine::Parts,
    store::{Store, StoreError, Write},
    world::World,
};
use gatewright_oauth::Provider;
use gatewright_plugin::{Contribution, DocumentSlot, HealthBoard, House, PluginError};
use recompose::Served;
use std::{sync::Arc, time::SystemTime};

/// A host that is ready to serve.
pub struct App {
    /// Everything that is served, behind the front door.
    pub endpoint: Arc<Door<Live>>,
    /// The engine.
    pub engine: Arc<Engine>,
    /// The OpenID provider.
    pub provider: Arc<Provider>,
    /// How the plugins are.
    pub health: Arc<HealthBoard>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The threads for heavy work.
    pub pool: Arc<Pool>,
    /// Whether this node does the background work that one node at a time does.
    pub leader: Arc<Leader>,
    /// The plugins, for health and shutdown.
    pub plugins: Running,
    /// Those of them that come in libraries, to be reloaded.
    pub libraries: Vec<Arc<LibraryPlugin>>,
    /// What the host offers to plugins.
    pub(crate) common: Common,
    /// Ids of the channels.
    pub(crate) channels: Vec<String>,
    /// What seals, and the data keys.
    pub sealer: Arc<TenantSealer>,
    /// The signing keys.
    pub signer: Arc<TenantSigner>,
    /// Sends what happens to whoever asked for it.
    pub webhooks: Arc<Webhooks>,
    /// Delivers messages to people.
    pub outbox: Arc<Outbox>,
    /// Libraries that have been replaced.
    pub generations: Arc<Generations>,
    /// How long the audit log is kept.
    pub audit: AuditConfig,
    /// Whether this is the first start with this store.
    pub is_new: bool,
    /// What is served of all this now.
    served: Served,
}

/// Why a host does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Mistakes in the configuration.
    #[error("the configuration is not in order:\n{0}")]
    Config(#[from] ConfigReport),
    /// Mistakes in the list of plugins, or plugins that could not start.
    #[error("{}", lines(.0))]
    Plugins(Vec<PluginError>),
    /// Plugins that clash.
    #[error("the plugins don't fit together:\n{}", lines(.0))]
    Compose(Vec<ComposeError>),
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The keyring can't be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Something that is needed at start does not work.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// The system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        source: std::io::Error,
    },
}

fn lines(errors: &[impl std::error::Error]) -> String {
    let line = |e: &_| {
        let mut text = format!("{e}");
        let mut next = std::error::Error::source(e);
        while let Some(cause) = next {
            text.push_str(&format!(": {cause}"));
            next = cause.source();
        }
        text
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

impl From<Stopped> for StartError {
    fn from(stopped: Stopped) -> Self {
        match stopped.config.is_empty() {
            true => Self::Plugins(stopped.errors),
            false => stopped.config.into(),
        }
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Builds a host from a list of plugins, a configuration and the world.
///
/// # Errors
/// Everything that is wrong, as one report for each sort.
pub async fn build(plugins: Plugins, loaded: &Loaded, world: Arc<dyn World>) -> Result<App, StartError> {
    build_for(Access::Host, plugins, loaded, world).await
}

/// [`build`] for a host, or for a command that does one thing, beside a running host if need be.
///
/// # Errors
/// Those of [`build`].
pub async fn build_for(
    access: Access,
    plugins: Plugins,
    loaded: &Loaded,
    world: Arc<dyn World>,
) -> Result<App, StartError> {
    plugins.check().map_err(StartError::Plugins)?;
    let (store, sealer, is_new) = open_state(access, loaded, &world).await?;
    let pool = Pool::start(&loaded.section::<PoolConfig>(&["pool"])?, world.clone())
        .map_err(|source| StartError::Io { what: "starting the hashing threads".into(), source })?;
    let pool = Arc::new(pool);
    let offered = Offered::default();
    let outgoing = Arc::new(outgoing(loaded)?);
    let common = Common {
        world: world.clone(),
        store: store.clone(),
        pool: pool.clone(),
        offered: offered.clone(),
        outgoing: outgoing.clone(),
        keyring: sealer.keyring(),
    };
    let signing = loaded.section::<KeysConfig>(&["keys"])?.signing;
    let signer =
        Arc::new(TenantSigner::new(store.clone(), sealer.clone(), world.clone(), pool.clone(), signing));
    let health = Arc::new(HealthBoard::default());
    let found: Vec<_> =
        plugins.libraries().filter(|f| settings::switch(loaded, f.id).enabled).cloned().collect();
    let mut running = plugins.start(loaded, &common, &health).await?;
    let Contribution { mut authenticators, channels, mut services, .. } = contributions(&running.0);
    services.push(Arc::new(HttpFetch::new(outgoing.clone())));
    offered
        .fill(services)
        .map_err(|method| Fault::internal(format!("two plugins offer the service `{method}`")))?;
    let ids: Vec<String> = channels.iter().map(|channel| channel.id().to_owned()).collect();
    let words: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (more, libraries) = loader::begin_all(found, loaded, &common, &words, &health).await?;
    authenticators.extend(contributions(&more).authenticators);
    running.0.extend(more);
    let catalogue = Catalogue::new(authenticators);
    settings::check_keypad(loaded, &catalogue)?;
    let http = loaded.section::<HttpConfig>(&["http"])?;
    let rates = Arc::new(Rates::new(&http.rate, world.clone()));
    let bells = Bells::new(channels.iter().map(|channel| channel.id().to_owned()));
    let engine = Arc::new(Engine::new(Parts {
        store,
        sealer: sealer.clone(),
        signer: signer.clone(),
        world: world.clone(),
        catalogue,
        channels,
        bell: bells.bell(),
        defaults: loaded.section::<Settings>(&["login"])?,
        rates: rates.clone(),
        url: http.url(),
    }));
    let metrics = Metrics::new(started()).map_err(|e| Fault::caused("the metrics can't be set up", e))?;
    let generations = Arc::new(Generations::new(world));
    let built =
        Built { engine, rates, pool, sealer, signer, outgoing, bells, libraries, common, ids, generations };
    assemble(loaded, running, built, health, Arc::new(metrics), is_new)
}

#[allow(clippy::disallowed_methods, reason = "the start of the process, for its metric")]
fn started() -> SystemTime {
    SystemTime::now()
}

/// What is there before the areas.
struct Built {
    engine: Arc<Engine>,
    rates: Arc<Rates>,
    pool: Arc<Pool>,
    sealer: Arc<TenantSealer>,
    signer: Arc<TenantSigner>,
    outgoing: Arc<Outgoing>,
    bells: Bells,
    libraries: Vec<Arc<LibraryPlugin>>,
    common: Common,
    ids: Vec<String>,
    generations: Arc<Generations>,
}

fn assemble(
    loaded: &Loaded,
    plugins: Running,
    built: Built,
    health: Arc<HealthBoard>,
    metrics: Arc<Metrics>,
    is_new: bool,
) -> Result<App, StartError> {
    let Built { engine, rates, pool, sealer, signer, outgoing, bells, libraries, common, ids, generations } =
        built;
    let shown = metrics.clone();
    let countries = Countries::open(loaded)?;
    let services = Arc::new(Services::new("oidc", &[gatewright_oauth::certificate::READ], common.clone()));
    let provider = Arc::new(Provider::new(engine.clone(), outgoing.clone()).with(services));
    let house = House {
        provider: provider.clone(),
        engine: engine.clone(),
        catalogue: engine.catalogue(),
        document: DocumentSlot::default(),
        health: health.clone(),
        metrics: Arc::new(move || shown.render()),
        countries: countries.lookup(),
        version: crate::VERSION,
    };
    let served = Served::new(house, &plugins).map_err(StartError::Compose)?;
    let world_engine = engine.clone();
    let random: crate::http::Random = Arc::new(move |buffer| {
        if world_engine.world().random(buffer).is_err() {
            tracing::error!("no randomness for a request id");
        }
    });
    let live = served.live.clone();
    let (map, words, pace, reach) = (live.clone(), live.clone(), live.clone(), live.clone());
    let door = Door::new(
        live,
        &loaded.section::<HttpConfig>(&["http"])?,
        metrics.clone(),
        random,
        (
            Arc::new(move |path| map.map().allow(path)),
            Arc::new(move |path, status, code, detail| words.map().reword(path, status, code, detail)),
        ),
    )
    .map_err(|mistakes| settings::http_report(loaded, mistakes))?
    .limited(rates, Arc::new(move |path| pace.map().is_unlimited(path)))
    .reached(Arc::new(move |method, path| reach.map().reach(method, path)));
    let leader = Leader::new("background", engine.store().clone(), engine.world())?;
    let webhooks = Webhooks::new(engine.clone(), outgoing, &metrics)
        .map_err(|e| Fault::caused("the metrics of the webhooks can't be set up", e))?;
    let outbox = Outbox::new(engine.clone(), bells, &metrics)
        .map_err(|e| Fault::caused("the metrics of the outbox can't be set up", e))?;
    Ok(App {
        endpoint: Arc::new(door),
        engine,
        provider,
        outbox: Arc::new(outbox),
        webhooks: Arc::new(webhooks),
        health,
        metrics,
        pool,
        leader: Arc::new(leader),
        plugins,
        libraries,
        common,
        channels: ids,
        sealer,
        signer,
        generations,
        audit: loaded.section(&["audit"])?,
        is_new,
        served,
    })
}

/// The one way out.
fn outgoing(loaded: &Loaded) -> Result<Outgoing, ConfigReport> {
    Outgoing::new(&loaded.section::<OutgoingConfig>(&["outgoing"])?)
        .map_err(|e| loaded.problem(&["outgoing", "allow_networks"], e.to_string()).into())
}

fn contributions(running: &[Started]) -> Contribution {
    let mut all = Contribution::default();
    for started in running {
        let one = started.plugin.contribute();
        all.authenticators.extend(one.authenticators);
        all.provisioners.extend(one.provisioners);
        all.channels.extend(one.channels);
        all.services.extend(one.services);
    }
    all
}

/// Opens the store and the keyring that belongs to it, and makes the default tenant where it is new.
async fn open_state(
    access: Access,
    loaded: &Loaded,
    world: &Arc<dyn World>,
) -> Result<(Arc<dyn Store>, Arc<TenantSealer>, bool), StartError> {
    let host: HostConfig = loaded.section(&[])?;
    let url = store_url(loaded, &host)?;
    let cache = loaded.section::<CacheConfig>(&["cache"])?;
    let store = store::open_with(&url, access, &cache).await?;
    let tenant = TenantId::default_tenant();
    let mut is_new = store.tenant(&tenant).await?.is_none();
    let has_keys = !store.keys(&tenant).await?.is_empty();
    let data = (url != StoreUrl::Memory).then_some(host.data.as_path());
    let keys: KeysConfig = loaded.section(&["keys"])?;
    let keyring = Keyring::open(&keys, Opening { data, may_create: !has_keys }, &**world).await?;
    let sealer = Arc::new(TenantSealer::new(keyring, store.clone(), world.clone(), &keys));
    sealer.probe(&tenant).await?;
    sealer.settle_seed(keys.accept_new_seed).await?;
    if is_new {
        let first = Tenant {
            id: tenant.clone(),
            display_name: "Default".to_owned(),
            disabled: false,
            created: world.now(),
            settings: None,
            rev: 1,
        };
        match store.commit(vec![Write::TenantInsert(first)]).await {
            Ok(()) => {}
            // Another node that starts at the same time was first, and makes the first account.
            Err(StoreError::Conflict(_)) => is_new = false,
            Err(other) => return Err(other.into()),
        }
    }
    Ok((store, sealer, is_new))
}

/// Where the state is.
pub(crate) fn store_url(loaded: &Loaded, host: &HostConfig) -> Result<StoreUrl, StartError> {
    let Some(url) = &host.store else { return Ok(StoreUrl::Sqlite(host.data.join("gatewright.db"))) };
    // What a file or a variable holds was read with the configuration.
    let url = url.resolve(&SystemSecrets::new(&[], ""));
    let url = url.map_err(|error| Fault::caused("the address of the store can't be read", error))?;
    Ok(url.expose().parse::<StoreUrl>()?.with(loaded.section::<DatabaseConfig>(&["database"])?))
}
