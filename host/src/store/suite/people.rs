//! Tenants, their keys, and people.

use super::sample::Sample;
use gatewright_core::{
    Person, Tenant,
    store::{Search, SortBy, Subject, WrappedKey, Write},
};

pub(super) async fn tenants_and_their_conditions(s: Sample) {
    let tenant = s.a_tenant();
    assert_eq!(s.store.tenant(&s.tenant).await.expect("answers"), None);
    let next = Tenant { settings: Some(Sample::settings()), disabled: true, rev: 2, ..tenant.clone() };
    assert_eq!(s.conflict(vec![Write::TenantReplace(next.clone())]).await, Subject::Tenant, "absent");

    s.put(vec![Write::TenantInsert(tenant.clone())]).await;
    assert_eq!(s.store.tenant(&s.tenant).await.expect("answers").as_deref(), Some(&tenant));
    assert_eq!(s.conflict(vec![Write::TenantInsert(tenant.clone())]).await, Subject::Tenant);

    s.put(vec![Write::TenantReplace(next.clone())]).await;
    assert_eq!(s.store.tenant(&s.tenant).await.expect("answers").as_deref(), Some(&next));
    assert_eq!(s.conflict(vec![Write::TenantReplace(next.clone())]).await, Subject::Tenant, "old revision");
    assert_eq!(s.store.tenant(&s.elsewhere().tenant).await.expect("answers"), None);
}

pub(super) async fn keys_are_made_once(s: Sample) {
    let key = s.key();
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers"), []);
    s.put(vec![Write::KeyInsert(key.clone())]).await;
    assert_eq!(s.conflict(vec![Write::KeyInsert(s.key())]).await, Subject::Key);
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers"), [key]);
    let other = s.elsewhere();
    other.put(vec![Write::KeyInsert(other.key())]).await;
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers").len(), 1);
}

pub(super) async fn keys_follow_each_other(s: Sample) {
    let (one, two) = (s.key(), WrappedKey { generation: 2, wrapped: vec![9], ..s.key() });
    s.put(vec![Write::KeyInsert(one.clone()), Write::KeyInsert(two.clone())]).await;
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers"), [two.clone(), one.clone()], "newest first");
    let rewrap = |from: &[u8]| vec![Write::KeyRewrap { id: two.id, from: from.to_vec(), to: vec![8] }];
    assert_eq!(s.conflict(rewrap(&[1])).await, Subject::Key, "it is wrapped otherwise");
    s.put(rewrap(&[9])).await;
    assert_eq!(s.conflict(rewrap(&[9])).await, Subject::Key);
    let now = WrappedKey { wrapped: vec![8], ..two };
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers"), [now, one]);
}

pub(super) async fn pages_of_tenants(s: Sample) {
    // Tests share a store: only these tenants are looked at.
    let mut mine = Vec::new();
    for _ in 0..4 {
        let one = s.elsewhere();
        one.put(vec![Write::TenantInsert(one.a_tenant())]).await;
        mine.push(one.tenant);
    }
    mine.sort();
    let mut seen = Vec::new();
    loop {
        let page = s.store.tenants(seen.last(), 3).await.expect("answers");
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|tenant| tenant.id));
    }
    assert!(seen.is_sorted());
    seen.retain(|id| mine.contains(id));
    assert_eq!(seen, mine);
}

pub(super) async fn an_address_is_one_persons_in_one_tenant(s: Sample) {
    let with = |name: &str, email: &str| {
        let person = Person { email: Some(email.to_owned()), ..s.person(name) };
        let keys = person.keys().expect("names that can be");
        (person, keys)
    };
    let (alice, keys) = with("alice", "Al@Example.org");
    s.put(vec![Write::PersonInsert(alice.clone(), keys)]).await;
    let found = async |key| s.store.person_by_email(&s.tenant, key).await.expect("answers");
    assert_eq!(found("al@example.org").await, Some(alice.clone()));
    let (bob, keys) = with("bob", "AL@example.ORG");
    assert_eq!(s.conflict(vec![Write::PersonInsert(bob, keys)]).await, Subject::Email);
    // Cyrillic: what looks like it is it.
    let (bob, keys) = with("bob", "\u{430}l@example.org");
    assert_eq!(s.conflict(vec![Write::PersonInsert(bob, keys)]).await, Subject::Email);
    let (twin, keys) = with("\u{430}\u{441}\u{435}", "ace@example.org");
    s.put(vec![Write::PersonInsert(twin, keys)]).await;
    let (ace, keys) = with("ace", "real@example.org");
    assert_eq!(s.conflict(vec![Write::PersonInsert(ace, keys)]).await, Subject::Person, "it looks the same");

    let moved = Person { email: None, rev: 2, ..alice.clone() };
    let keys = moved.keys().expect("names");
    s.put(vec![Write::PersonReplace(moved, keys)]).await;
    assert_eq!(found("al@example.org").await, None);
    let (bob, keys) = with("bob", "al@example.org");
    s.put(vec![Write::PersonInsert(bob.clone(), keys)]).await;
    assert_eq!(
        s.store.person_by_email(&s.elsewhere().tenant, "al@example.org").await.expect("answers"),
        None
    );

    let back = Person { email: Some("al@example.org".to_owned()), rev: 3, ..alice };
    let keys = back.keys().expect("names");
    assert_eq!(s.conflict(vec![Write::PersonReplace(back, keys)]).await, Subject::Email);
}

