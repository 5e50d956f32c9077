//! What the secrets of plugins come from stays, whatever becomes of the keys.

use super::{by, default_tenant, keyring_text, origin};
use data_encoding::{BASE64, HEXLOWER};
use gatewright::background;
use kit::{Call, Kit, KitBuilder, Store, TempFolder};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

fn sqlite() -> KitBuilder {
    Kit::with(Store::Sqlite)
}

/// One secret, as this host has it.
pub(super) fn secret(kit: &Kit) -> String {
    let secret = kit.app.sealer.keyring().secret("zkp", &default_tenant(), "fakes").expect("a secret");
    HEXLOWER.encode(secret.expose())
}

/// Why there is none.
fn refusal(kit: &Kit) -> String {
    kit.app.sealer.keyring().secret("zkp", &default_tenant(), "fakes").expect_err("no secret").to_string()
}

fn keyring(folder: &TempFolder) -> PathBuf {
    folder.path().join("keyring.json")
}

/// So many bytes that are not all the same.
pub(super) fn base64(first: u8, many: usize) -> String {
    let mut bytes = vec![0; many];
    bytes[0] = first;
    BASE64.encode(&bytes)
}

/// A keyring as it was before there were seeds.
pub(super) fn old_keyring() -> Value {
    let id = "00000000-0000-4000-8000-000000000001";
    json!({"version": 2, "current": id, "keys": [{"id": id, "key": base64(1, 32)}]})
}

