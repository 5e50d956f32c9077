//! Where the key-encryption key comes from, and what is said when it does not fit.

use super::keyring_text;
use data_encoding::BASE64;
use kit::{Kit, KitBuilder, PASSWORD, Store, TempFolder};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

/// A key as an operator would make it.
fn key(word: &str) -> String {
    let mut bytes = [0; 32];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    bytes[31] = 1;
    BASE64.encode(&bytes)
}

fn sqlite() -> KitBuilder {
    Kit::with(Store::Sqlite)
}

/// Why it does not start. Whatever it says, it says none of these keys.
async fn refusal(builder: KitBuilder, keys: &[&str]) -> String {
    let said = match builder.try_start().await {
        Ok(_) => panic!("it starts"),
        Err(error) => format!("{error} {error:?}"),
    };
    for key in keys {
        assert!(!said.contains(&key[..16]), "it says a key: {said}");
    }
    said
}

/// A folder with Ann's account in it, sealed under whatever the builder says.
async fn with_ann(builder: KitBuilder) -> Arc<TempFolder> {
    let kit = builder.start().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    kit.enrol_totp(&token).await;
    kit.stop().await
}

/// What was sealed before opens: Ann's password is a sealed document.
async fn ann_logs_in(kit: &Kit) {
    let transaction = kit.begin("ann").await;
    let reply = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(reply.json()["status"], "more", "{}", reply.text());
}

fn keyring(folder: &TempFolder) -> PathBuf {
    folder.path().join("keyring.json")
}

