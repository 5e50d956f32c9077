//! The check of a session that is any of a million, with what the caches hold and with what they do not, against a
//! bare poem handler over the same path; and that a session which was ended is refused by the very next check.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a bench says what it found and left out")]

mod bare_server;
mod fill;
mod guarded;
mod inside;
mod process;
mod rounds;
mod server;
mod sockets;

use fill::{access_token, any_of};
use gatewright::{Plugins, config::Sources, settings};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, PlainToken};
use inside::{Inside, Place, answered, drive, get, opened, runtime};
use poem::{Endpoint, Response, http::StatusCode};
use rounds::{Column, Race, Turn, size};
use server::{Postgres, Processes};
use sockets::{Generator, SECONDS, Server};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::runtime::Runtime;

/// Sessions that are ended, each checked before and after.
const ENDED: usize = 1_000;
/// Where a server that this bench starts finds the data.
const DATA: &str = "BENCH_DATA";
const STORE: &str = "BENCH_STORE";

const OVER_SOCKETS: &[Column] = &[
    Column { name: "CPU µs", digits: 1 },
    Column { name: "of it the database server", digits: 1 },
    Column { name: "user µs of the server", digits: 1 },
    Column { name: "core busy", digits: 2 },
];

fn people() -> usize {
    size("PEOPLE", 1_000_000)
}

/// Sessions that the caches hold, twice over.
fn hot() -> usize {
    size("HOT", 5_000).min(people())
}

fn count() -> usize {
    size("COUNT", 20_480).next_multiple_of(64)
}

fn toml() -> String {
    let sessions = hot() * 2;
    format!("[cache]\nsessions = {sessions}\ntokens = {}\n[database]\nconnections = 32\n", sessions * 2)
}

fn plugins() -> Plugins {
    Plugins::linked().with_plugin(guarded::descriptor())
}

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
    if server::wants("sqlite") {
        measure(&runtime, "SQLite", Place::Sqlite, None);
    }
    if server::wants("postgres") {
        let server = Postgres::start();
        let database = server.database();
        let processes = runtime.block_on(Processes::of(&database.url()));
        measure(&runtime, "PostgreSQL", Place::Postgres(database.url()), Some(processes));
    }
}

fn measure(runtime: &Runtime, store: &str, place: Place, server: Option<Processes>) {
    let house = Arc::new(runtime.block_on(filled(place)));
    for in_flight in [1, 64] {
        in_process(runtime, (store, in_flight), &house, server);
    }
    runtime.block_on(revocation(store, &house));
    runtime.block_on(house.app.engine.store().close());
    match sockets::can_run() {
        true => over_sockets(store, &house, server),
        false => eprintln!("no sockets: that takes wrk (apt-get install wrk), taskset and two cores"),
    }
}

async fn filled(place: Place) -> Inside {
    let house = Inside::start(place, &toml(), plugins()).await;
    let began = Instant::now();
    fill::fill(&house, 0..people() + ENDED, |_| TenantId::default_tenant()).await;
    eprintln!("{} people filled in within {:.0?}", people() + ENDED, began.elapsed());
    house
}

/// The check alone, the operation, and the bare handler: each with tokens of the hot set and of all.
fn in_process(
    runtime: &Runtime,
    (store, in_flight): (&str, usize),
    house: &Arc<Inside>,
    server: Option<Processes>,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let bare = Arc::new(guarded::bare(guarded::PATH, guarded::reply()));
    let app = &house.app.endpoint;
    let with = |turn: &dyn Fn() -> Turn| server::with(server, count(), turn);
    let check = |of: usize| {
        with(&|| {
            let (house, next) = (house.clone(), next.clone());
            drive(runtime, in_flight, count(), move |_| {
                let (house, number) = (house.clone(), next.fetch_add(1, Ordering::Relaxed));
                async move {
                    let token = PlainToken::received(&access_token(any_of(of, number))).expect("a token");
                    house.app.engine.check(&token, None).await.expect("is good");
                }
            })
        })
    };
    // Races of their own: what is not cached drives out what is. The first round, which does not count, fills.
    for (what, of) in [("cached", hot()), ("uncached", people())] {
        let sessions = people();
        let title = format!("{what}: a check of {of} of {sessions} sessions, {store}, {in_flight} in flight");
        Race::new(&title, server::COLUMNS)
            .case("a bare poem handler", || with(&|| asking(runtime, in_flight, &next, &bare, of)))
            .case("`Engine::check`", || check(of))
            .case("a minimal guarded operation", || with(&|| asking(runtime, in_flight, &next, app, of)))
            .run();
    }
}

