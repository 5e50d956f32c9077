//! A library in mode `pool`, on threads of this process: what goes wrong there costs its own requests, as long as it does
//! not take the process with it.

use super::{
    LIMITS,
    beside::{Crowd, LOGINS},
    enrol, tried,
};
use gatewright::background::ask_health;
use kit::{Call, CheapLibrary, Kit, Reply, Store, cargo_library};
use serde_json::{Value, json};
use std::sync::Arc;

/// What it costs, of the fault plugin: what is wrong, what whoever meets it gets, whether its slot stays taken.
const RUST: [(&str, u16, bool); 13] = [
    ("none", 200, false),
    ("panic", 503, false),
    ("panic_after", 503, false),
    ("panic_twice", 503, false),
    ("block", 503, true),
    ("never", 503, false),
    ("forgotten", 503, false),
    ("slow", 200, false),
    ("odd_prompt", 503, false),
    ("large", 503, false),
    ("undeclared_random", 503, false),
    ("undeclared_http", 503, false),
    ("other_tenant", 503, false),
];

/// The same of the cheap factor in C.
const C: [(&str, u16, bool); 6] = [
    ("NONE", 200, false),
    ("NEVER_COMPLETES", 503, false),
    ("COMPLETES_TWICE", 200, false),
    ("FORGED_TICKET", 200, false),
    ("REPLY_NULL_SLICE", 503, false),
    ("REPLY_TOO_LARGE", 503, false),
];

fn within(fault: &str) -> u32 {
    match fault {
        "block" | "never" | "forgotten" | "NEVER_COMPLETES" => 300,
        _ => 10_000,
    }
}

/// A host with these two in its own process, with two slots each, and Ada who has both.
async fn kit(rust: &str, slow_ms: u32, c: Option<&CheapLibrary>, c_within: u32) -> Arc<Kit> {
    let within = if slow_ms > 1_000 { 300 } else { within(rust) };
    let more = format!(
        "fault = \"{rust}\"\nslow_ms = {slow_ms}\nmode = \"pool\"\nslots = 2\ntimeout_ms = {within}\n"
    );
    let mut builder =
        Kit::with(Store::Memory).config(LIMITS).library("fault", &cargo_library("fault-plugin"), &more);
    if let Some(library) = c {
        let table = format!("{}mode = \"pool\"\nslots = 2\ntimeout_ms = {c_within}\n", library.table());
        builder = builder.config(&table);
    }
    let kit = Arc::new(builder.start().await);
    let ada = kit.person_without_password("ada").await;
    enrol(&kit, &ada, "fault").await;
    if c.is_some() {
        enrol(&kit, &ada, "cheap").await;
    }
    kit
}

async fn logs_in(kit: &Kit, id: &str) -> Reply {
    let code = if id == "cheap" { CheapLibrary::CODE } else { "right" };
    let (answered, reply) = tried(kit, "ada", id, json!({"code": code})).await;
    assert!(answered || reply.status.as_u16() == 503, "{}", reply.text());
    reply
}

async fn health(kit: &Kit, id: &str) -> Value {
    ask_health(&kit.app).await;
    let ready = kit.send(Call::get("/readyz").from("127.0.0.1")).await.json();
    ready["plugins"].as_array().unwrap().iter().find(|p| p["id"] == id).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_costs_the_request_that_met_it_and_nobody_else() {
    let mut c = C.into_iter();
    for (rust, status, stays) in RUST {
        let beside = c.next();
        let library = beside.map(|(name, ..)| match name {
            "NONE" => CheapLibrary::version(1),
            fault => CheapLibrary::with_fault(fault),
        });
        let kit = kit(rust, 50, library.as_ref(), beside.map_or(0, |(name, ..)| within(name))).await;
        let crowd = tokio::spawn(Crowd::new(&kit).await.logins());
        for _ in 0..2 {
            let reply = logs_in(&kit, "fault").await;
            assert_eq!(reply.status.as_u16(), status, "{rust}: {}", reply.text());
            if let Some((name, status, _)) = beside {
                let reply = logs_in(&kit, "cheap").await;
                assert_eq!(reply.status.as_u16(), status, "{name}: {}", reply.text());
            }
        }
        assert_eq!(crowd.await.unwrap(), LOGINS, "{rust}");
        kit.get("/healthz").await.expect(200);
        let word = if stays { "degraded" } else { "ok" };
        assert_eq!(health(&kit, "fault").await["health"], word, "{rust}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_slots_are_taken_it_says_so_and_recovers() {
    let kit = kit("slow", 2_000, None, 0).await;
    for _ in 0..2 {
        logs_in(&kit, "fault").await.expect(503);
    }
    // Both are taken for two seconds: not even a challenge is answered, in time, and others are not kept waiting.
    let body = json!({"transaction": kit.begin("ada").await});
    let refused = kit.post("/auth/v1/login/fault/challenge", &body).await.expect(503);
    assert_eq!(refused.json()["code"], "unavailable", "{}", refused.text());
    assert!(refused.header("retry-after").is_some(), "{:?}", refused.headers);
    let told = health(&kit, "fault").await;
    assert!(told["reason"].as_str().unwrap().contains("all 2 slots are taken"), "{told}");
    kit.person("grace").await;
    kit.login("grace").await;
    let again =
        async { while kit.post("/auth/v1/login/fault/challenge", &body).await.status.as_u16() != 200 {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), again).await.expect("it recovers");
    assert_eq!(health(&kit, "fault").await["health"], "ok");
}