#[tokio::test]
async fn the_keyring_is_made_at_the_first_start_and_is_the_owners_alone() {
    let folder = with_ann(sqlite()).await;
    let mode = fs::metadata(keyring(&folder)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kit = sqlite().folder(folder).seed(8).start().await;
    ann_logs_in(&kit).await;
    let form: Value = serde_json::from_str(&keyring_text(&kit)).unwrap();
    assert_eq!((&form["version"], form["keys"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!(form["current"], form["keys"][0]["id"]);
}

#[tokio::test]
async fn a_keyring_of_version_1_is_read() {
    let one =
        json!({"version": 1, "id": "00000000-0000-4000-8000-000000000001", "key": key("of old")}).to_string();
    let folder = with_ann(sqlite().env("GATEWRIGHT_KEK", &one)).await;
    super::seed::put(folder.path(), &one);
    ann_logs_in(&sqlite().folder(folder).seed(8).start().await).await;
}

#[tokio::test]
async fn a_keyring_that_does_not_fit_stops_the_start_and_says_what_to_do() {
    let folder = with_ann(sqlite()).await;
    let path = keyring(&folder);
    let text = fs::read_to_string(&path).unwrap();
    let form: Value = serde_json::from_str(&text).unwrap();
    let secret = form["keys"][0]["key"].as_str().unwrap();

    let other = with_ann(sqlite().seed(9)).await;
    let foreign = fs::read_to_string(keyring(&other)).unwrap();
    let mut same_name: Value = serde_json::from_str(&foreign).unwrap();
    same_name["current"] = form["current"].clone();
    same_name["keys"][0]["id"] = form["current"].clone();
    let renamed = |version: u32| text.replace("\"version\": 2", &format!("\"version\": {version}"));
    let lost = text.replacen(form["current"].as_str().unwrap(), "00000000-0000-4000-8000-000000000000", 1);
    let cases = [
        (foreign.as_str(), "all hosts of one database must have the same"),
        (&same_name.to_string(), "does not open under"),
        (&text[..text.len() / 2], "restore it from a backup"),
        ("", "restore it from a backup"),
        (&renamed(3), "version 3"),
        (&lost, "current is not in it"),
        (&text.replace(secret, &secret[4..]), "29 bytes instead of 32"),
        (&text.replace(secret, &BASE64.encode(&[7; 32])), "no random one"),
    ];
    let mut folder = folder;
    for (content, wanted) in cases {
        fs::write(keyring(&folder), content).unwrap();
        let kept = Arc::new(TempFolder::new());
        for file in fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap()) {
            fs::copy(file.path(), kept.path().join(file.file_name())).unwrap();
        }
        let said = refusal(sqlite().folder(folder).seed(8), &[secret]).await;
        assert!(said.contains(wanted), "{wanted}: {said}");
        folder = kept;
    }
    fs::write(keyring(&folder), &text).unwrap();
    fs::set_permissions(keyring(&folder), fs::Permissions::from_mode(0o644)).unwrap();
    let kept = Arc::new(TempFolder::new());
    fs::copy(folder.path().join("gatewright.db"), kept.path().join("gatewright.db")).unwrap();
    let said = refusal(sqlite().folder(folder).seed(8), &[secret]).await;
    assert!(said.contains("chmod 600"), "{said}");
    let said = refusal(sqlite().folder(kept).seed(8), &[secret]).await;
    assert!(said.contains("is missing") && said.contains("restore it from a backup"), "{said}");
}

#[tokio::test]
async fn the_key_comes_from_a_variable_and_may_be_replaced() {
    let (old, new) = (key("old"), key("new"));
    let folder = with_ann(sqlite().env("GATEWRIGHT_KEK", &old)).await;
    assert!(!keyring(&folder).exists(), "a keyring that nobody asked for");
    let kit = sqlite().env("GATEWRIGHT_KEK", &old).folder(folder).seed(8).start().await;
    ann_logs_in(&kit).await;

    let folder = kit.stop().await;
    let both = sqlite().env("GATEWRIGHT_KEK", &new).env("GATEWRIGHT_KEK_PREVIOUS", &old);
    let kit = both.folder(folder).seed(9).start().await;
    ann_logs_in(&kit).await;
    assert_eq!(
        kit.app.sealer.rewrap(&super::default_tenant(), &super::by(&super::origin())).await.unwrap(),
        1
    );

    let folder = kit.stop().await;
    let kit = sqlite().env("GATEWRIGHT_KEK", &new).folder(folder).seed(10).start().await;
    ann_logs_in(&kit).await;

    let folder = kit.stop().await;
    let said = refusal(sqlite().env("GATEWRIGHT_KEK", &old).folder(folder).seed(11), &[&old, &new]).await;
    assert!(said.contains("`keys.kek` of the configuration has only"), "{said}");
}

#[tokio::test]
async fn the_key_comes_from_a_file_or_as_a_keyring_in_json() {
    let folder = with_ann(sqlite()).await;
    let text = fs::read_to_string(keyring(&folder)).unwrap();
    let elsewhere = TempFolder::new();
    let path = elsewhere.path().join("secret");
    fs::rename(keyring(&folder), &path).unwrap();
    let kek = format!("[keys]\nkek = {{ file = \"{}\" }}\n", path.display());
    let kit = sqlite().config(&kek).folder(folder).seed(8).start().await;
    ann_logs_in(&kit).await;

    let folder = kit.stop().await;
    let named = format!("[keys]\nkeyring = \"{}\"\n", path.display());
    let kit = sqlite().config(&named).folder(folder).seed(9).start().await;
    ann_logs_in(&kit).await;

    let folder = kit.stop().await;
    let kit = sqlite().env("GATEWRIGHT_KEK", &text).folder(folder).seed(10).start().await;
    ann_logs_in(&kit).await;
}

fn command(script: &str) -> String {
    format!("[keys]\nkek_command = [\"/bin/sh\", \"-c\", {}]\nkek_command_seconds = 1\n", json!(script))
}

#[tokio::test]
async fn the_key_comes_from_a_command() {
    let secret = key("of a service");
    let print = command(&format!("echo {secret}"));
    let folder = with_ann(sqlite().config(&print)).await;
    let kit = sqlite().config(&print).folder(folder).seed(8).start().await;
    ann_logs_in(&kit).await;
}

#[tokio::test]
async fn a_command_that_gives_no_key_is_reported_without_it() {
    let secret = key("of a service");
    let cases = [
        (
            format!("echo {secret}; echo no such thing {secret} >&2; exit 3"),
            "exit status: 3); it said: no such thing ***",
        ),
        (format!("echo {secret}; sleep 60"), "has not ended after 1 seconds"),
        ("echo rubbish".to_owned(), "printed no key: it is neither base64"),
        (String::new(), "printed no key"),
        ("exec yes".to_owned(), "was stopped"),
        (format!("printf '\\377'; echo {secret}"), "printed no key"),
    ];
    for (script, wanted) in cases {
        let said = refusal(sqlite().config(&command(&script)), &[&secret]).await;
        assert!(said.contains(wanted), "{script}: {said}");
    }
    let nothing = "[keys]\nkek_command = [\"/no/such/program\", \"--token=very-secret\"]\n";
    let said = refusal(sqlite().config(nothing), &["very-secret-argument-of-it"]).await;
    assert!(said.contains("can't be started") && !said.contains("very-secret"), "{said}");
}

#[tokio::test]
async fn mistakes_in_the_table_are_told_with_their_place() {
    let mistakes = "[keys]\nkeyring = \"a\"\nkek = \"c2hvcnQ=\"\nkek_command = [\"x\"]\ndata_key_days = 0\n";
    let said = refusal(sqlite().config(mistakes), &["c2hvcnQ=c2hvcnQ="]).await;
    assert!(said.contains("test.toml") && said.contains("data_key_days"), "{said}");
    let mistakes = "[keys]\nkeyring = \"a\"\nkek = \"c2hvcnQ=\"\n[keys.signing]\nrotate_days = 1\n\
                    publish_ahead_hours = 24\nkeep_retired_hours = 1\n[login.session]\naccess_token_seconds = 7200\n";
    let said = refusal(sqlite().config(mistakes), &["c2hvcnQ=c2hvcnQ="]).await;
    for wanted in
        ["5 bytes instead of 32", "leave out one", "less than rotate_days", "keep retired keys longer"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(!said.contains("c2hvcnQ"), "{said}");
    let said = refusal(sqlite().env("GATEWRIGHT_KEK_PREVIOUS", &key("old")), &[&key("old")]).await;
    assert!(said.contains("which is not given"), "{said}");
}
