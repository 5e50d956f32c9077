//! What a login with a picture, a PIN and a pattern costs the server: a whole login less what the client in this process does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod inside;
mod rounds;

use gatewright::Plugins;
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin,
    engine::{Begin, Inviter, Wish},
};
use inside::{Inside, answered_json, drive, post, runtime};
use kit::{
    Store,
    vp1::{Asking, Secret},
};
use rounds::{COST, Race};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Runtime;

const PASSWORD: &str = "correct horse battery staple";
const COUNT: usize = 100;
/// One enrolment has a limit of evaluations.
const CONFIG: &str = "[login.policy]\nfirst = [\"zkp\", \"password\"]\nsecond_factor = \"never\"\n\
                      [login.block_config]\nuser_attempts_limit = 1000\nip_attempts_limit = 1000000\n\
                      [plugins.oprf]\nevaluations_per_hour = 2000\nevaluations_per_day = 2000\n";

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let secret = Secret::of(1);
    for store in [Store::Memory, Store::Sqlite] {
        let house = Arc::new(runtime.block_on(house(store, &secret)));
        race(&runtime, &house, &secret, &format!("{store:?}"));
    }
}

/// With Ann, who has set up a secret.
async fn house(store: Store, secret: &Secret) -> Inside {
    let inside = Inside::start(store, CONFIG, Plugins::linked()).await;
    let (engine, origin) = (&inside.app.engine, Origin::local("bench"));
    inside.person("ann", "password", json!({"password": PASSWORD})).await;
    let begin = Begin::login(TenantId::default_tenant(), Some("ann".to_owned()));
    let begun = engine.begin(begin, &origin).await.expect("a login");
    let answer = json!({"password": PASSWORD});
    let progress = engine.answer(&begun.handle, "password", answer, Wish::default(), &origin).await;
    let gatewright_core::engine::Progress::Done(grant) = progress.expect("a login") else {
        panic!("one factor is enough here")
    };
    let caller = engine.check(&grant.access_token, None).await.expect("a session");
    let asking = Asking::enrol(secret);
    let body = json!({"cipher_key": asking.cipher_key()});
    let asked = engine.invite(Inviter::Session(caller), "zkp", body, &origin).await.expect("an invitation");
    let proof = asking.told(&asked.prompt, "").proof("", "");
    engine.enrol(&asked.handle, "zkp", proof, Wish::default(), &origin).await.expect("a credential");
    inside
}

async fn ask(house: &Inside, asking: &Asking, number: usize) -> Value {
    let endpoint = &house.app.endpoint;
    let begun = answered_json(endpoint, post("/auth/v1/login", &json!({"username": "ann"}), number)).await;
    let body = json!({"transaction": begun["transaction"], "begin": {"cipher_key": asking.cipher_key()}});
    answered_json(endpoint, post("/auth/v1/login/zkp/challenge", &body, number)).await
}

fn race(runtime: &Runtime, house: &Arc<Inside>, secret: &Secret, store: &str) {
    // One blinded element for all: what the client computes for each login comes after it.
    let asking = Arc::new(Asking::login(secret));
    let posed = Arc::new(runtime.block_on(ask(house, &asking, 0))["prompt"].clone());
    // Argon2id, once: the kit remembers it.
    asking.told(&posed, "").answer();
    let whole = {
        let (house, asking) = (house.clone(), asking.clone());
        move |number: usize| {
            let (house, asking) = (house.clone(), asking.clone());
            async move {
                let posed = ask(&house, &asking, number).await;
                let answer = asking.told(&posed["prompt"], "").answer();
                let body = json!({"transaction": posed["transaction"], "answer": answer});
                answered_json(&house.app.endpoint, post("/auth/v1/login/zkp", &body, number)).await;
            }
        }
    };
    let client = {
        let (asking, posed) = (asking.clone(), posed.clone());
        move |_: usize| {
            let (asking, posed) = (asking.clone(), posed.clone());
            async move {
                std::hint::black_box(asking.told(&posed, "").answer());
            }
        }
    };
    Race::new(&format!("a login with zkp, {store}: client and server, client alone"), COST)
        .case("client and server", || drive(runtime, 1, COUNT, whole.clone()))
        .case("client alone", || drive(runtime, 1, COUNT, client.clone()))
        .run();
}
