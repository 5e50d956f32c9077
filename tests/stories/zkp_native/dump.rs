//! Somebody steals the database, and nothing else.

use super::{Asking, Secret, ask, asked, complete, invited};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use kit::{Kit, Login, Store};
use serde_json::json;
use std::{fs, path::Path};

/// Every file beside the keyring, one after the other.
fn dump(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && !name.contains("keyring") {
            all.extend(fs::read(&path).expect("a file"));
        }
    }
    all
}

/// As itself, or as any text that we write bytes as.
fn holds(dump: &[u8], bytes: &[u8]) -> bool {
    let texts = [BASE64.encode(bytes), BASE64URL_NOPAD.encode(bytes), HEXLOWER.encode(bytes)];
    let forms = texts.iter().map(String::as_bytes).chain([bytes]);
    forms.into_iter().any(|form| dump.windows(form.len()).any(|window| window == form))
}

#[tokio::test]
async fn a_stolen_database_holds_neither_key_nor_helper_nor_anything_of_the_secret() {
    let kit = Kit::with(Store::Sqlite).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let commitment = told.commit("", "");
    let proof = json!({"encrypted_commitment": commitment.seal(), "proto_version": "vp1"});
    complete(&kit, &transaction, &proof).await.expect(200);
    let (login, asked) = asked(&kit, "ann", &secret).await;
    let answer = asked.answer();
    Login::of(&kit.answer(&login, "zkp", answer.clone()).await);
    // And a challenge that still waits for its answer.
    let waiting = Asking::login(&secret);
    let posed = ask(&kit, &kit.begin("ann").await, &waiting).await.expect(200);
    let waits = waiting.told(&posed.json()["prompt"], "");

    let folder = kit.stop().await;
    let dump = dump(folder.path());
    assert!(holds(&dump, b"ann"), "this is where people are");

    // `01 || challenge_id || X || proof || helper`, and the helper: salt, parameters, names, masked sketch.
    let [public, helper] = [&commitment.plain[17..49], &commitment.plain[113..]];
    let hidden: [(&str, &[u8]); 9] = [
        ("the public key", public),
        ("the helper", helper),
        ("its salt", &helper[..16]),
        ("its sketch", &helper[helper.len() - 64..]),
        ("the picture", &secret.picture.0[..32]),
        ("PIN and pattern", &secret.factors()),
        ("a proof", &commitment.plain[49..113]),
        ("a nonce", &waits.sealed.nonce),
        ("an evaluation", &waits.sealed.evaluated),
    ];
    for (what, bytes) in hidden {
        assert!(!holds(&dump, bytes), "{what} is in the database");
    }
    let sent = answer["challenge_data"].as_str().expect("a proof");
    assert!(!holds(&dump, sent.as_bytes()), "a proof is in the database");
}
