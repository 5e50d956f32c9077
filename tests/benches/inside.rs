//! An app in this process, built as the server builds it: with the machine's clock and randomness, unlike the kit of
//! the tests, since both are part of what a request costs.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::rounds::{Turn, cost};
use gatewright::{App, Plugins, SystemWorld, build, config::Sources, loader::Runner, settings};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{Origin, Person, people::NewPerson, world::World};
use kit::{Store, TempFolder};
use poem::{
    Addr, Body, Endpoint, Request, Response,
    http::{Request as Plain, StatusCode, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use serde_json::Value;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Runtime;

/// The machine's clock, which can be put ahead or held, and its randomness.
#[derive(Default)]
pub(crate) struct AheadWorld {
    real: SystemWorld,
    ahead: AtomicI64,
    /// 0: not held.
    held: AtomicI64,
}

impl AheadWorld {
    /// From now on it is always this time: sessions that were made then are not noted to be in use, and not over.
    pub(crate) fn hold(&self, at: Timestamp) {
        self.held.store(at.0, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.ahead.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl World for AheadWorld {
    fn now(&self) -> Timestamp {
        // The clock is asked all the same: that is a part of the cost.
        let now = self.real.now().0 + self.ahead.load(Ordering::Relaxed);
        match self.held.load(Ordering::Relaxed) {
            0 => Timestamp(now),
            held => Timestamp(held),
        }
    }

    fn elapsed(&self) -> Duration {
        self.real.elapsed() + Duration::from_micros(self.ahead.load(Ordering::Relaxed).unsigned_abs())
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.real.random(buffer)
    }
}

/// Where the state of an app is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Memory,
    /// A file in the app's own folder.
    Sqlite,
    /// The address of a database.
    Postgres(String),
}

impl Place {
    /// What the configuration says of it.
    fn line(&self) -> String {
        match self {
            Self::Memory => "store = \"memory\"\n".to_owned(),
            Self::Sqlite => String::new(),
            Self::Postgres(url) => format!("store = \"{url}\"\n"),
        }
    }
}

impl From<Store> for Place {
    fn from(store: Store) -> Self {
        match store {
            Store::Memory => Self::Memory,
            Store::Sqlite => Self::Sqlite,
            Store::Postgres => panic!("a bench names its server: `Place::Postgres`"),
        }
    }
}

/// An app with its data.
pub(crate) struct Inside {
    pub(crate) app: App,
    pub(crate) world: Arc<AheadWorld>,
    pub(crate) place: Place,
    pub(crate) folder: Arc<TempFolder>,
}

impl Inside {
    /// On a store of its own; `toml` is what the operator would have written.
    pub(crate) async fn start(place: impl Into<Place>, toml: &str, plugins: Plugins) -> Self {
        Self::again(Arc::new(TempFolder::new()), place.into(), toml, plugins).await
    }

    /// On what another app has left in this folder.
    pub(crate) async fn again(folder: Arc<TempFolder>, place: Place, toml: &str, plugins: Plugins) -> Self {
        let (app, world) = opened(folder.path(), &place, toml, plugins).await;
        Self { app, world, place, folder }
    }

    /// Somebody who has set up one authenticator.
    pub(crate) async fn person(&self, username: &str, authenticator: &str, proof: Value) -> Person {
        let origin = Origin::local("bench");
        let new = NewPerson {
            tenant: TenantId::default_tenant(),
            username: username.to_owned(),
            display_name: Some(format!("{username} Example")),
            email: None,
            administrator: false,
        };
        let person = self.app.engine.create_person(new, &origin).await.expect("a person");
        let bodies = (serde_json::json!({}), proof);
        self.app.engine.enrol_for(&person, authenticator, bodies, &origin).await.expect("a credential");
        person
    }
}

/// An app over data in this folder.
pub(crate) async fn opened(
    folder: &Path,
    place: &Place,
    toml: &str,
    plugins: Plugins,
) -> (App, Arc<AheadWorld>) {
    opened_from(sources(folder, place, toml), plugins).await
}

/// An app of this configuration, with the libraries that it names.
pub(crate) async fn opened_from(sources: Sources, plugins: Plugins) -> (App, Arc<AheadWorld>) {
    let plugins = plugins.with_libraries(sources.clone(), &Runner::default()).await;
    let loaded = settings::load(&plugins, sources).unwrap_or_else(|e| panic!("{e}"));
    let world = Arc::new(AheadWorld::default());
    let app = build(plugins, &loaded, world.clone()).await.unwrap_or_else(|e| panic!("{e}"));
    (app, world)
}

/// A configuration for data in this folder.
pub(crate) fn sources(folder: &Path, place: &Place, toml: &str) -> Sources {
    let store = place.line();
    // What the machine can do is measured, not what one client may.
    let rates = "[http.rate]\nper_second = 0\nsteps_per_second = 0\n[login.rate]\nper_second = 0\n";
    let text = format!("data = \"{}\"\n{store}{rates}{toml}", folder.display());
    Sources { memory: Some(("bench.toml".to_owned(), text)), ..Sources::default() }
}

/// As many workers as there are cores, like the server.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// A turn of `count` operations, so many of which are under way at a time.
pub(crate) fn drive<F, O>(runtime: &Runtime, in_flight: usize, count: usize, one: F) -> Turn
where
    F: Fn(usize) -> O + Clone + Send + 'static,
    O: Future<Output = ()> + Send,
{
    let each = count.div_ceil(in_flight);
    cost(each * in_flight, || {
        runtime.block_on(async {
            let line = |first: usize| {
                let one = one.clone();
                // Spawned, so that nothing runs on the thread that waits.
                tokio::spawn(async move {
                    for number in first..first + each {
                        one(number).await;
                    }
                })
            };
            let lines: Vec<_> = (0..in_flight).map(|i| line(i * each)).collect();
            for line in lines {
                line.await.expect("no operation fails");
            }
        });
    })
}

/// A request as the accept loop hands it over. The caller's address is made of the number: in earnest people don't
/// all come from one, and one address is one row that all would count on.
pub(crate) fn get(path: &str, token: &str, number: usize) -> Request {
    let authorization = format!("Bearer {token}");
    let plain = Plain::builder().method("GET").uri(path).header("host", "id.example");
    let plain = plain.header("user-agent", "bench/1").header("authorization", authorization);
    from(plain.body(()).expect("a request"), Body::empty(), number)
}

pub(crate) fn post(path: &str, body: &Value, number: usize) -> Request {
    let body = body.to_string();
    let plain = Plain::builder().method("POST").uri(path).header("host", "id.example");
    let plain = plain.header("user-agent", "bench/1").header("content-type", "application/json");
    let plain = plain.header("content-length", body.len());
    from(plain.body(()).expect("a request"), Body::from_string(body), number)
}

fn from(plain: Plain<()>, body: Body, number: usize) -> Request {
    let host = u32::try_from(number % 60_000).unwrap_or(0);
    let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 1).to_bits() + host);
    let remote = RemoteAddr(Addr::SocketAddr(SocketAddr::from((address, 40_000))));
    let local = LocalAddr(Addr::SocketAddr(SocketAddr::from(([192, 0, 2, 254], 443))));
    let (parts, ()) = plain.into_parts();
    Request::from_parts((parts, local, remote, Scheme::HTTP).into(), body)
}

/// The reply's body; everything but 200 stops the bench.
pub(crate) async fn answered(endpoint: &impl Endpoint<Output = Response>, request: Request) -> Vec<u8> {
    let mut response = endpoint.call(request).await.unwrap_or_else(poem::Error::into_response);
    let status = response.status();
    let body = response.take_body().into_vec().await.expect("a body");
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
    body
}

/// The same, read as JSON.
pub(crate) async fn answered_json(endpoint: &impl Endpoint<Output = Response>, request: Request) -> Value {
    serde_json::from_slice(&answered(endpoint, request).await).expect("JSON")
}
