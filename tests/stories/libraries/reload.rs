//! A library is put in the place of the one that serves, while people log in with it.

mod documents;

use super::{LIMITS, asked, enrol};
use gatewright::{
    background::forget_generations,
    control::{By, Reload, Wanted},
    loader::Reloader,
};
use gatewright_contract::TenantId;
use gatewright_core::audit::Filter;
use kit::{CheapLibrary, Kit, Login, Reply, Store, TempFolder, cargo_library, entry};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// A host whose configuration names the cheap factor, and what an operator needs to replace it.
struct World {
    kit: Arc<Kit>,
    reloader: Reloader,
    file: PathBuf,
    one: CheapLibrary,
    two: CheapLibrary,
    _folder: TempFolder,
}

fn wanted(plugin: Option<&str>) -> Wanted {
    Wanted { plugin: plugin.map(str::to_owned), changed_traits: false, by: By::Signal }
}

impl World {
    /// Version 1 serves; Ada has it.
    async fn new(store: Store) -> Self {
        let (folder, one, two) = (TempFolder::new(), CheapLibrary::version(1), CheapLibrary::version(2));
        let file = folder.path().join("gatewright.toml");
        std::fs::write(&file, one.table()).unwrap();
        let kit = Arc::new(Kit::with(store).config(LIMITS).file(&file).start().await);
        let ada = kit.person_without_password("ada").await;
        enrol(&kit, &ada, "cheap").await;
        Self { reloader: kit.reloader(), kit, file, one, two, _folder: folder }
    }

    /// The operator names this and reloads.
    async fn reload(&self, table: &str) -> Result<Vec<String>, Vec<String>> {
        std::fs::write(&self.file, table).unwrap();
        let told = self.reloader.reload(&wanted(Some("cheap"))).await;
        match told.failed.is_empty() {
            true => Ok([told.swapped, told.notes].concat()),
            false => Err(told.failed),
        }
    }

    async fn to(&self, version: u8) -> Vec<String> {
        let library = if version == 1 { &self.one } else { &self.two };
        self.reload(&library.table()).await.unwrap_or_else(|why| panic!("{why:?}"))
    }

    /// The process of the library that serves.
    fn process(&self) -> Option<u32> {
        let running = self.reloader.running();
        running.into_iter().find(|plugin| plugin.id == "cheap").unwrap().process
    }

    async fn asked(&self) -> (String, Value) {
        let asked = asked(&self.kit, "ada", "cheap").await.expect(200);
        (asked.str("transaction"), asked.json()["prompt"].clone())
    }

    async fn says(&self, transaction: &str, code: &str) -> Reply {
        self.kit.answer(transaction, "cheap", json!({"code": code})).await
    }

    /// A whole login; what was asked.
    async fn login(&self) -> Value {
        let (transaction, prompt) = self.asked().await;
        Login::of(&self.says(&transaction, "open").await);
        prompt
    }

    async fn audited(&self, kind: &str) -> Vec<String> {
        let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
        let store = self.kit.app.engine.store();
        let lines = store.audit(&TenantId::default_tenant(), &filter, 100).await.unwrap();
        lines.into_iter().map(|l| l.event.target.unwrap_or_default()).collect()
    }
}

fn of_one() -> Value {
    json!({"hint": "say the word"})
}

fn of_two() -> Value {
    json!({"hint": "say the word", "colour": "green"})
}

