//! Sessions and tokens.

use super::sample::Sample;
use gatewright_contract::Timestamp;
use gatewright_core::{
    Session,
    session::{StoredToken, TokenKind},
    store::{Record, Subject, Write},
};
use uuid::Uuid;

pub(super) async fn sessions_and_their_conditions(s: Sample) {
    let person = s.somebody().await;
    let session = s.session(&person);
    let next =
        Session { last_seen: s.at(60), acr: "aal3".to_owned(), amr: vec![], rev: 2, ..session.clone() };
    let by_id = async || s.store.session(session.id).await.expect("answers");

    assert_eq!(s.conflict(vec![Write::SessionReplace(next.clone())]).await, Subject::Session, "absent");
    s.put(vec![Write::SessionInsert(session.clone())]).await;
    assert_eq!(by_id().await.as_deref(), Some(&session));
    assert_eq!(s.conflict(vec![Write::SessionInsert(session.clone())]).await, Subject::Session);
    s.put(vec![Write::SessionThere(session.id)]).await;
    assert_eq!(by_id().await.as_deref(), Some(&session), "and nothing changed");
    s.put(vec![Write::SessionReplace(next.clone())]).await;
    assert_eq!(by_id().await.as_deref(), Some(&next));
    assert_eq!(s.conflict(vec![Write::SessionReplace(next.clone())]).await, Subject::Session, "old revision");
    let other = Session { person: s.somebody().await.id, rev: 3, ..next.clone() };
    assert_eq!(s.conflict(vec![Write::SessionReplace(other)]).await, Subject::Session, "another's");
    let moved = Session { tenant: s.elsewhere().tenant, rev: 3, ..next };
    assert_eq!(s.conflict(vec![Write::SessionReplace(moved)]).await, Subject::Session, "another tenant's");

    s.put(vec![Write::SessionSeen(session.id, s.at(90))]).await;
    let seen = by_id().await.expect("is there");
    assert_eq!((seen.last_seen, seen.rev), (s.at(90), 3));
    s.put(vec![Write::SessionSeen(session.id, s.at(30))]).await;
    let seen = by_id().await.expect("is there");
    assert_eq!((seen.last_seen, seen.rev), (s.at(90), 4), "forwards only");

    s.put(vec![Write::SessionDelete(session.id), Write::SessionDelete(session.id)]).await;
    assert_eq!(s.conflict(vec![Write::SessionSeen(session.id, s.at(91))]).await, Subject::Session, "ended");
    assert_eq!(by_id().await, None);
    assert_eq!(s.conflict(vec![Write::SessionThere(session.id)]).await, Subject::Session, "ended");
    let nobodys = s.session(&s.person("nobody"));
    assert_eq!(s.conflict(vec![Write::SessionInsert(nobodys)]).await, Subject::Person);
}

pub(super) async fn tokens_and_their_conditions(s: Sample) {
    let on = s.logged_in().await;
    let by_hash = async |token: &StoredToken| s.store.token(&token.hash).await.expect("answers");
    assert_eq!(by_hash(&on.access).await.as_deref(), Some(&on.access));
    assert_eq!(by_hash(&on.keep).await.as_deref(), Some(&on.keep));
    assert_eq!(s.conflict(vec![Write::TokenInsert(on.keep.clone())]).await, Subject::Token);
    let stray = s.token(&s.session(&on.person), TokenKind::Access);
    assert_eq!(
        s.conflict(vec![Write::TokenInsert(stray.clone())]).await,
        Subject::Session,
        "no such session"
    );
    assert_eq!(s.conflict(vec![Write::TokenSpend(stray.hash, s.at(1))]).await, Subject::Token, "absent");

    s.put(vec![Write::TokenSpend(on.keep.hash, s.at(1))]).await;
    let spent = by_hash(&on.keep).await.and_then(|token| token.spent);
    assert_eq!(spent, Some(s.at(1)));
    assert_eq!(s.conflict(vec![Write::TokenSpend(on.keep.hash, s.at(2))]).await, Subject::Token, "spent");

    s.put(vec![Write::TokensSpendAll(on.session.id, s.at(3))]).await;
    let spent = async |token: &StoredToken| by_hash(token).await.and_then(|token| token.spent);
    assert_eq!((spent(&on.access).await, spent(&on.keep).await), (Some(s.at(3)), Some(s.at(1))));

    s.put(vec![Write::AccessTokensDelete(on.session.id)]).await;
    assert_eq!((s.has_token(&on.access).await, s.has_token(&on.keep).await), (false, true));
    s.put(vec![Write::AccessTokensDelete(on.session.id)]).await;
}

pub(super) async fn a_token_with_its_session(s: Sample) {
    let (on, other) = (s.logged_in().await, s.logged_in().await);
    let shown = async |token: &StoredToken| {
        let found = s.store.token_with_session(&token.hash).await.expect("answers");
        found.map(|(token, session)| ((*token).clone(), (*session).clone()))
    };
    for on in [&on, &other] {
        assert_eq!(shown(&on.access).await, Some((on.access.clone(), on.session.clone())));
        assert_eq!(shown(&on.keep).await, Some((on.keep.clone(), on.session.clone())));
    }
    assert_eq!(shown(&s.token(&on.session, TokenKind::Access)).await, None, "a stranger's");

    // What the two tables call the same is told apart: a token ends at another time than its session.
    let next = Session { acr: "aal1".to_owned(), expires: s.at(1800), rev: 2, ..on.session.clone() };
    s.put(vec![Write::SessionReplace(next.clone()), Write::TokenSpend(on.keep.hash, s.at(1))]).await;
    assert_eq!(shown(&on.access).await, Some((on.access.clone(), next.clone())));
    let spent = shown(&on.keep).await.map(|(token, session)| (token.spent, session));
    assert_eq!(spent, Some((Some(s.at(1)), next)));

    s.put(vec![Write::SessionDelete(on.session.id)]).await;
    assert_eq!((shown(&on.access).await, shown(&on.keep).await), (None, None));
    assert!(shown(&other.access).await.is_some());
}

