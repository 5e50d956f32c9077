//! Credentials.

use super::sample::Sample;
use gatewright_core::{
    credential::StoredCredential,
    store::{Subject, Write},
};

pub(super) async fn credentials_and_their_conditions(s: Sample) {
    let person = s.somebody().await;
    let (one, two) = (s.credential(&person), s.credential(&person));
    // The older one has the greater id, so that the order can only be that of enrolment.
    let first = StoredCredential { id: one.id.max(two.id), ..one.clone() };
    let second = StoredCredential { id: one.id.min(two.id), created: s.at(5), label: None, ..one };
    let all = async || s.store.credentials(&s.tenant, person.id).await.expect("answers");
    let next = StoredCredential {
        sealed: vec![9; 100],
        label: Some("renamed".to_owned()),
        last_used: Some(s.at(9)),
        document_version: 4,
        rev: 2,
        ..first.clone()
    };
    let replace = Write::CredentialReplace(next.clone());
    assert_eq!(s.conflict(vec![replace.clone()]).await, Subject::Credential, "absent");
    assert_eq!(
        s.conflict(vec![Write::CredentialUnchanged(first.id, 1)]).await,
        Subject::Credential,
        "absent"
    );

    s.put(vec![Write::CredentialInsert(second.clone()), Write::CredentialInsert(first.clone())]).await;
    assert_eq!(all().await, [first.clone(), second.clone()]);
    let again = Write::CredentialInsert(first.clone());
    assert_eq!(s.conflict(vec![again]).await, Subject::Credential, "the id is taken");

    s.put(vec![Write::CredentialUnchanged(first.id, 1)]).await;
    assert_eq!(all().await[0], first, "and nothing changed");
    s.put(vec![Write::CredentialTouch(first.id, s.at(3))]).await;
    assert_eq!(all().await[0], StoredCredential { last_used: Some(s.at(3)), ..first.clone() });

    s.put(vec![replace.clone()]).await;
    assert_eq!(all().await, [next.clone(), second.clone()]);
    assert_eq!(s.conflict(vec![replace]).await, Subject::Credential, "old revision");
    assert_eq!(s.conflict(vec![Write::CredentialUnchanged(first.id, 1)]).await, Subject::Credential);
    for moved in [
        StoredCredential { rev: 3, authenticator: "totp".to_owned(), ..next.clone() },
        StoredCredential { rev: 3, person: s.somebody().await.id, ..next.clone() },
        StoredCredential { rev: 3, tenant: s.elsewhere().tenant, ..next.clone() },
    ] {
        assert_eq!(s.conflict(vec![Write::CredentialReplace(moved)]).await, Subject::Credential);
    }

    assert_eq!(s.conflict(vec![Write::CredentialDelete(first.id, 1)]).await, Subject::Credential);
    s.put(vec![Write::CredentialDelete(first.id, 2)]).await;
    assert_eq!(s.conflict(vec![Write::CredentialDelete(first.id, 2)]).await, Subject::Credential);
    assert_eq!(all().await, [second]);
    s.put(vec![Write::CredentialTouch(first.id, s.at(3))]).await;
    let elsewhere = s.store.credentials(&s.elsewhere().tenant, person.id).await.expect("answers");
    assert_eq!(elsewhere, []);
}

pub(super) async fn all_of_one_authenticator_go_at_once(s: Sample) {
    let (ann, bob) = (s.somebody().await, s.somebody().await);
    let (mine, theirs) = (s.credential(&ann), s.credential(&bob));
    let keyed = StoredCredential { lookup: Some(s.lookup("device")), ..s.credential(&ann) };
    let app = StoredCredential { authenticator: "totp".to_owned(), ..s.credential(&ann) };
    let all = [mine.clone(), keyed.clone(), theirs.clone(), app.clone()];
    s.put(all.into_iter().map(Write::CredentialInsert).collect()).await;
    let gone = || Write::CredentialsOfDelete(s.tenant.clone(), ann.id, mine.authenticator.clone());
    let elsewhere = s.elsewhere().tenant;
    s.put(vec![Write::CredentialsOfDelete(elsewhere, ann.id, mine.authenticator.clone())]).await;
    assert_eq!(s.store.credentials(&s.tenant, ann.id).await.expect("answers").len(), 3);
    // Whatever their revision, and none is no conflict.
    for _ in 0..2 {
        s.put(vec![gone()]).await;
        assert_eq!(
            s.store.credentials(&s.tenant, ann.id).await.expect("answers"),
            std::slice::from_ref(&app)
        );
    }
    assert_eq!(s.store.credentials(&s.tenant, bob.id).await.expect("answers"), [theirs]);
    s.put(vec![Write::CredentialInsert(keyed)]).await;
}

