//! Values that are hard to store.

use super::sample::Sample;
use gatewright_contract::{LookupKey, Timestamp};
use gatewright_core::{
    Person,
    audit::Filter,
    credential::StoredCredential,
    store::{StoreError, Write},
};
use serde_json::json;

fn document(s: &Sample, value: Vec<u8>) -> Write {
    let (plugin, key) = ("totp".to_owned(), "k".to_owned());
    Write::DocumentPut {
        plugin,
        tenant: s.tenant.clone(),
        key,
        expect: None,
        value,
        expires: None,
        now: s.now,
    }
}

pub(super) async fn large_values(s: Sample) {
    let bytes: Vec<u8> = (0..65_536_u32).map(|i| i.to_le_bytes()[0] ^ i.to_le_bytes()[1]).collect();
    let person = s.somebody().await;
    let credential = StoredCredential { sealed: bytes.clone(), ..s.credential(&person) };
    let mut transaction = s.transaction();
    transaction.body.dialect = json!({"long": "ü".repeat(200_000)});
    s.put(vec![
        document(&s, bytes.clone()),
        Write::CredentialInsert(credential.clone()),
        Write::TransactionInsert(transaction.clone()),
    ])
    .await;
    let found = s.store.document("totp", &s.tenant, "k", s.now).await.expect("answers");
    assert_eq!(found.map(|(value, _)| value), Some(bytes));
    assert_eq!(s.store.credentials(&s.tenant, person.id).await.expect("answers"), [credential]);
    assert_eq!(s.store.transaction(&transaction.handle).await.expect("answers"), Some(transaction));
}

pub(super) async fn unicode(s: Sample) {
    let name = "ǆ\u{301}🔑\u{1f468}\u{200d}\u{1f469} '\"; DROP TABLE people; -- $1 ?1 %_\\";
    let person = Person { display_name: Some(name.to_owned()), email: Some(String::new()), ..s.person(name) };
    s.put(vec![Write::PersonInsert(person.clone(), name.to_owned().into())]).await;
    assert_eq!(s.store.person_by_username(&s.tenant, name).await.expect("answers"), Some(person.clone()));
    // Names are compared by their bytes: folding is the core's, once, before.
    assert_eq!(s.store.person_by_username(&s.tenant, &name.to_uppercase()).await.expect("answers"), None);
    assert_eq!(s.store.person_by_username(&s.tenant, &format!("{name} ")).await.expect("answers"), None);
    let mut transaction = s.transaction();
    transaction.body.context = json!({ name: name });
    s.put(vec![Write::TransactionInsert(transaction.clone())]).await;
    assert_eq!(s.store.transaction(&transaction.handle).await.expect("answers"), Some(transaction));
}

pub(super) async fn what_not_every_database_can_store(s: Sample) {
    let person = Person { display_name: Some("a\0b".to_owned()), ..s.person("alice") };
    let refused = s.commit(vec![
        Write::Audit(s.event("test.happened")),
        Write::PersonInsert(person, "alice".to_owned().into()),
    ]);
    assert!(matches!(refused.await, Err(StoreError::Broken(..))));
    assert_eq!(s.store.people(&s.tenant, None, 10).await.expect("answers"), []);
    assert_eq!(
        s.store.audit(&s.tenant, &Filter::before(None), 10).await.expect("answers"),
        [],
        "and nothing of the commit"
    );
    // To ask for it is no mistake: nobody has it.
    assert_eq!(s.store.person_by_username(&s.tenant, "a\0b").await.expect("answers"), None);
    let found = s.store.credential_by_lookup(&s.tenant, "passkey", &LookupKey("\0".to_owned())).await;
    assert_eq!(found.expect("answers"), None);
    assert_eq!(s.store.document("totp", &s.tenant, "\0", s.now).await.expect("answers"), None);
    // Inside JSON and inside bytes it is stored.
    let mut transaction = s.transaction();
    transaction.body.context = json!({"a\0": "b\0"});
    s.put(vec![Write::TransactionInsert(transaction.clone()), document(&s, vec![0])]).await;
    assert_eq!(s.store.transaction(&transaction.handle).await.expect("answers"), Some(transaction));
}

pub(super) async fn extremes(s: Sample) {
    let person = s.somebody().await;
    let mut session = s.session(&person);
    session.expires = Timestamp(i64::MAX);
    session.created = Timestamp(i64::MIN);
    session.idle_seconds = u32::MAX;
    session.rev = i64::MAX;
    let credential =
        StoredCredential { document_version: u32::MAX, sealed: Vec::new(), ..s.credential(&person) };
    s.put(vec![Write::SessionInsert(session.clone()), Write::CredentialInsert(credential.clone())]).await;
    assert_eq!(s.store.session(session.id).await.expect("answers").as_deref(), Some(&session));
    assert_eq!(s.store.credentials(&s.tenant, person.id).await.expect("answers"), [credential]);
}
