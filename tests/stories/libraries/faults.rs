//! Whatever a library does in a process of its own, it costs the request that met it: two hundred people who log in with
//! a password meanwhile don't notice.

mod cases;

use super::{
    LIMITS, asked,
    beside::{Crowd, LOGINS},
    enrol, tried,
};
use cases::Case;
use gatewright::background::ask_health;
use gatewright_contract::{Body, Call, Fault, TenantId, testing::scope};
use gatewright_core::audit::Filter;
use kit::{Kit, Store};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::timeout};

/// Who meets the faults.
const PERSON: &str = "ada";
/// Hosts at the same time; on each there are two libraries.
const HOSTS: usize = 2;
/// Tries to come as far as the fault.
const ENOUGH: usize = 100;
/// Longer than any step may take, whatever the machine has to do besides.
const STUCK: Duration = Duration::from_secs(30);

/// A line of the table.
struct Row {
    case: Case,
    /// How often each status came.
    got: BTreeMap<u16, usize>,
    logins: usize,
    health: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_people_log_in_beside_each_fault() {
    // The fault plugin and the factor in C side by side.
    let (mut rust, mut c) = (cases::of_rust().into_iter(), cases::of_c().into_iter());
    let rounds = std::iter::from_fn(|| {
        let round: Vec<Case> = rust.next().into_iter().chain(c.next()).collect();
        (!round.is_empty()).then_some(round)
    });
    let (mut running, mut rows) = (JoinSet::new(), Vec::new());
    for round in rounds {
        if running.len() == HOSTS {
            rows.extend(running.join_next().await.expect("one runs").unwrap());
        }
        running.spawn(round_of(round));
    }
    while let Some(done) = running.join_next().await {
        rows.extend(done.unwrap());
    }
    publish(&mut rows);
    for Row { case, got, logins, health } in &rows {
        let name = &case.name;
        assert_eq!(*logins, LOGINS, "{name}: somebody who had nothing to do with it could not log in");
        assert_eq!(got.keys().collect::<Vec<_>>(), [&case.status], "{name}");
        assert_eq!(health.starts_with("degraded"), case.dies, "{name}: {health}");
    }
}

/// A host with these libraries: people log in, and meanwhile others meet the faults.
async fn round_of(cases: Vec<Case>) -> Vec<Row> {
    let mut builder = Kit::with(Store::Memory).config(LIMITS);
    for case in &cases {
        builder = builder.config(&case.table);
    }
    let kit = Arc::new(builder.start().await);
    let ada = kit.person_without_password(PERSON).await;
    for case in &cases {
        enrol(&kit, &ada, case.id).await;
    }
    let crowd = Crowd::new(&kit).await;
    let over = crowd.over();
    let mut met = JoinSet::new();
    for case in cases {
        met.spawn(meet(kit.clone(), case, over.clone()));
    }
    let logins = crowd.logins().await;
    let mut rows = Vec::new();
    for (case, got) in met.join_all().await {
        rows.push(Row { health: afterwards(&kit, &case).await, case, got, logins });
    }
    rows
}

/// Somebody meets the fault for as long as the others log in. What has little time may not even ask on a busy machine:
/// then they try again.
async fn meet(kit: Arc<Kit>, case: Case, over: Arc<AtomicBool>) -> (Case, BTreeMap<u16, usize>) {
    let (mut got, mut came_to_it) = (BTreeMap::new(), false);
    for turn in 1..=ENOUGH {
        let login = tried(&kit, PERSON, case.id, json!({"code": case.answer}));
        let (answered, reply) =
            timeout(STUCK, login).await.unwrap_or_else(|_| panic!("{}: it is stuck", case.name));
        let status = reply.status.as_u16();
        let problem = reply.json();
        assert_eq!(problem["access_token"].is_string(), case.status == 200, "{}: {problem}", case.name);
        if status >= 500 {
            assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{problem}");
            assert_eq!(problem["code"], "unavailable", "{}: {problem}", case.name);
        }
        *got.entry(status).or_default() += 1;
        came_to_it |= answered || case.at_challenge;
        if came_to_it && (turn >= case.most || over.load(SeqCst)) {
            break;
        }
    }
    assert!(came_to_it, "{}: nobody came as far as the fault", case.name);
    (case, got)
}

/// The plugin answers again, the host is well, and says how the plugin is.
async fn afterwards(kit: &Kit, case: &Case) -> String {
    let again = async { while asked(kit, PERSON, case.id).await.status.as_u16() != 200 {} };
    if !case.at_challenge {
        timeout(STUCK, again).await.unwrap_or_else(|_| panic!("{}: no second challenge", case.name));
    }
    if let Some(why) = case.says {
        let said = said(kit, case.id).await;
        assert!(said.contains(why), "{}: {said}", case.name);
    }
    assert_eq!(refused(kit, case.id).await, case.refused.map_or(vec![], |need| vec![need.to_owned()]));
    kit.get("/healthz").await.expect(200);
    ask_health(&kit.app).await;
    kit.app.health.set_not_ready(None);
    let ready = kit.send(kit::Call::get("/readyz").from("127.0.0.1")).await.expect(200).json();
    let plugins = ready["plugins"].as_array().unwrap();
    let mine = plugins.iter().find(|p| p["id"] == case.id).unwrap();
    format!("{} {}", mine["health"].as_str().unwrap(), mine["reason"].as_str().unwrap_or_default())
}

/// What the log says of the fault; whoever logs in is not told.
async fn said(kit: &Kit, id: &str) -> String {
    let it = kit.app.engine.catalogue().get(id).unwrap();
    let scope = scope(kit.now(), Some("ada"));
    let body = (Body(json!({})), Body(json!({"code": "right"})));
    match it.verify(Call { scope: &scope, credentials: &[], body }).await {
        Err(Fault::Unavailable { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

/// What the audit log says that it was refused, once each.
async fn refused(kit: &Kit, id: &str) -> Vec<String> {
    let filter = Filter { kind: Some("plugin.refused".to_owned()), ..Filter::default() };
    let lines = kit.app.engine.store().audit(&TenantId::default_tenant(), &filter, 1000).await.unwrap();
    let mine = lines.into_iter().filter(|l| l.event.authenticator.as_deref() == Some(id));
    mine.map(|l| l.event.target.unwrap_or_default()).collect()
}

/// Prints the table, and keeps it beside what was built.
#[allow(clippy::print_stdout, reason = "it is read where it is printed")]
fn publish(rows: &mut [Row]) {
    rows.sort_by_key(|row| (row.case.id, row.case.number));
    let mut table =
        String::from("| library | fault | the request got (times) | password logins | the plugin then |\n");
    table.push_str("|---|---|---|---|---|\n");
    for Row { case, got, logins, health } in rows.iter() {
        let got: Vec<String> = got.iter().map(|(status, times)| format!("{status} ({times})")).collect();
        let language = if case.id == "cheap" { "C" } else { "Rust" };
        let _ = writeln!(
            table,
            "| {language} | {} | {} | {logins} of {LOGINS} | {} |",
            case.name,
            got.join(", "),
            health.trim()
        );
    }
    println!("{table}");
}