pub(super) async fn those_of_another_version_are_listed(s: Sample) {
    let other = s.elsewhere();
    let (ann, bob) = (s.somebody().await, other.somebody().await);
    // A name that no other test has.
    let authenticator = format!("of-{}", s.tenant);
    let of = |c: StoredCredential, document_version: u32| StoredCredential {
        authenticator: authenticator.clone(),
        document_version,
        ..c
    };
    let mut old: Vec<_> = [1, 3, 1, 2].map(|version| of(s.credential(&ann), version)).into();
    old.push(of(other.credential(&bob), 1));
    let mut all = old.clone();
    all.extend([of(s.credential(&ann), 4), s.credential(&ann)]);
    s.put(all.into_iter().map(Write::CredentialInsert).collect()).await;
    old.sort_by_key(|c| c.id);
    let page = async |after, limit| {
        s.store.credentials_not_at(&authenticator, 4, after, limit).await.expect("answers")
    };
    assert_eq!(page(None, 10).await, old);
    assert_eq!(page(None, 2).await, old[..2]);
    assert_eq!(page(Some(old[1].id), 2).await, old[2..4]);
    assert_eq!(page(Some(old[4].id), 2).await, []);
}

pub(super) async fn a_lookup_key_is_one_credentials(s: Sample) {
    let (alice, bob) = (s.somebody().await, s.somebody().await);
    let key = s.lookup("device");
    let with = |c: StoredCredential| StoredCredential { lookup: Some(key.clone()), ..c };
    let found = async |authenticator: &str| {
        s.store.credential_by_lookup(&s.tenant, authenticator, &key).await.expect("answers").map(|c| c.id)
    };
    let mine = with(s.credential(&alice));
    s.put(vec![Write::CredentialInsert(mine.clone())]).await;
    assert_eq!(found("passkey").await, Some(mine.id));
    assert_eq!(found("x509").await, None);
    let theirs = with(s.credential(&bob));
    assert_eq!(s.conflict(vec![Write::CredentialInsert(theirs.clone())]).await, Subject::Credential);

    // Another authenticator's keys are other keys, and so are another tenant's.
    let x509 = StoredCredential { authenticator: "x509".to_owned(), ..with(s.credential(&bob)) };
    s.put(vec![Write::CredentialInsert(x509.clone())]).await;
    assert_eq!(found("x509").await, Some(x509.id));
    let other = s.elsewhere();
    let there = other.somebody().await;
    other.put(vec![Write::CredentialInsert(with(other.credential(&there)))]).await;
    assert_eq!(found("passkey").await, Some(mine.id));

    // A key that is taken can't be changed to; one that is given up can.
    let bobs = s.credential(&bob);
    s.put(vec![Write::CredentialInsert(bobs.clone())]).await;
    let grab = StoredCredential { rev: 2, ..with(bobs.clone()) };
    assert_eq!(s.conflict(vec![Write::CredentialReplace(grab.clone())]).await, Subject::Credential);
    s.put(vec![Write::CredentialDelete(mine.id, 1), Write::CredentialReplace(grab)]).await;
    assert_eq!(found("passkey").await, Some(bobs.id));
    let without = StoredCredential { rev: 3, ..bobs };
    s.put(vec![Write::CredentialReplace(without)]).await;
    assert_eq!(found("passkey").await, None);
}

pub(super) async fn a_credential_needs_its_person(s: Sample) {
    let nobody = s.person("nobody");
    assert_eq!(s.conflict(vec![Write::CredentialInsert(s.credential(&nobody))]).await, Subject::Person);
    let elsewhere = s.elsewhere().somebody().await;
    let smuggled = s.credential(&elsewhere);
    assert_eq!(s.conflict(vec![Write::CredentialInsert(smuggled)]).await, Subject::Person);
}