fn asking<E>(
    runtime: &Runtime,
    in_flight: usize,
    next: &Arc<AtomicUsize>,
    endpoint: &Arc<E>,
    of: usize,
) -> Turn
where
    E: Endpoint<Output = Response> + 'static,
{
    let (next, endpoint) = (next.clone(), endpoint.clone());
    drive(runtime, in_flight, count(), move |_| {
        let (endpoint, number) = (endpoint.clone(), next.fetch_add(1, Ordering::Relaxed));
        async move {
            let token = access_token(any_of(of, number));
            answered(&endpoint, get(guarded::PATH, &token, number)).await;
        }
    })
}

/// Not a figure: a revocation that holds a moment later would make all others worthless.
async fn revocation(store: &str, house: &Inside) {
    let engine = &house.app.engine;
    let began = Instant::now();
    for number in people()..people() + ENDED {
        let text = access_token(number);
        let token = PlainToken::received(&text).expect("a token");
        for _ in 0..2 {
            engine.check(&token, None).await.expect("is good");
        }
        engine.end_by_token(&token, &Origin::local("bench")).await.expect("ends");
        let refused = engine.check(&token, None).await.expect_err("an ended session is let in");
        assert_eq!(refused.status, 401, "session {number}");
        let reply = house.app.endpoint.call(get(guarded::PATH, &text, number)).await.expect("answers");
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "session {number}");
    }
    let each = began.elapsed() / u32::try_from(ENDED).unwrap();
    println!("\n{store}: {ENDED} sessions ended, each refused at the very next check; {each:.0?} each");
}

fn over_sockets(store: &str, house: &Inside, server: Option<Processes>) {
    let data = house.folder.path();
    let files = [("hot", hot()), ("all", people())].map(|(name, of)| {
        let file = data.join(name);
        fs::write(&file, (0..of).map(|number| access_token(number) + "\n").collect::<String>()).unwrap();
        file
    });
    let address = match &house.place {
        Place::Postgres(url) => url.clone(),
        _ => String::new(),
    };
    let variables = [(DATA, data.display().to_string()), (STORE, address)];
    let bare = Server::start("bare");
    let app = Server::start_with("app", &variables);
    let turn = |one: &Server, tokens: &PathBuf| {
        let used = || server.map_or(0.0, |server| server.cpu().as_secs_f64());
        let before = used();
        let (requests, spent, user) = one.load(Generator::Beside, guarded::PATH, tokens);
        let there = used() - before;
        let each = |seconds: f64| seconds * 1e6 / requests;
        let shown = if server.is_some() { each(there) } else { f64::NAN };
        vec![each(spent + there), shown, each(user), spent / SECONDS as f64]
    };
    for (what, tokens) in ["cached", "uncached"].iter().zip(&files) {
        Race::new(&format!("{what}: a check of {} sessions, {store}, over sockets", people()), OVER_SOCKETS)
            .case("a bare poem handler on a bare hyper loop", || turn(&bare, tokens))
            .case("a minimal guarded operation", || turn(&app, tokens))
            .run();
    }
}

/// What a child does.
async fn serve(name: &str, file: &Path) {
    if name == "bare" {
        let endpoint = Arc::new(guarded::bare(guarded::PATH, guarded::reply()));
        return bare_server::serve(endpoint, |address| sockets::announce(address, file, &[])).await;
    }
    let folder = PathBuf::from(std::env::var(DATA).expect("where the data is"));
    let place = match std::env::var(STORE).expect("what holds it") {
        empty if empty.is_empty() => Place::Sqlite,
        url => Place::Postgres(url),
    };
    let (app, world) = opened(&folder, &place, &toml(), plugins()).await;
    world.hold(fill::THEN);
    let listen = "[http]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    let sources = Sources { memory: Some(("bench.toml".to_owned(), listen)), ..Sources::default() };
    let loaded = settings::load(&plugins(), sources).unwrap();
    let serving = gatewright::serve(app, &loaded).await.unwrap();
    sockets::announce(serving.address, file, &[]);
    std::future::pending::<()>().await;
}
