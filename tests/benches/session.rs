//! What it costs to check a session, held against a bare poem handler with a reply of the same size: in this process,
//! where every layer can be told from the next, and over sockets, which is what a client pays.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says what it leaves out")]

mod bare_server;
mod guarded;
mod inside;
mod process;
mod rounds;
mod sessions;
mod sockets;

use gatewright::{
    Plugins,
    config::Sources,
    http::{Door, HttpConfig, Metrics},
    settings::{self, LogConfig},
};
use gatewright_core::PlainToken;
use inside::{Inside, answered, drive, get, runtime};
use kit::Store;
use poem::{Endpoint, Response};
use rounds::{COST, Race, Turn};
use sessions::SESSIONS;
use sockets::{Generator, Server};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::runtime::Runtime;

const COUNT: usize = 20_000;
const ME: &str = "/auth/v1/me";

fn main() {
    if let Some((name, tokens)) = sockets::wanted() {
        return runtime().block_on(async {
            tokio::select! {
                () = serve(&name, &tokens) => {}
                () = sockets::done_with() => {}
            }
        });
    }
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let house = Arc::new(runtime.block_on(Inside::start(Store::Sqlite, "", plugins())));
    let tokens: Arc<Vec<String>> = Arc::new(runtime.block_on(sessions::fill(&house.app)));
    in_process(&runtime, &house, &tokens);
    first_of_the_minute(&runtime, &house, &tokens);
    drop(house);
    match sockets::can_run() {
        true => over_sockets(),
        false => eprintln!("no sockets: that takes wrk, taskset and two cores"),
    }
}

fn plugins() -> Plugins {
    Plugins::linked().with_plugin(guarded::descriptor())
}

/// Whichever of them: a stride that has no divisor in common with their number.
fn random(tokens: &[String], number: usize) -> &str {
    &tokens[number * 7_919 % SESSIONS]
}