pub(super) async fn who_is_deleted_takes_everything_along(s: Sample) {
    let on = s.logged_in().await;
    let credential = s.credential(&on.person);
    s.put(vec![Write::CredentialInsert(credential.clone())]).await;
    let delete = |rev| vec![Write::PersonDelete(s.tenant.clone(), on.person.id, rev)];
    assert!(s.has_token(&on.access).await && s.has_session(&on.session).await);
    assert_eq!(s.conflict(delete(2)).await, Subject::Person);
    s.put(delete(1)).await;
    assert_eq!(s.store.person(&s.tenant, on.person.id).await.expect("answers"), None);
    assert_eq!(s.store.credentials(&s.tenant, on.person.id).await.expect("answers"), []);
    assert!(!s.has_token(&on.access).await && !s.has_session(&on.session).await);
    let again = Person { username: on.person.username.clone(), ..s.person("x") };
    let key = on.person.username.clone();
    s.put(vec![Write::PersonInsert(again, key.into())]).await;
}

pub(super) async fn people_and_their_conditions(s: Sample) {
    let alice = s.person("Alice");
    let next = Person {
        username: "Alison".to_owned(),
        email: Some("a@example.org".to_owned()),
        display_name: None,
        disabled: true,
        administrator: false,
        rev: 2,
        ..alice.clone()
    };
    let insert = Write::PersonInsert(alice.clone(), "alice".to_owned().into());
    let replace = Write::PersonReplace(next.clone(), "alison".to_owned().into());
    let by_id = async || s.store.person(&s.tenant, alice.id).await.expect("answers");
    let by_name = async |key| s.store.person_by_username(&s.tenant, key).await.expect("answers");
    let unchanged = |rev| Write::PersonUnchanged(s.tenant.clone(), alice.id, rev);

    assert_eq!(s.conflict(vec![replace.clone()]).await, Subject::Person, "absent");
    assert_eq!(s.conflict(vec![unchanged(1)]).await, Subject::Person, "absent");
    s.put(vec![insert.clone()]).await;
    assert_eq!(by_id().await, Some(alice.clone()));
    assert_eq!(by_name("alice").await, Some(alice.clone()));
    let namesake =
        Write::PersonInsert(Person { username: "x".to_owned(), ..alice.clone() }, "x".to_owned().into());
    assert_eq!(s.conflict(vec![namesake]).await, Subject::Person, "the id is taken");

    s.put(vec![unchanged(1)]).await;
    assert_eq!(by_id().await, Some(alice.clone()), "and nothing changed");
    assert_eq!(s.conflict(vec![unchanged(2)]).await, Subject::Person);
    let elsewhere = Write::PersonUnchanged(s.elsewhere().tenant, alice.id, 1);
    assert_eq!(s.conflict(vec![elsewhere]).await, Subject::Person, "another tenant's");

    s.put(vec![replace.clone()]).await;
    assert_eq!(by_id().await, Some(next.clone()));
    assert_eq!((by_name("alice").await, by_name("alison").await), (None, Some(next.clone())));
    assert_eq!(s.conflict(vec![replace]).await, Subject::Person, "old revision");

    let other = s.elsewhere();
    assert_eq!(s.store.person(&other.tenant, alice.id).await.expect("answers"), None);
    assert_eq!(s.store.person_by_username(&other.tenant, "alison").await.expect("answers"), None);
    let moved = Person { tenant: other.tenant.clone(), rev: 3, ..next };
    assert_eq!(
        s.conflict(vec![Write::PersonReplace(moved, "alison".to_owned().into())]).await,
        Subject::Person
    );
}

