//! How many commits a second become durable: rotations of session tokens, 256 of them under way at a time, against
//! what the driver can insert and what the disk allows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod disk;
mod fill;
mod inside;
mod process;
mod raw;
mod rounds;
mod server;

use disk::Disk;
use gatewright::Plugins;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, PlainToken};
use inside::{Inside, Place, drive, runtime};
use raw::Raw;
use rounds::{COST, Race, Turn, size};
use server::{Postgres, Processes};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::runtime::Runtime;

/// Commits under way at a time.
const IN_FLIGHT: usize = 256;
/// What one transaction of the bound holds.
const BATCH: usize = 64;
const CONNECTIONS: &str = "[database]\nconnections = 32\nacquire_timeout_ms = 60000\n";

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    if server::wants("sqlite") {
        sqlite(&runtime);
    }
    if server::wants("postgres") {
        postgres(&runtime);
    }
}

/// How many sessions there are to rotate in.
fn sessions() -> usize {
    size("SESSIONS", 10_000).max(IN_FLIGHT * 2)
}

/// How many operations a turn has: many at once, and one after the other.
fn counts() -> (usize, usize) {
    let many = size("COUNT", 10_240).next_multiple_of(IN_FLIGHT);
    (many, size("COUNT_ALONE", many / 32))
}

fn sqlite(runtime: &Runtime) {
    let rotating = Rotating::start(runtime, Place::Sqlite);
    let raw = runtime.block_on(async {
        let house = filled(Place::Sqlite).await;
        house.app.engine.store().close().await;
        Raw::sqlite(&house, sessions()).await
    });
    let disk = Disk::new();
    let (many, alone) = counts();
    let inserted = |batch: usize, count: usize| raw.turn(runtime, 1, batch, count);
    Race::new("durable rotations, SQLite, synchronous=FULL, to one transaction each", COST)
        .case("the driver, one rotation's rows a transaction", || inserted(1, alone))
        .case("rotations, 1 in flight", || rotating.turn(runtime, 1, alone))
        .case("rotations, 256 in flight", || rotating.turn(runtime, IN_FLIGHT, many))
        .case("the disk: a page appended and made durable", || disk.turn(alone))
        .run();
    Race::new("durable rotations, SQLite, synchronous=FULL, to transactions of 64", COST)
        .case("the driver, 64 rotations' rows a transaction", || inserted(BATCH, many))
        .case("rotations, 256 in flight", || rotating.turn(runtime, IN_FLIGHT, many))
        .run();
}

fn postgres(runtime: &Runtime) {
    let server = Postgres::start();
    let (ours, theirs) = (server.database(), server.database());
    let rotating = Rotating::start(runtime, Place::Postgres(ours.url()));
    let (raw, processes) = runtime.block_on(async {
        let house = filled(Place::Postgres(theirs.url())).await;
        house.app.engine.store().close().await;
        (Raw::postgres(&theirs.url(), sessions()).await, Processes::of(&ours.url()).await)
    });
    let (many, alone) = counts();
    let with = |count: usize, turn: &dyn Fn() -> Turn| server::with(Some(processes), count, turn);
    let inserted = |lines: usize, batch: usize, count: usize| raw.turn(runtime, lines, batch, count);
    Race::new("durable rotations, PostgreSQL, fsync on, 32 connections", server::COLUMNS)
        .case("the driver, one rotation's rows a transaction, 1 connection", || {
            with(alone, &|| inserted(1, 1, alone))
        })
        .case("the same, 32 connections", || with(many, &|| inserted(32, 1, many)))
        .case("the driver, 64 rotations' rows a transaction, 1 connection", || {
            with(many, &|| inserted(1, BATCH, many))
        })
        .case("rotations, 1 in flight", || with(alone, &|| rotating.turn(runtime, 1, alone)))
        .case("rotations, 256 in flight", || with(many, &|| rotating.turn(runtime, IN_FLIGHT, many)))
        .run();
    runtime.block_on(async { rotating.house.app.engine.store().close().await });
}

async fn filled(place: Place) -> Inside {
    let house = Inside::start(place, CONNECTIONS, Plugins::linked()).await;
    fill::fill(&house, 0..sessions(), |_| TenantId::default_tenant()).await;
    house
}

/// An app, and the session tokens that are good now.
struct Rotating {
    house: Arc<Inside>,
    good: Arc<Mutex<VecDeque<PlainToken>>>,
}

impl Rotating {
    fn start(runtime: &Runtime, place: Place) -> Self {
        let good = (0..sessions()).map(fill::session_token).collect();
        Self { house: Arc::new(runtime.block_on(filled(place))), good: Arc::new(Mutex::new(good)) }
    }

    fn turn(&self, runtime: &Runtime, in_flight: usize, count: usize) -> Turn {
        let (house, good) = (self.house.clone(), self.good.clone());
        drive(runtime, in_flight, count, move |_| {
            let (house, good) = (house.clone(), good.clone());
            async move {
                // Taken away while it is exchanged: a second use would end the session.
                let token = good.lock().unwrap().pop_front().expect("more sessions than are in flight");
                let grant = house.app.engine.rotate(&token, &Origin::local("bench")).await.expect("is good");
                good.lock().unwrap().push_back(grant.session_token);
            }
        })
    }
}
