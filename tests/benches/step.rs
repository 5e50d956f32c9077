//! What a step of a login costs without the hash: one request, and a whole login with an authenticator that costs
//! nothing, in memory and on SQLite.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod cheap;
mod disk;
mod inside;
mod rounds;

use cheap::WORD;
use disk::Disk;
use gatewright::Plugins;
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Origin,
    audit::Event,
    engine::Begin,
    store::Write,
    throttle::{CounterKey, ThrottleRules},
};
use inside::{Inside, answered, answered_json, drive, post, runtime};
use kit::Store;
use poem::{EndpointExt, IntoResponse, Request, Route, endpoint::make, web::Json};
use rounds::{COST, Race};
use serde_json::{Value, json};
use std::{sync::Arc, time::Instant};
use tokio::runtime::Runtime;

/// People who log in; a login in flight is always another person's.
const PEOPLE: usize = 256;

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let memory = house(&runtime, Store::Memory);
    let sqlite = house(&runtime, Store::Sqlite);
    for (in_flight, count) in [(1, 2_000), (64, 8_000)] {
        begin(&runtime, in_flight, count, &memory, &sqlite);
    }
    for (in_flight, count) in [(1, 500), (64, 2_500)] {
        login(&runtime, in_flight, count, &memory, &sqlite);
    }
    for (in_flight, count) in [(1, 1_000), (64, 10_000)] {
        trips(&runtime, in_flight, count, &sqlite);
    }
}

fn house(runtime: &Runtime, store: Store) -> Arc<Inside> {
    runtime.block_on(async {
        let plugins = Plugins::linked().with_authenticator(cheap::registration());
        let inside = Inside::start(store, "", plugins).await;
        for number in 0..PEOPLE {
            inside.person(&username(number), "cheap", json!({"word": WORD})).await;
        }
        Arc::new(inside)
    })
}

fn username(number: usize) -> String {
    format!("person-{}", number % PEOPLE)
}

/// `POST /auth/v1/login`: one read, one durable write.
fn begin(runtime: &Runtime, in_flight: usize, count: usize, memory: &Arc<Inside>, sqlite: &Arc<Inside>) {
    let one = |house: &Arc<Inside>| {
        let house = house.clone();
        move |number: usize| {
            let house = house.clone();
            async move {
                let request = post("/auth/v1/login", &json!({"username": username(number)}), number);
                answered(&house.app.endpoint, request).await;
            }
        }
    };
    let engine = |house: &Arc<Inside>| {
        let house = house.clone();
        move |number: usize| {
            let house = house.clone();
            async move {
                let begin = Begin::login(TenantId::default_tenant(), Some(username(number)));
                house.app.engine.begin(begin, &Origin::local("login")).await.expect("begins");
            }
        }
    };
    let disk = Disk::new();
    Race::new(&format!("begin a login, {in_flight} in flight"), COST)
        .case("a poem handler that reads and writes such JSON", || drive(runtime, in_flight, count, bare()))
        .case("begin, memory", || drive(runtime, in_flight, count, one(memory)))
        .case("the engine alone, memory", || drive(runtime, in_flight, count, engine(memory)))
        .case("begin, SQLite", || drive(runtime, in_flight, count, one(sqlite)))
        .case("the engine alone, SQLite", || drive(runtime, in_flight, count, engine(sqlite)))
        .case("the disk: a page appended and made durable", || disk.turn(200))
        .run();
}

/// Begin, challenge, answer: a session is there at the end. Three requests; counted is each *login*.
fn login(runtime: &Runtime, in_flight: usize, count: usize, memory: &Arc<Inside>, sqlite: &Arc<Inside>) {
    let one = |house: &Arc<Inside>| {
        let house = house.clone();
        move |number: usize| {
            let house = house.clone();
            async move { log_in(&house, number).await }
        }
    };
    let bare = bare();
    let thrice = move |number: usize| {
        let bare = bare.clone();
        async move {
            for _ in 0..3 {
                bare(number).await;
            }
        }
    };
    Race::new(&format!("begin, challenge and answer, {in_flight} in flight"), COST)
        .case("the poem handler, three times", || drive(runtime, in_flight, count, thrice.clone()))
        .case("a login, memory", || drive(runtime, in_flight, count, one(memory)))
        .case("a login, SQLite", || drive(runtime, in_flight, count, one(sqlite)))
        .run();
}

