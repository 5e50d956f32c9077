//! What holds for commits as a whole, and the audit log.

use super::sample::Sample;
use gatewright_core::{
    audit::{Filter, Logged},
    session::TokenKind,
    store::{Subject, Write},
};

pub(super) async fn all_or_nothing(s: Sample) {
    let on = s.logged_in().await;
    let newcomer = s.person("newcomer");
    let (credential, transaction) = (s.credential(&newcomer), s.waiting("key"));
    let session = s.session(&newcomer);
    let document = Write::DocumentPut {
        plugin: "totp".to_owned(),
        tenant: s.tenant.clone(),
        key: "k".to_owned(),
        expect: None,
        value: vec![1],
        expires: None,
        now: s.now,
    };
    let everything = vec![
        Write::TenantInsert(s.a_tenant()),
        Write::KeyInsert(s.key()),
        Write::PersonInsert(newcomer.clone(), "newcomer".to_owned().into()),
        Write::CredentialInsert(credential.clone()),
        Write::TransactionInsert(transaction.clone()),
        Write::SessionInsert(session.clone()),
        Write::TokenInsert(s.token(&session, TokenKind::Access)),
        document,
        Write::Audit(s.event("test.happened")),
        Write::TokenSpend(on.access.hash, s.now),
        Write::SessionDelete(on.session.id),
    ];
    let mut failing = everything.clone();
    // The session is gone by then, and its token with it.
    failing.push(Write::TokenSpend(on.keep.hash, s.now));
    assert_eq!(s.conflict(failing).await, Subject::Token);

    let id = newcomer.id;
    assert_eq!(s.store.tenant(&s.tenant).await.expect("answers"), None);
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers"), []);
    assert_eq!(s.store.person(&s.tenant, id).await.expect("answers"), None);
    assert_eq!(s.store.person_by_username(&s.tenant, "newcomer").await.expect("answers"), None);
    assert_eq!(s.store.credentials(&s.tenant, id).await.expect("answers"), []);
    assert_eq!(s.store.transaction(&transaction.handle).await.expect("answers"), None);
    assert_eq!(s.store.transaction_by_wake("push", &s.lookup("key"), s.now).await.expect("answers"), None);
    assert_eq!(s.store.sessions_of(&s.tenant, id).await.expect("answers"), []);
    assert_eq!(s.store.document("totp", &s.tenant, "k", s.now).await.expect("answers"), None);
    assert_eq!(s.store.audit(&s.tenant, &Filter::before(None), 10).await.expect("answers"), []);
    assert!(s.has_session(&on.session).await && s.has_token(&on.keep).await);
    let access = s.store.token(&on.access.hash).await.expect("answers").expect("is there");
    assert_eq!(access.spent, None);

    // The same without the last: everything.
    s.put(everything).await;
    assert!(s.has_session(&session).await && !s.has_session(&on.session).await);
    assert_eq!(s.store.credentials(&s.tenant, id).await.expect("answers"), [credential]);
    assert_eq!(s.store.audit(&s.tenant, &Filter::before(None), 10).await.expect("answers").len(), 1);
}

pub(super) async fn writes_see_those_before_them(s: Sample) {
    let person = s.somebody().await;
    let credential = s.credential(&person);
    let next = gatewright_core::credential::StoredCredential { rev: 2, ..credential.clone() };
    s.put(vec![
        Write::CredentialInsert(credential.clone()),
        Write::CredentialReplace(next),
        Write::CredentialUnchanged(credential.id, 2),
        Write::CredentialDelete(credential.id, 2),
        Write::CredentialInsert(credential.clone()),
    ])
    .await;
    assert_eq!(s.store.credentials(&s.tenant, person.id).await.expect("answers"), [credential]);
    s.put(Vec::new()).await;
}

pub(super) async fn the_first_broken_condition_is_told(s: Sample) {
    let person = s.somebody().await;
    let absent = Write::CredentialDelete(s.credential(&person).id, 1);
    let taken = Write::PersonInsert(s.person("x"), person.username.clone().into());
    let stray = Write::TokenInsert(s.token(&s.session(&person), TokenKind::Access));
    let first = async |one: &Write, two: &Write| s.conflict(vec![one.clone(), two.clone()]).await;
    assert_eq!(first(&absent, &taken).await, Subject::Credential);
    assert_eq!(first(&taken, &absent).await, Subject::Person);
    assert_eq!(first(&stray, &taken).await, Subject::Session);
    assert_eq!(first(&absent, &stray).await, Subject::Credential);
}

pub(super) async fn a_long_commit(s: Sample) {
    let names: Vec<String> = (0..200).map(|i| format!("person-{i}")).collect();
    let insert = |name: &String| Write::PersonInsert(s.person(name), name.clone().into());
    let mut writes: Vec<Write> = names.iter().map(insert).collect();
    writes.push(insert(&names[150]));
    assert_eq!(s.conflict(writes.clone()).await, Subject::Person);
    assert_eq!(s.store.people(&s.tenant, None, 1000).await.expect("answers"), []);
    writes.pop();
    s.put(writes).await;
    assert_eq!(s.store.people(&s.tenant, None, 1000).await.expect("answers").len(), 200);
}

pub(super) async fn audit_newest_first_by_page(s: Sample) {
    let other = s.elsewhere();
    let person = s.somebody().await;
    let session = s.session(&person).id;
    for i in 0..5 {
        let event =
            s.event(&format!("test.{i}")).about(Some(person.id)).with("totp").within(session).but("wrong");
        s.put(vec![Write::Audit(event)]).await;
        other.put(vec![Write::Audit(other.event("other.happened"))]).await;
    }
    // Two lines of one commit, in its order; the time of a line does not matter.
    let mut early = s.event("test.5");
    early.at = s.at(-1000);
    s.put(vec![Write::Audit(early), Write::Audit(s.event("test.6"))]).await;

    let page = async |before, limit| {
        s.store.audit(&s.tenant, &Filter::before(before), limit).await.expect("answers")
    };
    let all = page(None, 100).await;
    let kinds: Vec<&str> = all.iter().map(|line| line.event.kind.as_str()).collect();
    assert_eq!(kinds, ["test.6", "test.5", "test.4", "test.3", "test.2", "test.1", "test.0"]);
    assert!(all.is_sorted_by(|one, two| one.number == two.number + 1));
    let expected = s.event("test.0").about(Some(person.id)).with("totp").within(session).but("wrong");
    assert_eq!(all[6].event, expected);
    let mut seen = Vec::new();
    let mut before = None;
    for _ in 0..all.len() {
        let lines = page(before, 3).await;
        let Some(Logged { number, .. }) = lines.last() else { break };
        before = Some(*number);
        seen.extend(lines);
    }
    assert_eq!(seen, all);
    assert_eq!(page(Some(all[6].number), 3).await, []);
}

pub(super) async fn it_answers(s: Sample) {
    s.store.ping().await.expect("answers");
}
