//! The app, built for one test and owned by it.

use crate::{Call, Mail, Mailbox, Reply, TempFolder, TestWorld, turn::Turn};
use gatewright::{
    App, Plugins, StartError,
    app::build_for,
    background,
    config::Sources,
    loader::{Reloader, Runner},
    settings,
    store::Access,
};
use gatewright_contract::Registration;
use gatewright_plugin::Descriptor;
use gatewright_test_postgres::Database;
use poem::Endpoint;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Where the state of a test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Memory,
    Sqlite,
    Postgres,
}

/// A running app without a socket; requests go through the front door.
pub struct Kit {
    pub app: Arc<App>,
    pub world: Arc<TestWorld>,
    pub folder: Arc<TempFolder>,
    pub turn: Turn,
    mailbox: Option<Mailbox>,
    again: Again,
}

/// What another node of the same state is made of.
#[derive(Clone)]
struct Again {
    plugins: Plugins,
    toml: String,
    file: Option<PathBuf>,
    env: Vec<(String, String)>,
    /// Held: it is gone with the last node.
    _database: Option<Arc<Database<'static>>>,
}

/// What a test may choose.
pub struct KitBuilder {
    store: Store,
    url: Option<String>,
    folder: Option<Arc<TempFolder>>,
    config: String,
    plugins: Plugins,
    seed: u64,
    alone: bool,
    rated: bool,
    env: Vec<(String, String)>,
    file: Option<PathBuf>,
    mailbox: Option<Mailbox>,
}

/// Cheap hashes: what is tested is not how long they take.
const CHEAP: &str = "[plugins.password]\nmemory_kib = 1024\niterations = 1\n";

/// One address asks everything here, and no time passes.
const UNHURRIED: &str = "[http.rate]\nper_second = 0\nsteps_per_second = 0\n[login.rate]\nper_second = 0\n";

impl Kit {
    /// In memory, with everything that is linked.
    pub async fn memory() -> Self {
        Self::with(Store::Memory).start().await
    }

    /// On a SQLite file of its own.
    pub async fn sqlite() -> Self {
        Self::with(Store::Sqlite).start().await
    }

    /// In a database of its own on the PostgreSQL of this process.
    pub async fn postgres() -> Self {
        Self::with(Store::Postgres).start().await
    }

    /// Another node: the same database, the same keyring, the same clock.
    ///
    /// # Panics
    /// Where the store serves one process only.
    pub async fn second_node(&self) -> Self {
        let turn = Turn::take(false).await;
        let app = app(&self.again, self.world.clone()).await.unwrap_or_else(|error| panic!("{error}"));
        let (world, folder) = (self.world.clone(), self.folder.clone());
        Self { app, world, folder, turn, mailbox: self.mailbox.clone(), again: self.again.clone() }
    }

    /// The same SQLite file after a stop, with other plugins and this configuration besides.
    pub async fn restarted(self, plugins: Plugins, more: &str) -> Self {
        let Self { app, world, folder, turn, mailbox, .. } = self;
        background::shut_down(&app).await;
        drop(app);
        let toml = format!("data = \"{}\"\n{CHEAP}{more}", folder.path().display());
        let again = Again { plugins, toml, file: None, env: Vec::new(), _database: None };
        let app = self::app(&again, world.clone()).await.unwrap_or_else(|error| panic!("{error}"));
        Self { app, world, folder, turn, mailbox, again }
    }

    pub fn with(store: Store) -> KitBuilder {
        let plugins = Plugins::linked();
        KitBuilder {
            store,
            url: None,
            folder: None,
            config: CHEAP.to_owned(),
            plugins,
            seed: 7,
            alone: false,
            rated: false,
            env: Vec::new(),
            file: None,
            mailbox: None,
        }
    }

    /// What a command at the machine builds on the same data, while this app runs.
    pub async fn beside(&self) -> Arc<App> {
        let app = app_for(Access::Command, &self.again, self.world.clone()).await;
        app.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What reloads the libraries of this app from its configuration.
    pub fn reloader(&self) -> Reloader {
        let Again { plugins, .. } = &self.again;
        Reloader::new(self.app.clone(), plugins.clone(), sources(&self.again), Runner::default())
    }

    /// Ends, and leaves its data to the next.
    pub async fn stop(self) -> Arc<TempFolder> {
        background::shut_down(&self.app).await;
        self.folder
    }

    /// Everything that has been sent to people since the last call, after a round of the outbox.
    ///
    /// # Panics
    /// Without [`KitBuilder::mailbox`].
    pub async fn mail(&self) -> Vec<Mail> {
        self.app.outbox.round().await;
        self.mailbox().take()
    }

    /// Where messages arrive.
    ///
    /// # Panics
    /// Without [`KitBuilder::mailbox`].
    pub fn mailbox(&self) -> &Mailbox {
        self.mailbox.as_ref().expect("a kit with a mailbox")
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.world.advance(by);
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Call::post(path).json(body)).await
    }