fn asking<E>(runtime: &Runtime, tokens: &Arc<Vec<String>>, endpoint: &Arc<E>, path: &'static str) -> Turn
where
    E: Endpoint<Output = Response> + 'static,
{
    let (tokens, endpoint) = (tokens.clone(), endpoint.clone());
    drive(runtime, 1, COUNT, move |number| {
        let (tokens, endpoint) = (tokens.clone(), endpoint.clone());
        async move {
            answered(&endpoint, get(path, random(&tokens, number), number)).await;
        }
    })
}

fn in_process(runtime: &Runtime, house: &Arc<Inside>, tokens: &Arc<Vec<String>>) {
    let bare = Arc::new(guarded::bare(guarded::PATH, guarded::reply()));
    let described = Arc::new(guarded::described(guarded::reply()));
    let behind = Arc::new(door(guarded::bare(guarded::PATH, guarded::reply())));
    let app = &house.app.endpoint;
    let me = get(ME, random(tokens, 0), 0);
    let me = serde_json::from_slice(&runtime.block_on(answered(app, me))).expect("JSON");
    let bare_me = Arc::new(guarded::bare(ME, me));
    let nothing = {
        let tokens = tokens.clone();
        move |number| {
            drop(get(guarded::PATH, random(&tokens, number), number));
            std::future::ready(())
        }
    };
    let check = {
        let (house, tokens) = (house.clone(), tokens.clone());
        move |number| {
            let (house, tokens) = (house.clone(), tokens.clone());
            async move {
                let token = PlainToken::received(random(&tokens, number)).expect("a token");
                house.app.engine.check(&token, None).await.expect("is good");
            }
        }
    };
    Race::new("one check, in process", COST)
        .case("a bare poem handler", || asking(runtime, tokens, &bare, guarded::PATH))
        .case("of it, making the request", || drive(runtime, 1, COUNT, nothing.clone()))
        .case("the bare handler in poem-openapi", || asking(runtime, tokens, &described, guarded::PATH))
        .case("the bare handler behind the front door", || asking(runtime, tokens, &behind, guarded::PATH))
        .case("`Engine::check` alone", || drive(runtime, 1, COUNT, check.clone()))
        .case("the app: GET /healthz, which is not guarded", || asking(runtime, tokens, app, "/healthz"))
        .case("the app: a minimal guarded operation", || asking(runtime, tokens, app, guarded::PATH))
        .case("the app: GET /auth/v1/me, which reads the person", || asking(runtime, tokens, app, ME))
        .case("a bare poem handler with a reply of the size of me", || asking(runtime, tokens, &bare_me, ME))
        .run();
}

/// Once a minute a check notes that the session is in use, and the next one finds it forgotten by the cache.
fn first_of_the_minute(runtime: &Runtime, house: &Arc<Inside>, tokens: &Arc<Vec<String>>) {
    let check = |in_flight: usize, count: usize| {
        let (house, tokens) = (house.clone(), tokens.clone());
        drive(runtime, in_flight, count, move |number| {
            let (house, tokens) = (house.clone(), tokens.clone());
            async move {
                let token = PlainToken::received(random(&tokens, number)).expect("a token");
                house.app.engine.check(&token, None).await.expect("is good");
            }
        })
    };
    let count = 4_096;
    Race::new("`Engine::check`, 64 in flight: another session each", COST)
        .case("the third within a minute", || {
            check(64, count);
            check(64, count);
            check(64, count)
        })
        .case("the first of a minute: notes that the session is in use", || {
            house.world.advance(Duration::from_secs(61));
            check(64, count)
        })
        .case("the second: reads token and session again", || {
            house.world.advance(Duration::from_secs(61));
            check(64, count);
            check(64, count)
        })
        .run();
}

fn over_sockets() {
    let names = ["bare", "bare-here", "bare-behind", "app", "app-logged"];
    let [bare, here, behind, app, logged] = &names.map(Server::start);
    for (generator, where_it_is) in [
        (Generator::Beside, "the generator on another core"),
        (Generator::Together, "the generator on the same core"),
    ] {
        let turn = |server: &Server, path| server.turn(generator, path);
        Race::new(&format!("one check, over sockets, {where_it_is}"), sockets::COLUMNS)
            .case("a bare poem handler on a bare hyper loop", || turn(bare, guarded::PATH))
            .case("the bare handler on our accept loop", || turn(here, guarded::PATH))
            .case("and behind the front door", || turn(behind, guarded::PATH))
            .case("the app, no log: GET /healthz", || turn(app, "/healthz"))
            .case("the app, no log: a minimal guarded operation", || turn(app, guarded::PATH))
            .case("the app, no log: GET /auth/v1/me", || turn(app, ME))
            .case("the app, its log in a file: a minimal guarded operation", || turn(logged, guarded::PATH))
            .run();
    }
}

/// What a child does.
async fn serve(name: &str, file: &Path) {
    let strangers = || (0..SESSIONS).map(|n| format!("gwa_{n:043}")).collect::<Vec<_>>();
    match name {
        "bare" => {
            let endpoint = Arc::new(guarded::bare(guarded::PATH, guarded::reply()));
            bare_server::serve(endpoint, |address| sockets::announce(address, file, &strangers())).await;
        }
        "bare-here" => {
            listen(Arc::new(guarded::bare(guarded::PATH, guarded::reply())), file, &strangers()).await;
        }
        "bare-behind" => {
            listen(Arc::new(door(guarded::bare(guarded::PATH, guarded::reply()))), file, &strangers()).await;
        }
        app => {
            if app == "app-logged" {
                let filter = LogConfig::default().filter;
                let filter = tracing_subscriber::EnvFilter::new(filter);
                tracing_subscriber::fmt()
                    .with_env_filter(filter)
                    .with_writer(std::io::stderr)
                    .with_ansi(false)
                    .init();
            }
            let house = Inside::start(Store::Sqlite, "", plugins()).await;
            let tokens = sessions::fill(&house.app).await;
            let toml = "[http]\nlisten = \"127.0.0.1:0\"\n".to_owned();
            let sources = Sources { memory: Some(("bench.toml".to_owned(), toml)), ..Sources::default() };
            let loaded = settings::load(&plugins(), sources).unwrap();
            let Inside { app, .. } = house;
            let serving = gatewright::serve(app, &loaded).await.unwrap();
            sockets::announce(serving.address, file, &tokens);
            std::future::pending::<()>().await;
        }
    }
}

/// Our accept loop around any endpoint.
async fn listen<E: Endpoint + 'static>(endpoint: Arc<E>, file: &Path, tokens: &[String]) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    sockets::announce(listener.local_addr().unwrap(), file, tokens);
    let metrics = Arc::new(Metrics::new(std::time::SystemTime::now()).unwrap());
    let (_keep, stop) = tokio::sync::watch::channel(false);
    let limits = HttpConfig::default().limits;
    gatewright::http::serve(listener, None, endpoint, limits, metrics, stop).await.unwrap();
}

fn door<E: Endpoint<Output = Response>>(inner: E) -> Door<E> {
    let metrics = Arc::new(Metrics::new(std::time::SystemTime::now()).unwrap());
    let random = Arc::new(|buffer: &mut [u8]| buffer.fill(7));
    let no_words = (Arc::new(|_: &str| None), Arc::new(|_: &str, _: u16, _: &str, _: &str| None));
    let door = Door::new(inner, &HttpConfig::default(), metrics, random, (no_words.0, no_words.1));
    door.unwrap_or_else(|_| panic!("the defaults are in order"))
}
