//! Documents are brought to a new version without waiting for their people.

use super::{LIMITS, WORD, asked, document, kit, login, says, swap, word};
use crate::stories::parallel::{all, count};
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin,
    audit::Filter,
    engine::{Migrated, Passing},
    store::Write,
};
use kit::{Kit, Store};
use serde_json::json;
use std::sync::Arc;

/// Brings all documents up to date; what was told on the way, and the sum.
async fn migrate(kit: &Kit) -> (Vec<String>, Migrated) {
    let mut told = Vec::new();
    let mut tell = |passing: Passing<'_>| {
        if !matches!(passing, Passing::Sum(_)) {
            told.push(format!("{passing:?}"));
        }
    };
    let sum =
        kit.app.engine.migrate_documents("edition", 3, &mut tell, &Origin::local("test")).await.unwrap();
    (told, sum)
}

#[tokio::test]
async fn an_operator_brings_all_documents_up_to_date() {
    let kit = kit(Store::Sqlite, "").await;
    let names: Vec<String> = (0..7).map(|n| format!("bob{n}")).collect();
    for name in &names {
        kit.person_without_password(name).await;
        word(&kit, name).await;
    }
    swap::<2>(&kit, "two");
    // One has come by herself, one is of a version to come, and one has been spoilt.
    assert_eq!(login(&kit).await, 2);
    let store = kit.app.engine.store();
    let all = store.credentials_not_at("edition", 2, None, 100).await.unwrap();
    assert_eq!(all.len(), 7);
    let [mut newer, mut spoilt] = [all[0].clone(), all[1].clone()];
    (newer.document_version, newer.rev) = (9, newer.rev + 1);
    spoilt.sealed[20] ^= 1;
    spoilt.rev += 1;
    store
        .commit(vec![Write::CredentialReplace(newer.clone()), Write::CredentialReplace(spoilt.clone())])
        .await
        .unwrap();
    let (told, sum) = migrate(&kit).await;
    assert_eq!((sum.version, sum.done, sum.newer, sum.damaged), (2, 5, 1, 1), "{sum:?}");
    assert_eq!((sum.again, sum.busy, sum.refused), (0, 0, 0));
    assert_eq!(told, [format!("Newer({:?}, 9)", newer.id), format!("Damaged({:?})", spoilt.id)]);
    assert_eq!(store.credentials_not_at("edition", 2, None, 100).await.unwrap(), [newer, spoilt]);
    // And again: nothing is left to do.
    assert_eq!(migrate(&kit).await.1.done, 0);
    let lines = store.audit(&TenantId::default_tenant(), &Filter::default(), 100).await.unwrap();
    let lines: Vec<_> = lines.iter().filter(|l| l.event.kind == "credential.migrated").collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].event.authenticator.as_deref(), Some("edition"));
    assert_eq!(lines[0].event.outcome, "incomplete");
}

/// Logins go on while documents are migrated; each use is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_the_same_time_wins() {
    let kit = Arc::new(kit(Store::Sqlite, LIMITS).await);
    swap::<2>(&kit, "two");
    let logins = (0..10).map(|_| {
        let kit = kit.clone();
        async move {
            let (transaction, _) = asked(&kit).await;
            says(&kit, &transaction, WORD).await
        }
    });
    let (replies, (told, sum)) = tokio::join!(all(logins), migrate(&kit));
    let right = count(&replies, 200);
    assert!(right + count(&replies, 409) == 10 && right > 0, "{replies:?}");
    assert!(told.is_empty() && sum.done <= 1, "{sum:?}");
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": right}));
}
