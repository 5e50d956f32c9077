//! Whether a step costs more where there are more people, or more tenants: the same over databases of several sizes,
//! open side by side.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says how long it prepares")]

mod cheap;
mod crowd;
mod fill;
mod inside;
mod process;
mod rounds;
mod server;
mod tenants;

use cheap::WORD;
use crowd::Crowd;
use fill::{access_token, any_of, username};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, PlainToken, engine::Begin};
use inside::{Inside, Place, answered_json, drive, post, runtime};
use rounds::{Race, Turn, size};
use serde_json::json;
use server::{Postgres, Processes};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};
use tokio::runtime::Runtime;

const IN_FLIGHT: usize = 64;

/// How many people, ascending: `GROWTH=1000,1000000,10000000`.
fn sizes() -> Vec<usize> {
    let text = std::env::var("GROWTH").unwrap_or_else(|_| "1_000,1_000_000".to_owned());
    let size = |part: &str| part.trim().replace('_', "").parse().expect("GROWTH=1000,1000000");
    text.split(',').map(size).collect()
}

fn count() -> usize {
    size("COUNT", 10_240).next_multiple_of(IN_FLIGHT)
}

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    if server::wants("sqlite") {
        tenants::run(&runtime, "SQLite", [Place::Sqlite, Place::Sqlite], None);
        let places = sizes().iter().map(|_| Place::Sqlite).collect();
        people(&runtime, "SQLite", places, None);
    }
    if server::wants("postgres") {
        let server = Postgres::start();
        let [one, many] = &[server.database(), server.database()];
        let processes = runtime.block_on(Processes::of(&one.url()));
        let place = |database: &gatewright_test_postgres::Database<'_>| Place::Postgres(database.url());
        tenants::run(&runtime, "PostgreSQL", [place(one), place(many)], Some(processes));
        let databases: Vec<_> = sizes().iter().map(|_| server.database()).collect();
        people(&runtime, "PostgreSQL", databases.iter().map(place).collect(), Some(processes));
    }
}

fn people(runtime: &Runtime, store: &str, places: Vec<Place>, server: Option<Processes>) {
    let crowds: Vec<Arc<Crowd>> = sizes()
        .into_iter()
        .zip(places)
        .map(|(size, place)| {
            let began = Instant::now();
            let crowd = runtime.block_on(Crowd::gather(place, size));
            eprintln!("{store}: {size} people within {:.0?}", began.elapsed());
            Arc::new(crowd)
        })
        .collect();
    let race = |what: &str, count: usize, one: &dyn Fn(&Arc<Crowd>) -> Turn| {
        let title = format!("{what}, {store}, {IN_FLIGHT} in flight, by the number of people");
        let mut race = Race::new(&title, server::COLUMNS);
        for crowd in &crowds {
            race = race.case(&crowd.size.to_string(), || server::with(server, count, || one(crowd)));
        }
        race.run();
    };
    let all = count();
    let logins = (all / 8).next_multiple_of(IN_FLIGHT);
    race("begin of a login, a random name", all, &|crowd| begin(runtime, crowd, all));
    race("a whole login", logins, &|crowd| login(runtime, crowd, logins));
    race("a check that no cache answers", all, &|crowd| check(runtime, crowd, all));
    race("a rotation", logins, &|crowd| rotate(runtime, crowd, logins));
    for crowd in &crowds {
        runtime.block_on(crowd.house.app.engine.store().close());
    }
}

fn begin(runtime: &Runtime, crowd: &Arc<Crowd>, count: usize) -> Turn {
    let crowd = crowd.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let crowd = crowd.clone();
        async move {
            let name = username(any_of(crowd.filled, crowd.next.fetch_add(1, Ordering::Relaxed)));
            let begin = Begin::login(TenantId::default_tenant(), Some(name));
            crowd.house.app.engine.begin(begin, &Origin::local("login")).await.expect("begins");
        }
    })
}

/// Those who are enrolled take turns, so that nobody logs in twice at a time.
fn login(runtime: &Runtime, crowd: &Arc<Crowd>, count: usize) -> Turn {
    let crowd = crowd.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let crowd = crowd.clone();
        async move {
            let number = crowd.next.fetch_add(1, Ordering::Relaxed);
            log_in(&crowd.house, &crowd::enrolled(number % crowd.enrolled), number).await;
        }
    })
}

async fn log_in(house: &Inside, name: &str, number: usize) {
    let endpoint = &house.app.endpoint;
    let begun = post("/auth/v1/login", &json!({"username": name}), number);
    let begun = answered_json(endpoint, begun).await;
    let answer = json!({"transaction": begun["transaction"], "answer": {"word": WORD}});
    let done = answered_json(endpoint, post("/auth/v1/login/cheap", &answer, number)).await;
    assert_eq!(done["status"], "done", "{done}");
}

fn check(runtime: &Runtime, crowd: &Arc<Crowd>, count: usize) -> Turn {
    let crowd = crowd.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let crowd = crowd.clone();
        async move {
            let number = any_of(crowd.filled, crowd.next.fetch_add(1, Ordering::Relaxed));
            let token = PlainToken::received(&access_token(crowd.stays(number))).expect("a token");
            crowd.house.app.engine.check(&token, None).await.expect("is good");
        }
    })
}

fn rotate(runtime: &Runtime, crowd: &Arc<Crowd>, count: usize) -> Turn {
    let crowd = crowd.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let crowd = crowd.clone();
        async move {
            let token = crowd.rotating.lock().unwrap().pop_front().expect("more than are in flight");
            let grant = crowd.house.app.engine.rotate(&token, &Origin::local("bench")).await;
            crowd.rotating.lock().unwrap().push_back(grant.expect("is good").session_token);
        }
    })
}
