//! A library in C that breaks its word (`tests/faults-c`) is refused at the start with the reason, or costs the request
//! that met it, and nobody else notices.

use gatewright_core::audit::Filter;
use kit::{CheapLibrary, Kit, KitBuilder, PASSWORD, Reply, Store};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use tokio::task::JoinSet;

/// So many at the same time.
const BESIDE: usize = 4;

/// What is wrong before anybody logs in, and what the start says about it.
const AT_START: [(&str, &str); 24] = [
    ("WRONG_MAGIC", "gives no plugin"),
    ("WRONG_MAJOR", "speaks major version 2 of the ABI"),
    ("SIZE_TOO_SMALL", "gives no plugin"),
    ("FLAGS_SET", "gives no plugin"),
    ("NULL_PLUGIN", "gives no plugin"),
    ("NULL_FUNCTION", "gives no plugin"),
    ("MISSING_SYMBOL", "does not export `gatewright_plugin_v1`"),
    ("CONSTRUCTOR_ABORTS", "could not begin"),
    ("CONSTRUCTOR_LOOPS", "could not begin"),
    ("ENTRY_CRASHES", "could not begin"),
    ("MANIFEST_EMPTY", "its manifest"),
    ("MANIFEST_NO_JSON", "its manifest"),
    ("MANIFEST_DEEP", "its manifest"),
    ("MANIFEST_TOO_LARGE", "manifest"),
    ("MANIFEST_WRONG_CONTRACT", "`contract` is 999"),
    ("MANIFEST_OTHER_ID", "`id` is `expensive`"),
    ("MANIFEST_BAD_SCHEMA", "schemas.answer"),
    ("MANIFEST_LACKS_SCHEMA", "`schemas.invite` is missing"),
    ("MANIFEST_UNKNOWN_NEED", "oracle.ask"),
    ("MANIFEST_FRAME_KEY", "timeout_ms"),
    ("MANIFEST_UNKNOWN_MEMBER", "certified"),
    ("MANIFEST_NEVER", "could not begin"),
    ("CREATE_NEVER_COMPLETES", "could not begin"),
    ("CREATE_NULL", "could not begin"),
];

/// And what `create` says itself, or can't.
const AT_CREATE: [(&str, &str); 3] = [
    ("CREATE_REFUSES", "nothing is polite enough"),
    ("CREATE_CRASHES", "could not begin"),
    ("CREATE_LOOPS", "could not begin"),
];

/// What is wrong with a step: what is answered, and how that ends.
const AT_LOGIN: [(&str, &str, u16); 34] = [
    ("NONE", "open", 200),
    ("NONE", "shut", 401),
    ("MANIFEST_CHANGES", "open", 200),
    ("NEVER_COMPLETES", "open", 503),
    ("CRASHES", "open", 503),
    ("LOOPS", "open", 503),
    ("EXITS", "open", 503),
    // What ends it first counts; what comes after it, or was not asked, lets nobody in.
    ("COMPLETES_TWICE", "shut", 401),
    ("COMPLETES_LATER_TWICE", "open", 401),
    ("FORGED_TICKET", "shut", 401),
    ("REPLY_EMPTY", "open", 503),
    ("REPLY_NO_JSON", "open", 503),
    ("REPLY_NO_OUTCOME", "open", 503),
    ("REPLY_UNKNOWN_MEMBER", "open", 503),
    ("REPLY_OTHER_CREDENTIAL", "open", 503),
    ("REPLY_OTHER_CHANGE", "open", 503),
    ("REPLY_UNDECLARED_SEND", "open", 503),
    ("REPLY_BREAKS_SCHEMA", "open", 503),
    ("REPLY_TOO_LARGE", "open", 503),
    ("REPLY_DEEP", "open", 503),
    ("REPLY_NO_UTF8", "open", 503),
    ("REPLY_UNKNOWN_STATUS", "open", 503),
    ("REPLY_NULL_SLICE", "open", 503),
    // It is refused what it may not have, and goes on without.
    ("ASKS_KV_UNDECLARED", "open", 200),
    ("ASKS_KV_OF_OTHER_TENANT", "open", 200),
    ("ASKS_HTTP_OF_OTHER_HOST", "open", 200),
    ("ASKS_RANDOM_UNDECLARED", "open", 200),
    ("ASKS_UNKNOWN_SERVICE", "open", 200),
    ("ASKS_NO_JSON", "open", 200),
    ("ASKS_LONG_METHOD", "open", 200),
    ("LOG_FLOOD", "open", 200),
    ("LOG_CONTROL", "open", 200),
    ("LOG_LONG", "open", 200),
    ("LOG_UNDECLARED", "open", 200),
];