    pub async fn post_as(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send(Call::post(path).json(body).bearer(token)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Call::get(path)).await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.send(Call::get(path).bearer(token)).await
    }

    pub async fn delete_as(&self, token: &str, path: &str) -> Reply {
        self.send(Call::new("DELETE", path).bearer(token)).await
    }

    /// Any request, through the front door.
    pub async fn send(&self, call: Call) -> Reply {
        let mut response =
            self.app.endpoint.call(call.into_request()).await.expect("the front door answers all");
        let bytes = response.take_body().into_vec().await.expect("a body");
        Reply { status: response.status(), headers: response.headers().clone(), bytes }
    }
}

async fn app(of: &Again, world: Arc<TestWorld>) -> Result<Arc<App>, StartError> {
    app_for(Access::Host, of, world).await
}

async fn app_for(access: Access, of: &Again, world: Arc<TestWorld>) -> Result<Arc<App>, StartError> {
    let plugins = of.plugins.clone().with_libraries(sources(of), &Runner::default()).await;
    let loaded = settings::load(&plugins, sources(of))?;
    build_for(access, plugins, &loaded, world).await.map(Arc::new)
}

fn sources(of: &Again) -> Sources {
    let memory = Some(("test.toml".to_owned(), of.toml.clone()));
    Sources { memory, file: of.file.clone(), env: of.env.clone(), ..Sources::default() }
}

impl KitBuilder {
    /// On the data that another left.
    #[must_use]
    pub fn folder(mut self, folder: Arc<TempFolder>) -> Self {
        self.folder = Some(folder);
        self
    }

    /// With this variable in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Randomness and ids like no other kit's.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// On this database.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// With channels `smtp` and `sms-webhook` that deliver into memory, in the place of the real ones: what they
    /// get is [`Kit::mail`].
    #[must_use]
    pub fn mailbox(mut self) -> Self {
        let mailbox = Mailbox::new();
        self.plugins = mailbox.in_place_of_channels(self.plugins);
        self.config.push_str(&mailbox.config());
        self.mailbox = Some(mailbox);
        self
    }

    /// More configuration, in TOML.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self.config.push('\n');
        self
    }

    /// And with what this file says.
    #[must_use]
    pub fn file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// An authenticator besides the linked ones.
    #[must_use]
    pub fn authenticator(mut self, registration: Registration) -> Self {
        self.plugins = self.plugins.with_authenticator(registration);
        self
    }

    /// A plugin besides the linked ones.
    #[must_use]
    pub fn plugin(mut self, descriptor: Descriptor) -> Self {
        self.plugins = self.plugins.with_plugin(descriptor);
        self
    }

    /// Other plugins than the linked ones.
    #[must_use]
    pub fn plugins(mut self, plugins: Plugins) -> Self {
        self.plugins = plugins;
        self
    }

    /// While no other app runs in this process: for what is measured.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// With limits on how fast requests may come, as in earnest.
    #[must_use]
    pub fn rated(mut self) -> Self {
        self.rated = true;
        self
    }

    pub async fn start(self) -> Kit {
        self.try_start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn try_start(self) -> Result<Kit, StartError> {
        let turn = Turn::take(self.alone).await;
        let folder = self.folder.unwrap_or_default();
        let database = match (self.store, &self.url) {
            (Store::Postgres, None) => Some(Arc::new(gatewright_test_postgres::database())),
            _ => None,
        };
        let store = match (self.store, self.url.or(database.as_ref().map(|d| d.url()))) {
            (_, Some(url)) => format!("store = \"{url}\"\n"),
            (Store::Memory, None) => "store = \"memory\"\n".to_owned(),
            (_, None) => String::new(),
        };
        let data = folder.path().display();
        let rates = if self.rated { "" } else { UNHURRIED };
        let toml = format!("data = \"{data}\"\n{store}{rates}{}", self.config);
        let (plugins, file, env) = (self.plugins, self.file, self.env);
        let again = Again { plugins, toml, file, env, _database: database };
        let world = Arc::new(TestWorld::new(self.seed));
        let app = app(&again, world.clone()).await?;
        Ok(Kit { app, world, folder, turn, mailbox: self.mailbox, again })
    }
}
