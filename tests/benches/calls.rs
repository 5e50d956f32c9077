//! A challenge and its answer through what the engine calls: a linked authenticator, and libraries on threads of this
//! process and in one of their own.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use crate::{
    inside::{Inside, runtime},
    memory,
    open_loop::quantile,
    process::cpu_of,
    rounds::{self, Column, Race, Turn},
};
use gatewright::Plugins;
use gatewright_contract::{
    Body, Call, CredentialId, DynAuthenticator, Enrolment, Held, Outcome, Scope, Timestamp,
    testing::{ready, scope},
};
use kit::{CheapLibrary, OWN, Store, entry, released_library};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const CALLERS: usize = 8;

const COLUMNS: &[Column] = &[
    Column { name: "p50 µs", digits: 1 },
    Column { name: "p99 µs", digits: 1 },
    Column { name: "max µs", digits: 0 },
    Column { name: "CPU µs", digits: 1 },
    Column { name: "of it the plugin's process", digits: 1 },
    Column { name: "per second", digits: 0 },
];

/// What is to be said to a prompt.
type Answer = Arc<dyn Fn(&Value) -> Value + Send + Sync>;

/// One way to call one factor, and somebody who has set it up.
#[derive(Clone)]
struct Factor {
    it: Arc<dyn DynAuthenticator>,
    held: Vec<Held<Body>>,
    answer: Answer,
}

pub(crate) fn run() {
    let runtime = runtime();
    let (cheap, own) = (CheapLibrary::called(CheapLibrary::ID), released_library("own-authenticator-dylib"));
    let house =
        |toml: String, plugins: Plugins| runtime.block_on(Inside::start(Store::Memory, &toml, plugins));
    let libraries = |mode: &str| {
        let mode = format!("mode = \"{mode}\"\n");
        let toml = format!("{}{mode}{}", cheap.table(), entry(OWN, &own, &mode));
        house(toml, Plugins::linked().without(OWN))
    };
    let (linked, pool, isolated) =
        (house(String::new(), Plugins::linked()), libraries("pool"), libraries("isolated"));
    let person = catalogued(&linked, OWN);
    let factors = runtime.block_on(async {
        [
            ("HMAC key, linked", hmac(catalogued(&linked, OWN), &person).await),
            ("HMAC key, pool", hmac(catalogued(&pool, OWN), &person).await),
            ("HMAC key, isolated", hmac(catalogued(&isolated, OWN), &person).await),
            ("cheap in C, pool", in_c(catalogued(&pool, CheapLibrary::ID)).await),
            ("cheap in C, isolated", in_c(catalogued(&isolated, CheapLibrary::ID)).await),
        ]
    });
    let count = rounds::size("COUNT", 20_000);
    for (callers, title) in
        [(1, "challenge and verify, one after the other"), (CALLERS, "the same, eight callers")]
    {
        let mut race = Race::new(title, COLUMNS);
        for (name, factor) in &factors {
            race = race.case(name, || turn(&runtime, factor, callers, count));
        }
        race.run();
    }
}

fn catalogued(house: &Inside, id: &str) -> Arc<dyn DynAuthenticator> {
    house.app.engine.catalogue().get(id).expect("it serves").clone()
}

/// The cheap factor asks and is told the same each time.
async fn in_c(it: Arc<dyn DynAuthenticator>) -> Factor {
    let answer: Answer = Arc::new(|_| json!({"code": CheapLibrary::CODE}));
    enrolled(it, json!({}), |_| answer).await
}

/// `person` computes what somebody with the key would send; it is linked, so that this is no call of a library.
async fn hmac(it: Arc<dyn DynAuthenticator>, person: &Arc<dyn DynAuthenticator>) -> Factor {
    let rehearse = person.clone();
    enrolled(it, json!({}), move |invitation| {
        Arc::new(move |prompt| {
            let seen = [&invitation, &json!({}), prompt];
            ready(rehearse.answer(seen, Timestamp(0), 0)).expect("an answer")
        })
    })
    .await
}

async fn enrolled(
    it: Arc<dyn DynAuthenticator>,
    invite: Value,
    answer: impl FnOnce(Value) -> Answer,
) -> Factor {
    let scope = scope(Timestamp(0), Some("ada"));
    let call = Call { scope: &scope, credentials: &[], body: Body(invite) };
    let invited = it.invite(call).await.expect("an invitation");
    let proof = it.prove(&invited.prompt, scope.now).await.expect("a proof");
    let call = Call { scope: &scope, credentials: &[], body: (invited.state, Body(proof)) };
    let Enrolment::Enrolled { credential, .. } = it.enrol(call).await.expect("an enrolment") else {
        panic!("it was not enrolled");
    };
    let id = CredentialId::from_parts(scope.now, [1; 10]);
    let held = vec![Held { id, label: None, created: scope.now, last_used: None, doc: credential }];
    Factor { it, held, answer: answer(invited.prompt) }
}

fn turn(runtime: &Runtime, factor: &Factor, callers: usize, count: usize) -> Turn {
    let each = count / callers;
    let (own, theirs, begun) = (rounds::cpu(), cpu_of_children(), Instant::now());
    let times = runtime.block_on(async {
        let one = || {
            let factor = factor.clone();
            // Spawned, so that nothing runs on the thread that waits.
            tokio::spawn(async move {
                let scope = scope(Timestamp(0), Some("ada"));
                let mut times = Vec::with_capacity(each);
                for _ in 0..each {
                    times.push(factor.login(&scope).await.as_secs_f64() * 1e6);
                }
                times
            })
        };
        let callers: Vec<_> = (0..callers).map(|_| one()).collect();
        let mut times = Vec::with_capacity(count);
        for caller in callers {
            times.extend(caller.await.expect("no call fails"));
        }
        times
    });
    let (passed, own, theirs) = (begun.elapsed(), rounds::cpu() - own, cpu_of_children() - theirs);
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / times.len() as f64;
    vec![
        quantile(times.clone(), 0.5),
        quantile(times.clone(), 0.99),
        times.iter().copied().fold(0.0, f64::max),
        micros(own + theirs),
        micros(theirs),
        times.len() as f64 / passed.as_secs_f64(),
    ]
}

/// Those of the cases that are not measured do nothing.
fn cpu_of_children() -> Duration {
    memory::children().into_iter().map(cpu_of).sum()
}

impl Factor {
    /// How long challenge and verify take; what the person does between them does not count.
    async fn login(&self, scope: &Scope) -> Duration {
        let credentials = &self.held[..];
        let begun = Instant::now();
        let asked = self.it.challenge(Call { scope, credentials, body: Body(json!({})) }).await;
        let asking = begun.elapsed();
        let asked = asked.expect("a challenge");
        let answer = Body((self.answer)(&asked.prompt));
        let begun = Instant::now();
        let verdict = self.it.verify(Call { scope, credentials, body: (asked.state, answer) }).await;
        let verifying = begun.elapsed();
        assert!(matches!(verdict.expect("a verdict").outcome, Outcome::Accepted(_)));
        asking + verifying
    }
}
