//! Documents that can't be opened, hang or are too many: nobody learns from it who there is, and nothing is lost.

use super::{WORD, asked, asked_as, document, kit, login, says, swap, word};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, credential::StoredCredential, store::Write};
use kit::{
    Kit, Login, Store,
    generation::{Generation, made},
    shapes::edition,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn stored(kit: &Kit) -> StoredCredential {
    let tenant = TenantId::default_tenant();
    let ada = kit.app.engine.find_person(&tenant, "ada").await.unwrap().unwrap();
    let all = kit.app.engine.store().credentials(&tenant, ada.id).await.unwrap();
    all.into_iter().find(|c| c.authenticator == "edition").unwrap()
}

/// Ada's document is damaged from now on; how it lies there.
async fn spoil(kit: &Kit) -> StoredCredential {
    let mut spoilt = stored(kit).await;
    spoilt.sealed[20] ^= 1;
    spoilt.rev += 1;
    kit.app.engine.store().commit(vec![Write::CredentialReplace(spoilt.clone())]).await.unwrap();
    spoilt
}

#[tokio::test]
async fn who_has_a_damaged_one_looks_like_nobody() {
    let kit = kit(Store::Memory, "").await;
    let spoilt = spoil(&kit).await;
    let mut seen = Vec::new();
    for name in ["ada", "nobody"] {
        let (transaction, prompt) = asked_as(&kit, name, json!({})).await;
        let refused = says(&kit, &transaction, WORD).await.expect(401);
        seen.push((prompt["edition"].clone(), refused.json()));
    }
    assert_eq!(seen[0], seen[1]);
    // It lies there as it did, and is in nobody's way.
    assert_eq!(stored(&kit).await, spoilt);
    assert_eq!(document(&kit).await, Value::Null);
    kit.login("ada").await;
}

#[tokio::test]
async fn who_has_one_that_is_not_migrated_looks_like_nobody() {
    let kit = kit(Store::Memory, "").await;
    let old = stored(&kit).await;
    // It says that it is of a version that it is not of.
    let odd = StoredCredential { document_version: 2, rev: old.rev + 1, ..old };
    kit.app.engine.store().commit(vec![Write::CredentialReplace(odd.clone())]).await.unwrap();
    swap::<3>(&kit, "three");
    let (transaction, _) = asked(&kit).await;
    says(&kit, &transaction, WORD).await.expect(401);
    assert_eq!(stored(&kit).await, odd);
}

/// Who chooses another word does not get it beside one that nobody has read.
#[tokio::test]
async fn a_damaged_one_is_not_replaced_unseen() {
    let kit = kit(Store::Memory, "").await;
    let spoilt = spoil(&kit).await;
    let token = kit.login("ada").await.access_token;
    kit.post_as(&token, "/auth/v1/enrol/edition", &json!({})).await.expect(500);
    assert_eq!(stored(&kit).await, spoilt);
}

#[tokio::test]
async fn one_that_hangs_costs_a_list_a_moment() {
    let kit = kit(Store::Memory, "").await;
    let silent = Generation::silent(std::sync::Arc::new(made::<edition::Edition<1>>(kit.now())), "two");
    kit.app.swap(silent).unwrap();
    let token = kit.login("ada").await.access_token;
    let begun = Instant::now();
    let listed = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(listed.text().contains("\"edition\""), "{}", listed.text());
}

#[tokio::test]
async fn an_invitation_may_change_what_is_there() {
    let kit = kit(Store::Sqlite, "").await;
    let token = kit.login("ada").await.access_token;
    assert_eq!(login(&kit).await, 1);
    let invited = kit.post_as(&token, "/auth/v1/enrol/edition", &json!({"invite": {"afresh": true}})).await;
    let transaction = invited.expect(200).str("transaction");
    let (gone, _) = asked(&kit).await;
    says(&kit, &gone, WORD).await.expect(401);
    let body = json!({"transaction": transaction, "proof": {"word": "west"}});
    kit.post_as(&token, "/auth/v1/enrol/edition/complete", &body).await.expect(200);
    let (back, _) = asked(&kit).await;
    Login::of(&says(&kit, &back, "west").await);
}

/// In one go there is no time between the two steps.
#[tokio::test]
async fn nobody_else_is_invited_with_changes() {
    let kit = kit(Store::Memory, "").await;
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    let chosen = (json!({"afresh": true}), json!({"word": "west"}));
    let refused = kit.app.engine.enrol_for(&ada, "edition", chosen, &Origin::local("kit")).await.unwrap_err();
    assert_eq!(refused.status, 409, "{refused}");
    assert_eq!(login(&kit).await, 1);
}

#[tokio::test]
async fn nobody_sets_up_more_than_can_be_handed_over() {
    let kit = kit(Store::Memory, "").await;
    word(&kit, "ada").await;
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    let chosen = (json!({}), json!({"word": "w".repeat(600 << 10)}));
    let refused = kit.app.engine.enrol_for(&ada, "edition", chosen, &Origin::local("kit")).await.unwrap_err();
    assert_eq!(refused.status, 409, "{refused}");
    assert!(refused.detail.contains("512 KiB"), "{refused}");
    assert_eq!(login(&kit).await, 1);
}
