//! Password logins at twice what the machine can hash beside 500 session checks a second, over sockets, at a server in
//! a process of its own: how much longer the checks take, what the refused learn and when, and how much memory it takes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says what it leaves out")]

mod inside;
mod open_loop;
mod process;
mod rounds;
mod sessions;
mod sockets;

use gatewright::{Plugins, config::Sources, settings};
use inside::{Inside, runtime};
use kit::{PASSWORD, Store};
use open_loop::{Client, at_pace, milliseconds_since, quantile};
use process::peak_of;
use rounds::{Column, Race, Turn};
use serde_json::{Value, json};
use sockets::Server;
use std::{
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const PEOPLE: usize = 64;
const CHECKS: f64 = 500.0;
const PROBES: f64 = 20.0;
const TIME: Duration = Duration::from_secs(5);

const COLUMNS: &[Column] = &[
    Column { name: "check p50 ms", digits: 2 },
    Column { name: "check p99 ms", digits: 2 },
    Column { name: "/readyz p99 ms", digits: 2 },
    Column { name: "logins a second", digits: 0 },
    Column { name: "refused share", digits: 2 },
    Column { name: "refused p99 ms", digits: 1 },
    Column { name: "login p99 ms", digits: 0 },
    Column { name: "peak RSS MiB", digits: 0 },
];

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
    if Command::new("taskset").arg("--version").output().is_err() {
        return eprintln!("no flood: that takes taskset");
    }
    let runtime = runtime();
    let [default, all] = &["as it comes", "all cores"].map(|name| Ground::new(name, &runtime));
    Race::new(&format!("500 session checks a second, {} cores", cores()), COLUMNS)
        .case("without a flood", || default.turn(&runtime, 0.0))
        .case("beside twice the logins that it can do", || default.turn(&runtime, 2.0))
        .case("the same, hashing on all cores", || all.turn(&runtime, 2.0))
        .run();
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What a child does.
async fn serve(name: &str, file: &Path) {
    let pool = match name {
        "all cores" => format!("[pool]\nthreads = {}\n", cores()),
        _ => String::new(),
    };
    let house = Inside::start(Store::Sqlite, &pool, Plugins::linked()).await;
    for number in 0..PEOPLE {
        house.person(&format!("person-{number}"), "password", json!({"password": PASSWORD})).await;
    }
    let tokens = sessions::fill(&house.app).await;
    let toml = "[http]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    let sources = Sources { memory: Some(("bench.toml".to_owned(), toml)), ..Sources::default() };
    let loaded = settings::load(&Plugins::linked(), sources).unwrap();
    let Inside { app, .. } = house;
    let serving = gatewright::serve(app, &loaded).await.unwrap();
    sockets::announce(serving.address, file, &tokens);
    std::future::pending::<()>().await;
}

/// A server, and what it can do.
struct Ground {
    server: Server,
    tokens: Arc<Vec<String>>,
    /// Logins a second with twice as many under way as there are cores.
    capacity: f64,
}

/// How one login went.
enum Login {
    Done(f64),
    /// Milliseconds from the answer to its refusal.
    Refused(f64),
}

impl Ground {
    fn new(name: &str, runtime: &Runtime) -> Self {
        let server = Server::start_on(&format!("0-{}", cores() - 1), name);
        let tokens = Arc::new(server.tokens());
        let capacity = runtime.block_on(capacity(&Client::new(server.address())));
        Self { server, tokens, capacity }
    }

    /// Some seconds of checks and probes beside so many times the logins that it can do.
    fn turn(&self, runtime: &Runtime, times: f64) -> Turn {
        // The server has closed the connections of the turn before.
        let client = Client::new(self.server.address());
        let (checks, probes, logins) = runtime.block_on(async {
            let flood = tokio::spawn(flood(client.clone(), times * self.capacity));
            let checks = tokio::spawn(checks(client.clone(), self.tokens.clone()));
            let probes = tokio::spawn(probes(client));
            (checks.await.unwrap(), probes.await.unwrap(), flood.await.unwrap())
        });
        let of = |pick: fn(&Login) -> Option<f64>| logins.iter().filter_map(pick).collect::<Vec<_>>();
        let done = of(|login| if let Login::Done(ms) = login { Some(*ms) } else { None });
        let refused = of(|login| if let Login::Refused(ms) = login { Some(*ms) } else { None });
        vec![
            quantile(checks.clone(), 0.5),
            quantile(checks, 0.99),
            quantile(probes, 0.99),
            done.len() as f64 / TIME.as_secs_f64(),
            refused.len() as f64 / logins.len() as f64,
            quantile(refused, 0.99),
            quantile(done, 0.99),
            peak_of(self.server.process()),
        ]
    }
}

/// Logins a second when there are always some more.
async fn capacity(client: &Client) -> f64 {
    let begun = Instant::now();
    let line = |first: usize| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut done = 0;
            while begun.elapsed() < Duration::from_secs(3) {
                assert!(matches!(login(&client, first + done, Instant::now()).await, Login::Done(_)));
                done += 1;
            }
            done
        })
    };
    let lines: Vec<_> = (0..2 * cores()).map(|i| line(i * 17)).collect();
    let mut done = 0;
    for line in lines {
        done += line.await.unwrap();
    }
    done as f64 / begun.elapsed().as_secs_f64()
}

async fn flood(client: Client, per_second: f64) -> Vec<Login> {
    if per_second == 0.0 {
        return Vec::new();
    }
    at_pace(per_second, TIME, move |number, due| {
        let client = client.clone();
        async move { login(&client, number, due).await }
    })
    .await
}

async fn login(client: &Client, number: usize, due: Instant) -> Login {
    let begin = json!({"username": format!("person-{}", number % PEOPLE)}).to_string();
    let begun = client.post("/auth/v1/login", &begin).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let begun: Value = serde_json::from_str(&begun.body).unwrap();
    let answer = json!({"transaction": begun["transaction"], "answer": {"password": PASSWORD}}).to_string();
    let sent = Instant::now();
    let answered = client.post("/auth/v1/login/password", &answer).await;
    match answered.status {
        200 => Login::Done(milliseconds_since(due)),
        503 => Login::Refused(milliseconds_since(sent)),
        other => panic!("{other}: {}", answered.body),
    }
}

async fn checks(client: Client, tokens: Arc<Vec<String>>) -> Vec<f64> {
    at_pace(CHECKS, TIME, move |number, due| {
        let (client, tokens) = (client.clone(), tokens.clone());
        async move {
            let answered = client.get("/auth/v1/me", &tokens[number * 7_919 % tokens.len()]).await;
            assert_eq!(answered.status, 200, "{}", answered.body);
            milliseconds_since(due)
        }
    })
    .await
}

async fn probes(client: Client) -> Vec<f64> {
    at_pace(PROBES, TIME, move |_, due| {
        let client = client.clone();
        async move {
            assert_eq!(client.get("/readyz", "-").await.status, 200);
            milliseconds_since(due)
        }
    })
    .await
}
