//! Which seed is right, the database knows: no host goes on with another unless it is told to.

use super::{
    by, keyring_text, origin,
    seed::{base64, from_before, old_keyring, put, secret},
    targets,
};
use kit::{Kit, KitBuilder, Store, TempFolder};
use serde_json::{Value, json};
use std::{fs, path::Path, sync::Arc};

const ACCEPT: &str = "GATEWRIGHT_KEYS__ACCEPT_NEW_SEED";

fn sqlite(folder: &Arc<TempFolder>, seed: u64) -> KitBuilder {
    Kit::with(Store::Sqlite).folder(folder.clone()).seed(seed)
}

/// A start that is refused may hold its files for a moment.
fn copy(folder: &TempFolder) -> Arc<TempFolder> {
    let copy = Arc::new(TempFolder::new());
    for file in fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

async fn refusal(builder: KitBuilder) -> String {
    match builder.try_start().await {
        Ok(_) => panic!("it starts"),
        Err(error) => format!("{error} {error:?}"),
    }
}

#[track_caller]
fn says_what_to_do(said: &str) {
    for wanted in
        ["put back the keyring", "from another host", "`accept_new_seed` in `[keys]`", "set up anew"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("keyring.json")).unwrap()
}

/// A database from before there were seeds, and two hosts with a copy of its keyring each.
struct Copies {
    url: String,
    folders: [Arc<TempFolder>; 2],
    _database: gatewright_test_postgres::Database<'static>,
}

impl Copies {
    async fn new() -> Self {
        let (database, old) = (gatewright_test_postgres::database(), old_keyring().to_string());
        let kit = Kit::with(Store::Postgres).at(&database.url()).env("GATEWRIGHT_KEK", &old).start().await;
        kit.stop().await;
        let folders = [(); 2].map(|()| Arc::new(TempFolder::new()));
        folders.iter().for_each(|folder| put(folder.path(), &old));
        Self { url: database.url(), folders, _database: database }
    }

    fn host(&self, at: usize, seed: u64) -> KitBuilder {
        Kit::with(Store::Postgres).at(&self.url).folder(self.folders[at].clone()).seed(seed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_hosts_with_copied_keyrings_the_second_is_told_to_copy_the_one_with_the_seed() {
    let copies = Copies::new().await;
    let one = copies.host(0, 8).start().await;
    let said = refusal(copies.host(1, 9)).await;
    says_what_to_do(&said);
    assert!(said.contains("holds no seed"), "{said}");
    assert_eq!(text(copies.folders[1].path()), old_keyring().to_string(), "and none was made");
    put(copies.folders[1].path(), &keyring_text(&one));
    assert_eq!(secret(&copies.host(1, 10).start().await), secret(&one));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_make_a_seed_at_the_same_moment_one_starts() {
    let copies = Copies::new().await;
    let (one, two) = tokio::join!(copies.host(0, 8).try_start(), copies.host(1, 9).try_start());
    let (started, said, other) = match (one, two) {
        (Ok(kit), Err(error)) => (kit, error.to_string(), 1),
        (Err(error), Ok(kit)) => (kit, error.to_string(), 0),
        (Ok(_), Ok(_)) => panic!("both start, each with a seed of its own"),
        (Err(one), Err(two)) => panic!("none starts: {one} {two}"),
    };
    says_what_to_do(&said);
    put(copies.folders[other].path(), &keyring_text(&started));
    assert_eq!(secret(&copies.host(other, 10).start().await), secret(&started));
}

#[tokio::test]
async fn a_keyring_that_was_restored_is_refused_until_the_new_seed_is_accepted() {
    let folder = from_before().await;
    let kit = sqlite(&folder, 8).start().await;
    let (first, good) = (secret(&kit), keyring_text(&kit));
    kit.stop().await;

    // From before there was one: none is made.
    let old = copy(&folder);
    put(old.path(), &old_keyring().to_string());
    let said = refusal(sqlite(&old, 9)).await;
    says_what_to_do(&said);
    assert!(said.contains("holds no seed") && said.contains("keyring.json"), "{said}");
    assert_eq!(text(old.path()), old_keyring().to_string());

    // With another; the message tells neither.
    let mut form: Value = serde_json::from_str(&good).unwrap();
    let right = form["seed"].as_str().unwrap().to_owned();
    form["seed"] = json!(base64(5, 64));
    let other = copy(&folder);
    put(other.path(), &form.to_string());
    let said = refusal(sqlite(&other, 10)).await;
    says_what_to_do(&said);
    assert!(said.contains("holds the seed "), "{said}");
    assert!(!said.contains(&right[..8]) && !said.contains("BQAAAAAA"), "it says a seed: {said}");

    // Nothing of it has changed what the database knows.
    let kit = sqlite(&copy(&folder), 11).start().await;
    assert_eq!((secret(&kit), targets(&kit, "key.seed_replaced").await), (first.clone(), vec![]));
    kit.stop().await;

    // The operator means it: once is enough, and then the one before is refused.
    put(folder.path(), &old_keyring().to_string());
    let kit = sqlite(&folder, 12).env(ACCEPT, "true").start().await;
    let second = secret(&kit);
    assert_ne!(second, first);
    let said = targets(&kit, "key.seed_replaced").await;
    assert!(said.len() == 1 && said[0].starts_with("seed:"), "{said:?}");
    kit.stop().await;
    for accept in ["false", "true"] {
        let kit = sqlite(&folder, 13).env(ACCEPT, accept).start().await;
        assert_eq!(secret(&kit), second);
        assert_eq!(targets(&kit, "key.seed_replaced").await, said, "accepted once");
        kit.stop().await;
    }
    put(folder.path(), &good);
    says_what_to_do(&refusal(sqlite(&folder, 14)).await);
}

#[tokio::test]
async fn a_configuration_that_has_lost_its_seed_is_refused_too_and_can_not_accept_none() {
    let (key, seed) = (base64(1, 32), base64(2, 64));
    let alone = |folder: &Arc<TempFolder>, seed| sqlite(folder, seed).env("GATEWRIGHT_KEK", &key);
    let folder = Arc::new(TempFolder::new());
    let kit = alone(&folder, 8).env("GATEWRIGHT_KEYS__SEED", &seed).start().await;
    kit.stop().await;
    for accept in ["false", "true"] {
        let said = refusal(alone(&copy(&folder), 9).env(ACCEPT, accept)).await;
        says_what_to_do(&said);
        assert!(said.contains("holds no seed") && said.contains("`keys.seed`"), "{said}");
    }
}

#[tokio::test]
async fn a_running_host_keeps_the_seed_that_it_has_started_with() {
    let kit = Kit::with(Store::Sqlite).start().await;
    let before = secret(&kit);
    let mut form: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    form["seed"] = json!(base64(5, 64));
    put(kit.folder.path(), &form.to_string());
    // Reads the keyring again, and writes it.
    kit.app.sealer.new_kek(&by(&origin())).await.unwrap();
    assert_eq!(secret(&kit), before);
    let now: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    assert_eq!(now["seed"], form["seed"], "what is in the file is not ours to judge here");
}

#[tokio::test]
async fn a_store_in_memory_knows_none_from_before() {
    let folder = TempFolder::new();
    put(folder.path(), &old_keyring().to_string());
    let config = format!("[keys]\nkeyring = \"{}\"\n", folder.path().join("keyring.json").display());
    let memory = |seed| Kit::with(Store::Memory).config(&config).seed(seed);
    let first = secret(&memory(8).start().await);
    assert_eq!(secret(&memory(9).start().await), first);
    put(folder.path(), &old_keyring().to_string());
    assert_ne!(secret(&memory(10).start().await), first);
    assert_ne!(secret(&Kit::with(Store::Memory).seed(11).start().await), first);
}