/// What a step is made of: nine questions, four commits and a reservation make a login.
fn trips(runtime: &Runtime, in_flight: usize, count: usize, house: &Arc<Inside>) {
    let tenant = TenantId::default_tenant();
    let find = |number| {
        runtime.block_on(house.app.engine.find_person(&TenantId::default_tenant(), &username(number)))
    };
    let people: Arc<Vec<PersonId>> =
        Arc::new((0..PEOPLE).map(|number| find(number).expect("an answer").expect("a person").id).collect());
    let asked = {
        let (house, people, tenant) = (house.clone(), people.clone(), tenant.clone());
        move |number: usize| {
            let (house, people, tenant) = (house.clone(), people.clone(), tenant.clone());
            async move {
                let found = house.app.engine.store().person(&tenant, people[number % PEOPLE]).await;
                assert!(found.expect("an answer").is_some());
            }
        }
    };
    let committed = {
        let (house, tenant) = (house.clone(), tenant.clone());
        move |_: usize| {
            let (house, tenant) = (house.clone(), tenant.clone());
            async move {
                let event = Event::new("bench", &tenant, house.app.engine.now(), &Origin::local("bench"));
                house.app.engine.store().commit(vec![Write::Audit(event)]).await.expect("is written");
            }
        }
    };
    let reserved = {
        let house = house.clone();
        move |number: usize| {
            let (house, tenant) = (house.clone(), tenant.clone());
            async move {
                let rules = ThrottleRules { user_attempts_limit: 1_000, ..ThrottleRules::default() };
                // Never the same twice, so that none is ever blocked.
                let name = |what: &str| {
                    CounterKey::username(&tenant, &format!("{what}-{number}-{:?}", Instant::now()))
                };
                let counters = [(name("address"), rules.address()), (name("person"), rules.person())];
                let now = house.app.engine.now();
                house.app.engine.store().reserve(&counters, now).await.expect("is counted");
            }
        }
    };
    Race::new(&format!("the store alone, SQLite, {in_flight} in flight"), COST)
        .case("a question: a person by id", || drive(runtime, in_flight, count, asked.clone()))
        .case("a commit of one statement", || drive(runtime, in_flight, count, committed.clone()))
        .case("a reservation on two counters", || drive(runtime, in_flight, count, reserved.clone()))
        .run();
}

async fn log_in(house: &Inside, number: usize) {
    let endpoint = &house.app.endpoint;
    let begun = post("/auth/v1/login", &json!({"username": username(number)}), number);
    let begun = answered_json(endpoint, begun).await;
    let ask = json!({"transaction": begun["transaction"]});
    let asked = answered_json(endpoint, post("/auth/v1/login/cheap/challenge", &ask, number)).await;
    let answer = json!({"transaction": asked["transaction"], "answer": {"word": WORD}});
    let done = answered_json(endpoint, post("/auth/v1/login/cheap", &answer, number)).await;
    assert_eq!(done["status"], "done", "{done}");
}

/// A handler that parses the body of a begin and answers with a reply of its size.
fn bare() -> impl Fn(usize) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Clone + Send + 'static {
    let reply = json!({
        "transaction": "gwt_0000000000000000000000000000000000000000000",
        "expires_at": "2026-01-01T12:10:00.123456Z",
        "next": {"step": "first", "authenticators": ["cheap", "password"]},
    });
    let handler = make(move |mut request: Request| {
        let reply = reply.clone();
        async move {
            let body = request.take_body().into_bytes().await.expect("a body");
            let _: Value = serde_json::from_slice(&body).expect("JSON");
            Json(reply).into_response()
        }
    });
    let route = Arc::new(Route::new().at("/auth/v1/login", poem::post(handler)).map_to_response());
    move |number| {
        let route = route.clone();
        Box::pin(async move {
            answered(&route, post("/auth/v1/login", &json!({"username": username(number)}), number)).await;
        })
    }
}