pub(super) async fn a_login_name_is_one_persons_in_one_tenant(s: Sample) {
    let (alice, bob) = (s.person("alice"), s.person("bob"));
    s.put(vec![Write::PersonInsert(alice.clone(), "alice".to_owned().into())]).await;
    let second = s.person("ALICE");
    assert_eq!(
        s.conflict(vec![Write::PersonInsert(second, "alice".to_owned().into())]).await,
        Subject::Person
    );
    s.put(vec![Write::PersonInsert(bob.clone(), "bob".to_owned().into())]).await;
    let renamed = Person { rev: 2, ..bob.clone() };
    let taken = Write::PersonReplace(renamed.clone(), "alice".to_owned().into());
    assert_eq!(s.conflict(vec![taken]).await, Subject::Person);
    assert_eq!(s.store.person(&s.tenant, bob.id).await.expect("answers"), Some(bob), "nothing changed");

    // Nobody has it any more, so somebody else may.
    let gone = Person { rev: 2, ..alice };
    s.put(vec![Write::PersonReplace(gone, "al".to_owned().into())]).await;
    s.put(vec![Write::PersonReplace(renamed.clone(), "alice".to_owned().into())]).await;
    let found = s.store.person_by_username(&s.tenant, "alice").await.expect("answers");
    assert_eq!(found.map(|p| p.id), Some(renamed.id));

    let other = s.elsewhere();
    other.put(vec![Write::PersonInsert(other.person("alice"), "alice".to_owned().into())]).await;
}

pub(super) async fn pages_of_people(s: Sample) {
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(s.somebody().await.id);
        s.elsewhere().somebody().await;
    }
    ids.sort();
    let page = async |after, limit| -> Vec<_> {
        let page = s.store.people(&s.tenant, after, limit).await.expect("answers");
        page.into_iter().map(|p| p.id).collect()
    };
    assert_eq!(page(None, 3).await, ids[..3]);
    assert_eq!(page(Some(ids[2]), 3).await, ids[3..6]);
    assert_eq!(page(Some(ids[5]), 3).await, ids[6..]);
    assert_eq!(page(Some(ids[6]), 3).await, []);
    assert_eq!(page(None, 0).await, []);
    assert_eq!(page(None, u32::MAX).await, ids);
}

pub(super) async fn people_are_searched_for(s: Sample) {
    let add = async |name: &str, email: Option<&str>| {
        let person = Person { email: email.map(str::to_owned), ..s.person(name) };
        let keys = person.keys().expect("names that can be");
        s.put(vec![Write::PersonInsert(person.clone(), keys)]).await;
        person
    };
    let ann = add("Ann_1", Some("Zoe@example.org")).await;
    let bob = add("ann%1", Some("a%b@example.org")).await;
    let carol = add("carol!", None).await;
    let robot = Person { service: true, ..s.person("annabot") };
    let keys = robot.keys().expect("names that can be");
    s.put(vec![Write::PersonInsert(robot, keys)]).await;
    let other = s.elsewhere();
    let keys = "ann2".to_owned().into();
    other.put(vec![Write::PersonInsert(other.person("ann2"), keys)]).await;

    let found = async |search: Search| s.store.people_like(&s.tenant, &search).await.expect("answers");
    let sorted = |sort, descending| Search { sort, descending, limit: 10, ..Search::of("", "") };
    let by_name = found(sorted(SortBy::Username, false)).await;
    assert_eq!(by_name, (vec![bob.clone(), ann.clone(), carol.clone()], 3), "`%` is before `_`");
    let (down, _) = found(sorted(SortBy::Username, true)).await;
    assert_eq!(down, [carol.clone(), ann.clone(), bob.clone()]);
    let (by_mail, _) = found(sorted(SortBy::Email, false)).await;
    assert_eq!(by_mail, [carol.clone(), bob.clone(), ann.clone()]);
    let (down, _) = found(sorted(SortBy::Email, true)).await;
    assert_eq!(down, [ann.clone(), bob.clone(), carol.clone()]);
    let mut made = vec![ann.clone(), bob.clone(), carol.clone()];
    made.sort_by_key(|person| person.id);
    assert_eq!(found(sorted(SortBy::Created, false)).await.0, made);
    made.reverse();
    assert_eq!(found(sorted(SortBy::Created, true)).await.0, made);

    let page = Search { offset: 1, limit: 1, ..sorted(SortBy::Username, false) };
    assert_eq!(found(page).await, (vec![ann.clone()], 3));
    for (username, email, who) in [
        ("ANN", "", vec![&bob, &ann]),
        ("n_", "", vec![&ann]),
        ("n%", "", vec![&bob]),
        ("!", "", vec![&carol]),
        ("", "zoe@EXAMPLE", vec![&ann]),
        ("", "%", vec![&bob]),
        ("ann", "example", vec![&bob, &ann]),
        ("carol", "example", vec![]),
        ("\0", "", vec![]),
    ] {
        let search = Search { sort: SortBy::Username, limit: 10, ..Search::of(username, email) };
        let (people, total) = found(search).await;
        assert_eq!(people.iter().collect::<Vec<_>>(), who, "{username:?} {email:?}");
        assert_eq!(total, who.len() as u64, "{username:?} {email:?}");
    }
}