/// Puts a keyring into a data folder.
pub(super) fn put(folder: &Path, keyring: &str) {
    let path = folder.join("keyring.json");
    fs::write(&path, keyring).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A data folder from before there were seeds.
pub(super) async fn from_before() -> Arc<TempFolder> {
    let old = old_keyring().to_string();
    let folder = sqlite().env("GATEWRIGHT_KEK", &old).start().await.stop().await;
    put(folder.path(), &old);
    folder
}

/// The health of the service that lives on it.
async fn health(kit: &Kit) -> Value {
    background::ask_health(&kit.app).await;
    let told = kit.send(Call::get("/readyz").from("127.0.0.1")).await.expect(200).json();
    let plugins = told["plugins"].as_array().expect("plugins");
    plugins.iter().find(|plugin| plugin["id"] == "oprf").expect("oprf is linked").clone()
}

#[tokio::test]
async fn it_is_in_the_keyring_from_the_first_start_and_outlives_the_keys() {
    let kit = sqlite().start().await;
    let before = secret(&kit);
    assert_eq!(health(&kit).await["health"], "ok");
    let form: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    let seed = form["seed"].as_str().expect("a seed").to_owned();
    assert_eq!(BASE64.decode(seed.as_bytes()).unwrap().len(), 64);

    let origin = origin();
    kit.app.sealer.new_kek(&by(&origin)).await.unwrap();
    kit.app.sealer.rewrap(&default_tenant(), &by(&origin)).await.unwrap();
    assert_eq!(kit.app.sealer.remove_unused(&by(&origin)).await.unwrap().len(), 1);
    let after: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    assert_ne!(after["current"], form["current"], "another key");
    assert_eq!((after["seed"].as_str(), secret(&kit)), (Some(seed.as_str()), before.clone()));

    let folder = kit.stop().await;
    let kit = sqlite().folder(folder).seed(8).start().await;
    assert_eq!(secret(&kit), before);
    assert_ne!(secret(&sqlite().seed(9).start().await), before, "another installation has another");
}

#[tokio::test]
async fn a_keyring_from_before_gets_one_once_and_keeps_its_keys() {
    let (folder, form) = (from_before().await, old_keyring());
    let kit = sqlite().folder(folder).seed(8).start().await;
    let given = secret(&kit);
    let now: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    assert_eq!((&now["keys"], &now["current"]), (&form["keys"], &form["current"]));
    let folder = kit.stop().await;
    assert_eq!(fs::metadata(keyring(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(secret(&sqlite().folder(folder).seed(9).start().await), given);
}

#[tokio::test]
async fn one_that_can_not_be_written_goes_on_without_and_says_so() {
    let folder = from_before().await;
    // Nobody can lock it.
    fs::create_dir(folder.path().join("keyring.json.lock")).unwrap();

    let kit = sqlite().folder(folder).seed(8).start().await;
    let said = refusal(&kit);
    assert!(said.contains("keyring.json") && said.contains("write to it"), "{said}");
    let health = health(&kit).await;
    assert_eq!(health["health"], "down", "{health}");
}

#[tokio::test]
async fn a_key_alone_has_none_until_the_configuration_gives_it() {
    let key = base64(1, 32);
    let kit = sqlite().env("GATEWRIGHT_KEK", &key).start().await;
    let (said, health) = (refusal(&kit), health(&kit).await);
    assert!(said.contains("keys.seed") && said.contains("openssl rand"), "{said}");
    assert_eq!(health["health"], "down", "{health}");

    let folder = kit.stop().await;
    let seed = base64(2, 64);
    let given = || sqlite().env("GATEWRIGHT_KEK", &key).env("GATEWRIGHT_KEYS__SEED", &seed);
    let kit = given().folder(folder).seed(8).start().await;
    let first = secret(&kit);
    let command = format!("[keys]\nkek_command = [\"/bin/echo\", \"{key}\"]\nseed = \"{seed}\"\n");
    let folder = kit.stop().await;
    assert_eq!(secret(&sqlite().config(&command).folder(folder).seed(9).start().await), first);
    let keyring = json!({"version": 2, "current": "00000000-0000-4000-8000-000000000001", "seed": seed, "keys": [
        {"id": "00000000-0000-4000-8000-000000000001", "key": key},
    ]});
    let whole = sqlite().env("GATEWRIGHT_KEK", &keyring.to_string()).start().await;
    assert_eq!(secret(&whole), first);
}

#[tokio::test]
async fn mistakes_are_told_with_their_place_and_without_the_seed() {
    let (key, seed) = (base64(1, 32), base64(2, 64));
    let keyring = json!({"version": 2, "current": "00000000-0000-4000-8000-000000000001", "seed": base64(3, 64), "keys": [
        {"id": "00000000-0000-4000-8000-000000000001", "key": key},
    ]});
    let with = |kek: &str, seed: &str| format!("[keys]\nkek = {}\nseed = \"{seed}\"\n", json!(kek));
    let mut other = keyring.clone();
    other["seed"] = json!(seed);
    let beside = |previous: &Value| {
        let (kek, previous) = (json!(keyring.to_string()), json!(previous.to_string()));
        format!("[keys]\nkek = {kek}\nkek_previous = {previous}\n")
    };
    let cases = [
        (with(&key, &base64(2, 63)), "63 bytes instead of 64"),
        (with(&key, &BASE64.encode(&[7; 64])), "no random one"),
        (with(&key, "no base64"), "not base64 of 64 bytes"),
        (with(&keyring.to_string(), &seed), "`keys.seed`"),
        (with(&keyring.to_string(), &seed), "there are two seeds"),
        (beside(&other), "there are two seeds"),
        (beside(&other), "`keys.kek_previous`"),
        (format!("[keys]\nseed = \"{seed}\"\n"), "stands beside `kek`"),
        (with(&key, &keyring["seed"].as_str().unwrap().replace('=', "")), "not base64"),
    ];
    for (config, wanted) in cases {
        let said = match sqlite().config(&config).try_start().await {
            Ok(_) => panic!("{wanted}: it starts"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(said.contains(wanted) && said.contains("test.toml"), "{wanted}: {said}");
        assert!(!said.contains(&seed[..8]) && !said.contains("AwAAAAAA"), "it says a seed: {said}");
    }
}
