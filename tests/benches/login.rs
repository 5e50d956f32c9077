//! Logins with a password a second, held against what the hash alone allows: `begin` and `answer` over HTTP on SQLite
//! with twice as many logins under way as there are cores, and `hash::verify` on as many threads as there are cores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod cheap;
mod inside;
mod rounds;

use authenticator_password::hash::{self, Argon2Params};
use gatewright::Plugins;
use inside::{Inside, answered_json, drive, post, runtime};
use kit::{PASSWORD, Store};
use rounds::{COST, Race, cost, thread_cpu};
use serde_json::{Value, json};
use std::{sync::Arc, thread};
use tokio::runtime::Runtime;

/// People who log in, by turns; more than are under way at a time.
const PEOPLE: usize = 64;
/// Hashes in one turn: some seconds.
const COUNT: usize = 240;

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let sqlite = house(&runtime, Store::Sqlite);
    let memory = house(&runtime, Store::Memory);
    let stored =
        Arc::new(hash::hash(PASSWORD.as_bytes(), &[7; 16], &Argon2Params::default()).expect("a hash"));
    let log_in = |house: &Arc<Inside>, in_flight: usize, authenticator: &'static str, count: usize| {
        let house = house.clone();
        drive(&runtime, in_flight, count, move |number| {
            let house = house.clone();
            async move { login(&house, number, authenticator).await }
        })
    };
    Race::new(&format!("a password login, {cores} cores"), COST)
        .case("`hash::verify` on as many threads as cores", || verify(&stored, cores))
        .case("a login, SQLite, twice as many in flight", || log_in(&sqlite, 2 * cores, "password", COUNT))
        .case("a login, SQLite, four times as many", || log_in(&sqlite, 4 * cores, "password", COUNT))
        .case("a login, SQLite, as many in flight as cores", || log_in(&sqlite, cores, "password", COUNT))
        .case("a login, memory, twice as many in flight", || log_in(&memory, 2 * cores, "password", COUNT))
        .run();
    Race::new(
        "what is besides the hash: the same two requests with an authenticator that costs nothing",
        COST,
    )
    .case("a login, SQLite, twice as many in flight as cores", || log_in(&sqlite, 2 * cores, "cheap", 2_000))
    .case("a login, memory, twice as many in flight as cores", || log_in(&memory, 2 * cores, "cheap", 2_000))
    .run();
}

fn house(runtime: &Runtime, store: Store) -> Arc<Inside> {
    runtime.block_on(async {
        let plugins = Plugins::linked().with_authenticator(cheap::registration());
        let inside = Inside::start(store, "", plugins).await;
        for number in 0..PEOPLE {
            inside.person(&username("password", number), "password", json!({"password": PASSWORD})).await;
            inside.person(&username("cheap", number), "cheap", json!({"word": cheap::WORD})).await;
        }
        Arc::new(inside)
    })
}

fn username(authenticator: &str, number: usize) -> String {
    format!("{authenticator}-{}", number % PEOPLE)
}

async fn login(house: &Inside, number: usize, authenticator: &str) {
    let endpoint = &house.app.endpoint;
    let begin = json!({"username": username(authenticator, number)});
    let begun = answered_json(endpoint, post("/auth/v1/login", &begin, number)).await;
    let answer: Value = match authenticator {
        "password" => json!({"password": PASSWORD}),
        _ => json!({"word": cheap::WORD}),
    };
    let answer = json!({"transaction": begun["transaction"], "answer": answer});
    let path = format!("/auth/v1/login/{authenticator}");
    let done = answered_json(endpoint, post(&path, &answer, number)).await;
    assert_eq!(done["status"], "done", "{done}");
}

/// The bound: nothing but the hash, on every core.
fn verify(stored: &Arc<String>, cores: usize) -> Vec<f64> {
    let each = COUNT / cores;
    cost(each * cores, || {
        let one = |_| {
            let stored = stored.clone();
            thread::spawn(move || {
                let before = thread_cpu();
                for _ in 0..each {
                    let verified = hash::verify(&stored, PASSWORD.as_bytes(), &Argon2Params::default());
                    assert!(verified.expect("a hash").matches);
                }
                thread_cpu() - before
            })
        };
        let threads: Vec<_> = (0..cores).map(one).collect();
        for thread in threads {
            thread.join().expect("no panic");
        }
    })
}
