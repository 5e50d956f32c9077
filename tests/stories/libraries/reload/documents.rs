//! What was enrolled with one version, and is used with another.

use super::{World, asked, of_one, of_two};
use crate::stories::libraries::enrol;
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin,
    engine::{Migrated, Passing},
};
use kit::Store;
use serde_json::{Value, json};

impl World {
    /// What the library says of somebody's document; null where it can't read it.
    async fn document(&self, username: &str) -> Value {
        let engine = &self.kit.app.engine;
        let person = engine.find_person(&TenantId::default_tenant(), username).await.unwrap().unwrap();
        let all = engine.credentials_of(&person.tenant, person.id).await.unwrap();
        all.into_iter().find(|c| c.authenticator == "cheap").unwrap().details
    }

    /// The version that is stored, and the sealed bytes.
    async fn stored(&self, username: &str) -> (u32, Vec<u8>) {
        let engine = &self.kit.app.engine;
        let person = engine.find_person(&TenantId::default_tenant(), username).await.unwrap().unwrap();
        let mut all = engine.store().credentials(&person.tenant, person.id).await.unwrap();
        let one = all.swap_remove(0);
        (one.document_version, one.sealed)
    }

    async fn migrate(&self) -> Migrated {
        let mut tell = |_: Passing<'_>| {};
        let origin = Origin::local("test");
        self.kit.app.engine.migrate_documents("cheap", 3, &mut tell, &origin).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_version_reads_what_the_old_one_wrote_and_leaves_it_as_it_was() {
    let world = World::new(Store::Sqlite).await;
    let before = world.stored("ada").await;
    world.to(2).await;
    // The library refuses a document of the other version: it was migrated on its way in.
    assert_eq!(world.login().await, of_two());
    assert_eq!(world.document("ada").await, json!({"version": 2}));
    assert_eq!((before.0, world.stored("ada").await), (1, before));
    // Whoever is enrolled from now on has a new one.
    let bob = world.kit.person_without_password("bob").await;
    enrol(&world.kit, &bob, "cheap").await;
    assert_eq!(world.stored("bob").await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_brings_all_along() {
    let world = World::new(Store::Sqlite).await;
    for n in 0..7 {
        let person = world.kit.person_without_password(&format!("bob{n}")).await;
        enrol(&world.kit, &person, "cheap").await;
    }
    world.to(2).await;
    let sum = world.migrate().await;
    assert_eq!((sum.version, sum.done, sum.newer, sum.damaged, sum.refused), (2, 8, 0, 0, 0), "{sum:?}");
    assert_eq!(world.stored("bob3").await.0, 2);
    assert_eq!(world.login().await, of_two());
    assert_eq!(world.migrate().await.done, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_put_back_refuses_newer_documents_and_does_not_damage_them() {
    let world = World::new(Store::Sqlite).await;
    world.to(2).await;
    world.migrate().await;
    let newer = world.stored("ada").await;
    let told = world.to(1).await;
    assert!(told.iter().any(|line| line.contains("document version 2 can't be read by it")), "{told:?}");
    // To whoever asks, Ada looks like somebody who has none: the same question, and no answer is right.
    let begun = asked(&world.kit, "ada", "cheap").await.expect(200).str("transaction");
    world.says(&begun, "open").await.expect(401);
    assert_eq!(world.document("ada").await, Value::Null);
    let sum = world.migrate().await;
    assert_eq!((sum.version, sum.done, sum.newer), (1, 0, 1), "{sum:?}");
    assert_eq!(world.stored("ada").await, newer);
    // Who is enrolled now has an old one, which goes on.
    let bob = world.kit.person_without_password("bob").await;
    enrol(&world.kit, &bob, "cheap").await;
    assert_eq!(asked(&world.kit, "bob", "cheap").await.expect(200).json()["prompt"], of_one());
    world.to(2).await;
    assert_eq!(world.stored("ada").await, newer);
    assert_eq!(world.login().await, of_two());
}