/// Of what is refused, what stands in the audit log.
const AUDITED: [&str; 6] = [
    "ASKS_KV_UNDECLARED",
    "ASKS_KV_OF_OTHER_TENANT",
    "ASKS_HTTP_OF_OTHER_HOST",
    "ASKS_RANDOM_UNDECLARED",
    "LOG_UNDECLARED",
    "REPLY_UNDECLARED_SEND",
];

/// A host with this library. One that loops is given little time, all others so much that a busy machine does not matter.
fn with(fault: &str, library: &CheapLibrary, more: &str) -> KitBuilder {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\n\
                  [pool]\nexpected_wait_ms = 60000\nwait_ms = 60000\n";
    let (wall, processor) = match fault {
        "NEVER_COMPLETES" => (5_000, 600),
        fault if fault.ends_with("LOOPS") || fault == "MANIFEST_NEVER" => (20_000, 1),
        _ => (20_000, 600),
    };
    let table = format!("{}timeout_ms = {wall}\ncpu_seconds = {processor}\n{more}", library.table());
    Kit::with(Store::Memory).config(limits).config(&table)
}

/// Runs something for each, a few at a time.
async fn each<T: Send + 'static, F: Future<Output = ()> + Send + 'static>(
    all: impl IntoIterator<Item = T>,
    run: fn(T) -> F,
) {
    let (mut running, mut failed) = (JoinSet::new(), Vec::new());
    for one in all {
        if running.len() == BESIDE {
            failed.extend(running.join_next().await.and_then(Result::err));
        }
        running.spawn(run(one));
    }
    while let Some(done) = running.join_next().await {
        failed.extend(done.err());
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_is_no_plugin_stops_the_start_with_the_reason() {
    each(AT_START.into_iter().chain(AT_CREATE), |(fault, reason)| async move {
        let library = CheapLibrary::with_fault(fault);
        let Err(error) = with(fault, &library, "").try_start().await else {
            panic!("{fault}: it has started")
        };
        let text = error.to_string();
        assert!(text.contains(reason) && text.contains("cheap"), "{fault}: {text}");
        // Where it is not required the host does without it.
        let kit = with(fault, &library, "required = false\n").start().await;
        kit.person("grace").await;
        kit.login("grace").await;
        kit.post("/auth/v1/login/cheap", &json!({})).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_breaks_its_word_costs_the_request_that_met_it() {
    each(AT_LOGIN, |(fault, answer, status)| async move {
        let library =
            if fault == "NONE" { CheapLibrary::version(1) } else { CheapLibrary::with_fault(fault) };
        let kit = with(fault, &library, "").start().await;
        for name in ["ada", "grace"] {
            kit.person(name).await;
        }
        enrol(&kit).await;
        let (reply, _) = tokio::join!(answered(&kit, answer), kit.login("grace"));
        assert_eq!(reply.status.as_u16(), status, "{fault}: {}", reply.text());
        assert_eq!(reply.json()["access_token"].is_string(), status == 200, "{fault}");
        // It goes on: the next process, or the next call.
        kit.login("grace").await;
        if AUDITED.contains(&fault) {
            let noted = async {
                while !audited(&kit).await {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            // `random` and `log` can't wait for the store: their line comes after the reply.
            tokio::time::timeout(Duration::from_secs(20), noted).await.expect(fault);
        } else {
            assert!(!audited(&kit).await, "{fault}");
        }
    })
    .await;
}

#[test]
fn every_fault_has_its_line() {
    let known: BTreeSet<String> = kit::faults().into_iter().collect();
    let lines = AT_START.iter().chain(&AT_CREATE).map(|(fault, _)| *fault);
    let lines = lines.chain(AT_LOGIN.iter().map(|(fault, ..)| *fault)).filter(|fault| *fault != "NONE");
    assert_eq!(known, lines.map(str::to_owned).collect());
}

async fn enrol(kit: &Kit) {
    let token = kit.login("ada").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/cheap", &json!({})).await.expect(200);
    let body = json!({"transaction": asked.str("transaction"), "proof": {}});
    kit.post_as(&token, "/auth/v1/enrol/cheap/complete", &body).await.expect(200);
}

/// Password, challenge, answer; the first reply that is none of the expected.
async fn answered(kit: &Kit, code: &str) -> Reply {
    let transaction = kit.begin("ada").await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    let body = json!({"transaction": more.str("transaction")});
    let asked = kit.post("/auth/v1/login/cheap/challenge", &body).await;
    if asked.status.as_u16() != 200 {
        return asked;
    }
    assert_eq!(asked.json()["prompt"], json!({"hint": "say the word"}));
    kit.answer(&asked.str("transaction"), "cheap", json!({"code": code})).await
}

async fn audited(kit: &Kit) -> bool {
    let tenant = gatewright_contract::TenantId::default_tenant();
    let events = kit.app.engine.store().audit(&tenant, &Filter::default(), 1000).await.unwrap();
    events.iter().any(|l| l.event.kind == "plugin.refused")
}