pub(super) async fn tokens_go_with_their_session(s: Sample) {
    let (on, other) = (s.logged_in().await, s.logged_in().await);
    s.put(vec![Write::SessionDelete(on.session.id)]).await;
    assert!(!s.has_token(&on.access).await && !s.has_token(&on.keep).await);
    assert!(s.has_token(&other.access).await && s.has_token(&other.keep).await);
    let late = s.token(&on.session, TokenKind::Access);
    assert_eq!(s.conflict(vec![Write::TokenInsert(late)]).await, Subject::Session);
}

pub(super) async fn all_sessions_but_one(s: Sample) {
    let on = s.logged_in().await;
    let (second, third) = (s.session(&on.person), s.session(&on.person));
    let token = s.token(&second, TokenKind::Access);
    s.put(vec![
        Write::SessionInsert(second.clone()),
        Write::SessionInsert(third.clone()),
        Write::TokenInsert(token.clone()),
    ])
    .await;
    let other = s.logged_in().await;
    let end = |tenant, except| Write::SessionsOfPersonDelete { tenant, person: on.person.id, except };

    s.put(vec![end(s.elsewhere().tenant, None)]).await;
    assert!(s.has_session(&second).await, "another tenant's");
    s.put(vec![end(s.tenant.clone(), Some(second.id))]).await;
    assert!(s.has_session(&second).await && s.has_token(&token).await);
    assert!(
        !s.has_session(&on.session).await && !s.has_session(&third).await && !s.has_token(&on.keep).await
    );
    s.put(vec![end(s.tenant.clone(), None)]).await;
    assert!(!s.has_session(&second).await && !s.has_token(&token).await);
    assert!(s.has_session(&other.session).await && s.has_token(&other.access).await);
}

pub(super) async fn sessions_of_a_person_newest_first(s: Sample) {
    let person = s.somebody().await;
    let mut all: Vec<Session> =
        (0..205_i64).map(|i| Session { created: s.at(i * 7 % 205), ..s.session(&person) }).collect();
    s.put(all.iter().cloned().map(Write::SessionInsert).collect()).await;
    s.logged_in().await;
    all.sort_by_key(|session| std::cmp::Reverse((session.created, session.id)));
    let found = s.store.sessions_of(&s.tenant, person.id).await.expect("answers");
    assert_eq!(found, all[..200]);
    assert_eq!(s.store.sessions_of(&s.elsewhere().tenant, person.id).await.expect("answers"), []);
}

/// However it ends, whoever must hear of it is due in the same moment.
pub(super) async fn what_a_session_owns_is_due_when_it_has_ended(s: Sample) {
    for way in 0..5 {
        let s = Sample { now: Timestamp::from_secs(5_000 + way * 10_000), ..s.elsewhere() };
        let on = s.logged_in().await;
        let other = s.session(&on.person);
        s.put(vec![Write::SessionInsert(other.clone())]).await;
        let owned = async |owner: Uuid, due| {
            let id = Uuid::from_slice(&super::sample::unique()[..16]).expect("16 bytes");
            let record =
                Record::new(&s.tenant, "login", id, s.now, &serde_json::json!({})).expect("a record");
            let record = Record { owner: Some(owner), due, ..record };
            s.put(vec![Write::RecordInsert(record.clone())]).await;
            record
        };
        let (dated, undated) =
            (owned(on.session.id.0, Some(s.at(900))).await, owned(on.session.id.0, None).await);
        let stays = [owned(other.id.0, Some(s.at(900))).await, owned(on.person.id.0, None).await];
        let (tenant, person) = (s.tenant.clone(), on.person.id);
        match way {
            0 => s.put(vec![Write::SessionDelete(on.session.id)]).await,
            1 => s.put(vec![Write::SessionsOfPersonDelete { tenant, person, except: Some(other.id) }]).await,
            2 => s.put(vec![Write::SessionsOfPersonDelete { tenant, person, except: None }]).await,
            3 => s.put(vec![Write::PersonDelete(tenant, person, on.person.rev)]).await,
            _ => drop(s.store.expire(s.at(3_600), 100).await.expect("expires")),
        }
        let now = async |r: &Record| {
            s.store.record(&s.tenant, "login", r.id).await.expect("answers").expect("is there")
        };
        for record in [dated, undated] {
            let ended = Record { due: Some(Timestamp(0)), rev: 2, ..record.clone() };
            assert_eq!(now(&record).await, ended, "{way}");
        }
        assert_eq!(now(&stays[1]).await, stays[1], "{way}: of the person");
        let due = now(&stays[0]).await.due;
        assert_eq!(due, if way < 2 { stays[0].due } else { Some(Timestamp(0)) }, "{way}: of another session");
        s.store.expire(s.at(3_600), 100).await.expect("expires");
    }
}
