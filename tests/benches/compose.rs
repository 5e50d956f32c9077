//! What many plugins cost: the start, by its parts, and a request that has nothing to do with them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod cheap;
mod inside;
mod rounds;
mod synthetic;

use gatewright::{App, compose::compose, settings};
use gatewright_plugin::{DocumentSlot, House};
use inside::{Inside, Place, answered, drive, get, post, runtime, sources};
use kit::{Store, TempFolder};
use poem::{Endpoint, http::StatusCode};
use rounds::{COST, Column, Race, Turn, cost};
use serde_json::json;
use std::sync::Arc;
use tokio::runtime::Runtime;

const SIZES: [usize; 3] = [10, 50, 200];
const COUNT: usize = 20_000;
const MILLISECONDS: &[Column] = &[Column { name: "CPU ms", digits: 2 }];

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let houses = SIZES.map(|size| Arc::new(runtime.block_on(start(size))));
    let whole = |size: usize| milliseconds(|| drop(runtime.block_on(start(size))));
    Race::new("the whole start in memory, by the number of plugins", MILLISECONDS)
        .case("10", || whole(10))
        .case("50", || whole(50))
        .case("200", || whole(200))
        .run();
    Race::new("of it, reading the configuration", MILLISECONDS)
        .case("10", || configured(10))
        .case("50", || configured(50))
        .case("200", || configured(200))
        .run();
    let [ten, fifty, two_hundred] = &houses;
    Race::new("of it, making the mounts and composing them", MILLISECONDS)
        .case("10", || composed(&ten.app))
        .case("50", || composed(&fifty.app))
        .case("200", || composed(&two_hundred.app))
        .run();
    requests(&runtime, ten, two_hundred);
}

async fn start(size: usize) -> Inside {
    Inside::start(Store::Memory, "", synthetic::plugins(size)).await
}

fn milliseconds(work: impl FnOnce()) -> Turn {
    vec![cost(1, work)[0] / 1e3]
}

fn configured(size: usize) -> Turn {
    let folder = TempFolder::new();
    let plugins = synthetic::plugins(size);
    let sources = sources(folder.path(), &Place::Memory, "");
    milliseconds(|| drop(settings::load(&plugins, sources).unwrap_or_else(|e| panic!("{e}"))))
}

fn composed(app: &App) -> Turn {
    let house = House {
        catalogue: app.engine.catalogue(),
        engine: app.engine.clone(),
        provider: app.provider.clone(),
        document: DocumentSlot::default(),
        health: app.health.clone(),
        metrics: Arc::new(String::new),
        countries: Arc::new(|_| None),
        version: "1",
    };
    milliseconds(|| {
        let mounts =
            app.plugins.0.iter().flat_map(|p| p.plugin.mounts(&house).into_iter().map(|m| (p.id, m)));
        let composed = compose(mounts.collect());
        assert!(composed.is_ok(), "they fit together");
    })
}

/// The same request with few plugins and with many.
fn requests(runtime: &Runtime, few: &Arc<Inside>, many: &Arc<Inside>) {
    let asking = |house: &Arc<Inside>, path: &'static str, status: StatusCode| {
        let house = house.clone();
        drive(runtime, 1, COUNT, move |number| {
            let house = house.clone();
            async move {
                let reply = house.app.endpoint.call(get(path, "gwa_none_of_ours_0000", number)).await;
                assert_eq!(reply.expect("a reply").status(), status);
            }
        })
    };
    let beginning = |house: &Arc<Inside>| {
        let house = house.clone();
        drive(runtime, 1, COUNT / 10, move |number| {
            let house = house.clone();
            async move {
                answered(&house.app.endpoint, post("/auth/v1/login", &json!({"username": "nobody"}), number))
                    .await;
            }
        })
    };
    let race = |title: &str, path, status| {
        Race::new(title, COST)
            .case("10 plugins", || asking(few, path, status))
            .case("200 plugins", || asking(many, path, status))
            .run();
    };
    race("an unrelated request: GET /healthz", "/healthz", StatusCode::OK);
    race("a token that is none of ours: GET /auth/v1/me", "/auth/v1/me", StatusCode::UNAUTHORIZED);
    race("a path that is not there", "/no/such/path", StatusCode::NOT_FOUND);
    race("a method that is not there: GET /auth/v1/login", "/auth/v1/login", StatusCode::METHOD_NOT_ALLOWED);
    Race::new("begin a login: the policy looks at every authenticator", COST)
        .case("10 plugins", || beginning(few))
        .case("200 plugins", || beginning(many))
        .run();
}
