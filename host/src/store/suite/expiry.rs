//! Deleting what is over. At a time of its own, long before what other tests store.

use super::{
    counters::{RULE, counter},
    sample::{LoggedIn, Sample},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    Session,
    session::{StoredToken, TokenKind},
    store::{EXPIRING, Record, Reserved, Write},
    throttle::Rule,
    transaction::Transaction,
};

fn long_ago(s: Sample) -> Sample {
    Sample { now: Timestamp::from_secs(1_000_000), ..s }
}

pub(super) async fn what_is_over_goes(s: Sample) {
    let s = long_ago(s);
    let on = s.logged_in().await;
    let ends =
        |session: Session, idle_seconds, expires| Session { idle_seconds, expires: s.at(expires), ..session };
    let idle = ends(s.session(&on.person), 100, 3600);
    let old = ends(s.session(&on.person), 3600, 100);
    let with_idle = StoredToken { expires: s.at(5000), ..s.token(&idle, TokenKind::Session) };
    let short = StoredToken { expires: s.at(100), ..s.token(&on.session, TokenKind::Access) };
    let over = Transaction { expires: s.at(100), ..s.waiting("over") };
    let later = Transaction { expires: s.at(101), ..s.waiting("later") };
    let document = |key: &str, expires: Option<Timestamp>| Write::DocumentPut {
        plugin: "totp".to_owned(),
        tenant: s.tenant.clone(),
        key: key.to_owned(),
        expect: None,
        value: vec![1],
        expires,
        now: s.now,
    };
    s.put(vec![
        Write::SessionInsert(idle.clone()),
        Write::SessionInsert(old.clone()),
        Write::TokenInsert(with_idle.clone()),
        Write::TokenInsert(short.clone()),
        Write::TransactionInsert(over.clone()),
        Write::TransactionInsert(later.clone()),
        document("over", Some(s.at(100))),
        document("later", Some(s.at(101))),
        document("never", None),
    ])
    .await;
    let (key, person) = (counter(), counter());
    let address = Rule { in_a_row: None, ..RULE };
    s.store.reserve(&[(key, address), (person, RULE)], s.now).await.expect("counts");

    assert!(s.store.expire(s.at(99), 100).await.expect("expires") == 0, "nothing is over yet");
    let gone = s.store.expire(s.at(100), 100).await.expect("expires");
    assert_eq!(gone, 5, "two sessions, a token, a transaction, a document");
    assert!(!s.has_session(&idle).await && !s.has_token(&with_idle).await && !s.has_session(&old).await);
    assert!(!s.has_token(&short).await && s.has_token(&on.access).await && s.has_session(&on.session).await);
    assert_eq!(s.store.transaction(&over.handle).await.expect("answers"), None);
    assert_eq!(s.store.transaction(&later.handle).await.expect("answers"), Some(later));
    let woken = s.store.transaction_by_wake("push", &s.lookup("over"), s.now).await.expect("answers");
    assert_eq!(woken, None);
    for (name, there) in [("over", false), ("later", true), ("never", true)] {
        let found = s.store.document("totp", &s.tenant, name, s.now).await.expect("answers");
        assert_eq!(found.is_some(), there, "{name}");
    }
    // A counter stays as long as its blocks may double.
    assert_eq!(
        s.store.expire(s.at(199), 100).await.expect("expires"),
        2,
        "the later transaction and document"
    );
    assert_eq!(s.store.expire(s.at(200), 100).await.expect("expires"), 1, "the counter");
    assert_eq!(s.store.reserve(&[(key, address)], s.at(200)).await.expect("counts"), Reserved::Granted);
    // That of a person for days: failures in a row count however slowly they come.
    let days = 4 * 86_400;
    s.store.expire(s.at(days - 1), 100).await.expect("expires");
    assert_eq!(s.store.expire(s.at(days), 100).await.expect("expires"), 1, "the person");
    // So that nothing is left for another test.
    s.store.expire(s.at(1_000_000), 1_000).await.expect("expires");
}

