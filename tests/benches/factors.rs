//! What each authenticator adds to a step beside the frame: challenge and answer in memory, against one that costs
//! nothing. What remains over it is the authenticator's own work, cryptography included.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

mod cheap;
mod inside;
mod rounds;

use gatewright::Plugins;
use gatewright_contract::Manifest;
use gatewright_core::Origin;
use gatewright_plugin::outcome::example_of;
use inside::{Inside, drive, post, runtime};
use kit::Store;
use poem::Endpoint;
use rounds::{COST, Race};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Runtime;

const COUNT: usize = 200;
/// So many that nobody's wrong answers lock them out before the end.
const PEOPLE: usize = 64;

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let runtime = runtime();
    let house = house(&runtime);
    let all: Vec<Manifest> = house
        .app
        .engine
        .catalogue()
        .iter()
        .map(|a| a.manifest().clone())
        .filter(|m| m.id != "cheap")
        .collect();
    race(&runtime, &house, &all, "somebody who does not exist", nobody);
    race(&runtime, &house, &enrolled(&runtime, &house, &all), "somebody who has set it up", somebody);
}

fn house(runtime: &Runtime) -> Arc<Inside> {
    let plugins = Plugins::linked().with_authenticator(cheap::registration());
    let ids = plugins.authenticator_ids().join("\", \"");
    let toml = format!(
        "[login.policy]\nfirst = [\"{ids}\"]\nsecond_factor = \"never\"\n\
         [login.block_config]\nuser_attempts_limit = 1000\nip_attempts_limit = 1000000\n"
    );
    Arc::new(runtime.block_on(Inside::start(Store::Memory, &toml, plugins)))
}

/// Those that can be set up for somebody with the example of their own document; everybody has them all.
fn enrolled(runtime: &Runtime, house: &Arc<Inside>, all: &[Manifest]) -> Vec<Manifest> {
    let (engine, origin) = (&house.app.engine, Origin::local("bench"));
    let mut able: Vec<Manifest> = all.iter().filter(|m| m.abilities.enrol).cloned().collect();
    for number in 0..PEOPLE {
        let cheap = json!({"word": cheap::WORD});
        let person = runtime.block_on(house.person(&somebody(number), "cheap", cheap));
        able.retain(|one| {
            let schemas = [&one.schemas.invite, &one.schemas.proof];
            let [invite, proof] = schemas.map(|s| example_of(s.as_ref().unwrap()));
            // Each enrolment raises the person's revision.
            let person = runtime.block_on(engine.find_person(&person.tenant, &person.username));
            let person = person.expect("an answer").expect("a person");
            runtime.block_on(engine.enrol_for(&person, &one.id, (invite, proof), &origin)).is_ok()
        });
    }
    able
}

fn somebody(number: usize) -> String {
    format!("person-{}", number % PEOPLE)
}

fn nobody(number: usize) -> String {
    format!("nobody-{}", number % PEOPLE)
}

fn race(runtime: &Runtime, house: &Arc<Inside>, all: &[Manifest], who: &str, name: fn(usize) -> String) {
    let title = format!("begin, challenge and a wrong answer of {who}");
    let one = |manifest: &Manifest| {
        let (house, id) = (house.clone(), manifest.id.clone());
        let answer = example_of(&manifest.schemas.answer);
        move |number: usize| {
            let (house, id, answer) = (house.clone(), id.clone(), answer.clone());
            async move { step(&house, &id, answer, &name(number), number).await }
        }
    };
    let cheap = house.app.engine.catalogue().get("cheap").expect("it is there").manifest().clone();
    let mut race = Race::new(&title, COST);
    let first = one(&Manifest { schemas: cheap.schemas.clone(), ..cheap });
    race = race.case("cheap", move || drive(runtime, 1, COUNT, first.clone()));
    for manifest in all {
        let case = one(manifest);
        race = race.case(&manifest.id, move || drive(runtime, 1, COUNT, case.clone()));
    }
    race.run();
}

/// Whatever the replies are: an authenticator that is not configured refuses, and that is its cost then.
async fn step(house: &Inside, id: &str, answer: Value, username: &str, number: usize) {
    let begun = asked(house, "/auth/v1/login", &json!({"username": username}), number).await;
    let body = json!({"transaction": begun["transaction"]});
    let posed = asked(house, &format!("/auth/v1/login/{id}/challenge"), &body, number).await;
    let handle = if posed["transaction"].is_string() { &posed["transaction"] } else { &begun["transaction"] };
    let body = json!({"transaction": handle, "answer": answer});
    asked(house, &format!("/auth/v1/login/{id}"), &body, number).await;
}

async fn asked(house: &Inside, path: &str, body: &Value, number: usize) -> Value {
    let reply = house.app.endpoint.call(post(path, body, number)).await;
    let mut reply = reply.unwrap_or_else(poem::Error::into_response);
    serde_json::from_slice(&reply.take_body().into_vec().await.expect("a body")).unwrap_or(Value::Null)
}
