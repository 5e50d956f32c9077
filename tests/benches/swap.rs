//! A library that is replaced again and again while people log in with it, through the whole front door.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says why a login failed")]

use crate::{
    inside::{AheadWorld, Inside, Place, opened_from, post, runtime, sources},
    memory,
    open_loop::{at_pace, milliseconds_since, quantile},
    rounds::{Column, Race, Turn},
};
use gatewright::{
    App, Plugins, background,
    config::Sources,
    control::{By, Reload, Wanted},
    loader::{Reloader, Runner},
};
use gatewright_core::session::SessionRules;
use kit::{CheapLibrary, TempFolder};
use poem::Endpoint;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{runtime::Runtime, sync::watch, time};
use tracing_subscriber::filter::LevelFilter;

const PEOPLE: usize = 200;
const LOGINS: f64 = 200.0;
/// There and back again, so many times.
const SWAPS: usize = 20;
const EVERY: Duration = Duration::from_millis(1_500);

const CONFIG: &str = "[login.policy]\nfirst = [\"cheap\"]\nsecond_factor = \"never\"\n\
                      [cache]\ntokens = 1000\nsessions = 1000\n";

const COLUMNS: &[Column] = &[
    Column { name: "logins", digits: 0 },
    Column { name: "failed", digits: 0 },
    Column { name: "p50 ms", digits: 2 },
    Column { name: "p99 ms", digits: 2 },
    Column { name: "max ms", digits: 1 },
    Column { name: "longest reload ms", digits: 0 },
    Column { name: "most processes", digits: 0 },
    Column { name: "processes after", digits: 0 },
    Column { name: "host RSS before", digits: 1 },
    Column { name: "after", digits: 1 },
    Column { name: "PSS of all before", digits: 1 },
    Column { name: "after", digits: 1 },
    Column { name: "after to before", digits: 3 },
];

/// A host whose library is another file each time.
struct House {
    app: Arc<App>,
    world: Arc<AheadWorld>,
    reloader: Reloader,
    config: PathBuf,
    versions: [CheapLibrary; 2],
    _folder: Arc<TempFolder>,
    _stop: watch::Sender<bool>,
}

pub(crate) fn run() {
    // Why a login failed is in the log alone.
    tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr).init();
    let (runtime, folder) = (runtime(), Arc::new(TempFolder::new()));
    let house = runtime.block_on(House::start(folder));
    // Caches and allocators fill.
    house.turn(&runtime, 0);
    Race::new(&format!("{LOGINS} logins a second beside {SWAPS} swaps"), COLUMNS)
        .case("without swaps", || house.turn(&runtime, 0))
        .case("with swaps", || house.turn(&runtime, SWAPS))
        .run();
}

fn written(config: &Path, library: &CheapLibrary) {
    fs::write(config, library.table()).expect("a configuration");
}

impl House {
    async fn start(folder: Arc<TempFolder>) -> Self {
        let versions = [CheapLibrary::version(1), CheapLibrary::second_over_the_same_documents()];
        let config = folder.path().join("libraries.toml");
        written(&config, &versions[0]);
        let sources =
            Sources { file: Some(config.clone()), ..sources(folder.path(), &Place::Sqlite, CONFIG) };
        let (app, world) = opened_from(sources.clone(), Plugins::linked()).await;
        let inside = Inside { app, world, place: Place::Sqlite, folder };
        for number in 0..PEOPLE {
            inside.person(&format!("person-{number}"), CheapLibrary::ID, json!({})).await;
        }
        let Inside { app, world, folder, .. } = inside;
        let (app, (stop, stopped)) = (Arc::new(app), watch::channel(false));
        background::start(&app, stopped);
        let reloader = Reloader::new(app.clone(), Plugins::linked(), sources, Runner::default());
        Self { app, world, reloader, config, versions, _folder: folder, _stop: stop }
    }

    /// Logins for as long as all swaps take, with so many of them.
    fn turn(&self, runtime: &Runtime, swaps: usize) -> Turn {
        memory::wait_for_children(1);
        let before = (memory::of(std::process::id()).rss, memory::pss_of_all());
        let (logins, (reloads, most)) = runtime.block_on(async {
            let app = self.app.clone();
            let logins = at_pace(LOGINS, EVERY * (SWAPS as u32 + 1), move |number, due| {
                let app = app.clone();
                async move { login(&app, number).await.map(|()| milliseconds_since(due)) }
            });
            let logins = tokio::spawn(logins);
            let reloads = self.swaps(swaps).await;
            (logins.await.expect("logins"), reloads)
        });
        memory::wait_for_children(1);
        let children = memory::children().len();
        let after = (memory::of(std::process::id()).rss, memory::pss_of_all());
        // What was replaced is forgotten, so that each turn begins as the first.
        self.world.advance(SessionRules::LONGEST_TRANSACTION);
        runtime.block_on(background::forget_generations(&self.app));
        let failed: Vec<&String> = logins.iter().filter_map(|login| login.as_ref().err()).collect();
        failed.iter().for_each(|why| eprintln!("a login failed: {why}"));
        let times: Vec<f64> = logins.iter().filter_map(|login| login.as_ref().ok()).copied().collect();
        vec![
            logins.len() as f64,
            failed.len() as f64,
            quantile(times.clone(), 0.5),
            quantile(times.clone(), 0.99),
            quantile(times, 1.0),
            reloads,
            most as f64,
            children as f64,
            before.0,
            after.0,
            before.1,
            after.1,
            after.1 / before.1,
        ]
    }

    /// Milliseconds that the longest took, and the most processes at a time.
    async fn swaps(&self, count: usize) -> (f64, usize) {
        let (mut longest, mut most) = (f64::NAN, memory::children().len());
        for number in 0..count {
            time::sleep(EVERY).await;
            written(&self.config, &self.versions[(number + 1) % 2]);
            let begun = Instant::now();
            let wanted =
                Wanted { plugin: Some(CheapLibrary::ID.to_owned()), changed_traits: false, by: By::Signal };
            let told = self.reloader.reload(&wanted).await;
            longest = longest.max(milliseconds_since(begun));
            assert!(told.failed.is_empty() && told.swapped.len() == 1, "{told:?}");
            most = most.max(memory::children().len());
        }
        (longest, most)
    }
}

/// Begin, challenge, answer.
async fn login(app: &App, number: usize) -> Result<(), String> {
    let begin = json!({"username": format!("person-{}", number % PEOPLE)});
    let begun = asked(app, "/auth/v1/login", &begin, number).await?;
    let body = json!({"transaction": begun["transaction"]});
    let posed = asked(app, "/auth/v1/login/cheap/challenge", &body, number).await?;
    let body = json!({"transaction": posed["transaction"], "answer": {"code": CheapLibrary::CODE}});
    let done = asked(app, "/auth/v1/login/cheap", &body, number).await?;
    if done["status"] == "done" { Ok(()) } else { Err(done.to_string()) }
}

async fn asked(app: &App, path: &str, body: &Value, number: usize) -> Result<Value, String> {
    let mut reply =
        app.endpoint.call(post(path, body, number)).await.unwrap_or_else(poem::Error::into_response);
    let bytes = reply.take_body().into_vec().await.expect("a body");
    match reply.status().is_success() {
        true => serde_json::from_slice(&bytes).map_err(|e| e.to_string()),
        false => Err(format!("{path}: {} {}", reply.status(), String::from_utf8_lossy(&bytes))),
    }
}