fn is_alive(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_on_the_old_ends_on_it_and_the_rest_goes_to_the_new() {
    let world = World::new(Store::Sqlite).await;
    assert_eq!(world.login().await, of_one());
    let (begun, prompt) = world.asked().await;
    let (late, _) = world.asked().await;
    let (old, document) = (world.process().unwrap(), world.kit.app.document());
    let told = world.to(2).await;
    assert!(told[0].contains("2.0.0") && told[0].contains("in the place of 1.0.0"), "{told:?}");
    assert_eq!(prompt, of_one());
    Login::of(&world.says(&begun, "open").await);
    world.says(&late, "shut").await.expect(401);
    assert_eq!(world.login().await, of_two());
    let line = format!("version:2.0.0:{}", &world.two.sha256[..16]);
    assert_eq!(world.audited("plugin.reloaded").await, [line]);

    let now = world.kit.get("/openapi.json").await.expect(200).json();
    assert_ne!(now, *document);
    assert!(
        now["components"].to_string().contains("New in version 2.")
            && !document.to_string().contains("New in")
    );
    let ready = world.kit.send(kit::Call::get("/readyz").from("127.0.0.1")).await.json();
    let plugins = ready["plugins"].as_array().unwrap();
    assert_eq!(plugins.iter().find(|p| p["id"] == "cheap").unwrap()["version"], "2.0.0");

    // Nothing is asked of the old one any more: it ends, and the new one does not.
    let new = world.process().unwrap();
    assert!(old != new && is_alive(old));
    world.kit.advance(Duration::from_secs(2));
    forget_generations(&world.kit.app).await;
    assert!(!is_alive(old) && is_alive(new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_wakes_the_old_one_up() {
    let world = World::new(Store::Memory).await;
    let (begun, _) = world.asked().await;
    let old = world.process().unwrap();
    world.to(2).await;
    world.kit.advance(Duration::from_secs(2));
    forget_generations(&world.kit.app).await;
    assert!(!is_alive(old));
    Login::of(&world.says(&begun, "open").await);
    // Nobody can answer it any more: it is forgotten.
    let (never, _) = world.asked().await;
    world.kit.advance(Duration::from_secs(24 * 3600));
    forget_generations(&world.kit.app).await;
    assert_eq!(world.kit.app.generations.count(), 0);
    world.says(&never, "open").await.expect(404);
    assert_eq!(world.login().await, of_two());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_that_can_not_serve_leaves_the_old_one_serving_with_the_reason() {
    let world = World::new(Store::Memory).await;
    let (process, document) = (world.process(), world.kit.app.document());
    let (begun, _) = world.asked().await;
    let pinned = |library: &CheapLibrary| library.table().replace(&library.sha256, &world.one.sha256);
    let mut bad = vec![
        (pinned(&world.two), "the file has the SHA-256"),
        (world.two.table().replace("cheap.so", "none.so"), "none.so"),
        (format!("{}greeting = 7\n", world.two.table()), "greeting"),
        ("[plugins.cheap\n".to_owned(), "gatewright.toml:1"),
        (String::new(), "`cheap` is no library"),
    ];
    let faults =
        ["MISSING_SYMBOL", "ENTRY_CRASHES", "MANIFEST_BAD_SCHEMA", "CREATE_REFUSES", "CREATE_CRASHES"];
    let libraries = faults.map(CheapLibrary::with_fault);
    let reasons =
        ["does not export", "its process ended", "`schemas.answer.type`", "polite", "its process ended"];
    bad.extend(libraries.iter().zip(reasons).map(|(library, reason)| (library.table(), reason)));
    for (table, reason) in &bad {
        let Err(told) = world.reload(table).await else { panic!("{table}: it serves") };
        assert!(told.iter().any(|line| line.contains(reason)), "{reason}: {told:?}");
        assert_eq!(world.process(), process, "{reason}");
        assert_eq!(world.login().await, of_one(), "{reason}");
    }
    assert!(Arc::ptr_eq(&document, &world.kit.app.document()));
    assert!(world.audited("plugin.reloaded").await.is_empty());
    Login::of(&world.says(&begun, "open").await);
    world.to(2).await;
    assert_eq!(world.login().await, of_two());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_reloaded_or_told_why_not() {
    let world = World::new(Store::Memory).await;
    let faulty = cargo_library("fault-plugin");
    let table = format!("{}{}", world.two.table(), entry("fault", &faulty, ""));
    std::fs::write(&world.file, table).unwrap();
    let told = world.reloader.reload(&wanted(None)).await;
    let all = [&told.swapped[..], &told.notes, &told.failed].concat();
    assert!(all.iter().any(|line| line.contains("fault: does not run")), "{told:?}");
    assert_eq!(world.login().await, of_two());
    std::fs::write(&world.file, world.two.table()).unwrap();
    let told = world.reloader.reload(&wanted(None)).await;
    assert!(told.notes.iter().any(|line| line.contains("unchanged")), "{told:?}");
}

/// A login that never stops: who has it, and until when.
async fn log_in_until(kit: Arc<Kit>, name: String, over: Arc<AtomicBool>) -> usize {
    let mut logins = 0;
    while !over.load(SeqCst) {
        let asked = asked(&kit, &name, "cheap").await.expect(200);
        tokio::task::yield_now().await;
        Login::of(&kit.answer(&asked.str("transaction"), "cheap", json!({"code": "open"})).await);
        logins += 1;
    }
    logins
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_notices_ten_swaps() {
    let world = World::new(Store::Sqlite).await;
    let (over, mut people) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    for n in 0..8 {
        let person = world.kit.person_without_password(&format!("bob{n}")).await;
        enrol(&world.kit, &person, "cheap").await;
        people.spawn(log_in_until(world.kit.clone(), format!("bob{n}"), over.clone()));
    }
    let mut processes = vec![world.process().unwrap()];
    for turn in 0..10 {
        world.to(if turn % 2 == 0 { 2 } else { 1 }).await;
        processes.push(world.process().unwrap());
    }
    over.store(true, SeqCst);
    let logins: usize = people.join_all().await.into_iter().sum();
    assert!(logins >= 80, "{logins} logins in ten swaps");
    assert_eq!(world.login().await, of_one());
    assert_eq!(world.audited("plugin.reloaded").await.len(), 10);
    world.kit.advance(Duration::from_secs(2));
    forget_generations(&world.kit.app).await;
    let alive: Vec<u32> = processes.iter().copied().filter(|p| is_alive(*p)).collect();
    assert_eq!(alive, [world.process().unwrap()], "of {processes:?}");
}