pub(super) async fn records_end_where_their_date_is_an_end(s: Sample) {
    let s = Sample { now: Timestamp::from_secs(3_000), ..s };
    let put = async |kind: &str, due| {
        let id = uuid::Uuid::from_slice(&super::sample::unique()[..16]).expect("16 bytes");
        let record = Record::new(&s.tenant, kind, id, s.now, &serde_json::json!({})).expect("a record");
        let record = Record { due, key: Some(id.to_string()), ..record };
        s.put(vec![Write::RecordInsert(record.clone())]).await;
        record
    };
    let there = async |r: &Record| {
        let by_id = s.store.record(&s.tenant, &r.kind, r.id).await.expect("answers").is_some();
        let key = r.key.as_deref().expect("has one");
        let by_key = s.store.record_by_key(&s.tenant, &r.kind, key).await.expect("answers").is_some();
        assert_eq!(by_id, by_key);
        by_id
    };
    for kind in EXPIRING {
        let (over, later, never) =
            (put(kind, Some(s.at(5))).await, put(kind, Some(s.at(6))).await, put(kind, None).await);
        // Here a date means that something is to be done.
        let job = put("message", Some(s.at(5))).await;
        assert_eq!(s.store.expire(s.at(4), 100).await.expect("expires"), 0, "{kind}");
        assert!(there(&over).await);
        assert_eq!(s.store.expire(s.at(5), 100).await.expect("expires"), 1, "{kind}");
        assert!(
            !there(&over).await && there(&later).await && there(&never).await && there(&job).await,
            "{kind}"
        );
        let same_key = Record { id: later.id, due: None, rev: 2, ..later.clone() };
        s.put(vec![Write::RecordReplace(same_key.clone())]).await;
        assert_eq!(s.store.expire(s.at(100), 100).await.expect("expires"), 0, "{kind}");
        assert!(there(&same_key).await);
    }
}

/// The end of a session moves with its use, and not beyond its latest end.
pub(super) async fn who_is_seen_stays(s: Sample) {
    let s = Sample { now: Timestamp::from_secs(4_000), ..s };
    let person = s.somebody().await;
    let ends = |idle_seconds, expires| Session { idle_seconds, expires: s.at(expires), ..s.session(&person) };
    let (used, unused, at_its_end) = (ends(100, 3600), ends(100, 3600), ends(100, 120));
    let all = [&used, &unused, &at_its_end];
    s.put(all.map(|session| Write::SessionInsert(session.clone())).to_vec()).await;
    s.put(vec![Write::SessionSeen(used.id, s.at(50)), Write::SessionSeen(at_its_end.id, s.at(50))]).await;
    s.put(vec![Write::SessionSeen(used.id, s.at(20))]).await;
    assert_eq!(s.store.expire(s.at(119), 100).await.expect("expires"), 1);
    assert!(s.has_session(&used).await && !s.has_session(&unused).await);
    assert_eq!(s.store.expire(s.at(149), 100).await.expect("expires"), 1);
    assert!(s.has_session(&used).await && !s.has_session(&at_its_end).await);
    assert_eq!(s.store.expire(s.at(150), 100).await.expect("expires"), 1);
    assert!(!s.has_session(&used).await);
}

pub(super) async fn a_little_at_a_time(s: Sample) {
    let s = Sample { now: Timestamp::from_secs(2_000), ..s };
    let LoggedIn { session, .. } = s.logged_in().await;
    let tokens: Vec<StoredToken> = (0..10_i64)
        .map(|i| StoredToken { expires: s.at(i), ..s.token(&session, TokenKind::Access) })
        .collect();
    s.put(tokens.iter().rev().cloned().map(Write::TokenInsert).collect()).await;
    assert_eq!(s.store.expire(s.at(8), 4).await.expect("expires"), 4);
    for (i, token) in tokens.iter().enumerate() {
        assert_eq!(s.has_token(token).await, i >= 4, "the earliest first: {i}");
    }
    assert_eq!(s.store.expire(s.at(8), 100).await.expect("expires"), 5);
    assert_eq!(s.store.expire(s.at(8), 100).await.expect("expires"), 0);
    assert!(s.has_token(&tokens[9]).await);
    s.store.expire(s.at(10_000), 100).await.expect("expires");
}
