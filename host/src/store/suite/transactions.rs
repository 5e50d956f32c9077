//! Login transactions.

use super::sample::{Sample, unique};
use gatewright_core::{
    store::{Subject, Write},
    token::HashedToken,
    transaction::Transaction,
};

pub(super) async fn transactions_and_their_conditions(s: Sample) {
    let begun = s.waiting("wait");
    let mut next = Transaction { handle: HashedToken(unique()), wake: None, rev: 2, ..begun.clone() };
    next.body.pending = None;
    next.body.attempts = 3;
    let by = async |handle| s.store.transaction(handle).await.expect("answers");

    let replace = Write::TransactionReplace(next.clone());
    assert_eq!(s.conflict(vec![replace.clone()]).await, Subject::Transaction, "absent");
    s.put(vec![Write::TransactionInsert(begun.clone())]).await;
    assert_eq!(by(&begun.handle).await, Some(begun.clone()));
    let again = Transaction { handle: HashedToken(unique()), ..begun.clone() };
    assert_eq!(
        s.conflict(vec![Write::TransactionInsert(again)]).await,
        Subject::Transaction,
        "the id is taken"
    );

    s.put(vec![replace.clone()]).await;
    assert_eq!((by(&begun.handle).await, by(&next.handle).await), (None, Some(next.clone())));
    let woken = s.store.transaction_by_wake("push", &s.lookup("wait"), s.now).await.expect("answers");
    assert_eq!(woken, None, "it waits no more");
    assert_eq!(s.conflict(vec![replace]).await, Subject::Transaction, "old revision");
    let moved = Transaction { tenant: s.elsewhere().tenant, rev: 3, ..next.clone() };
    assert_eq!(s.conflict(vec![Write::TransactionReplace(moved)]).await, Subject::Transaction);

    assert_eq!(s.conflict(vec![Write::TransactionDelete(next.id, 1)]).await, Subject::Transaction);
    s.put(vec![Write::TransactionDelete(next.id, 2)]).await;
    assert_eq!(s.conflict(vec![Write::TransactionDelete(next.id, 2)]).await, Subject::Transaction);
    assert_eq!(by(&next.handle).await, None);
}

pub(super) async fn a_handle_is_one_transactions(s: Sample) {
    let (one, two) = (s.transaction(), s.transaction());
    s.put(vec![Write::TransactionInsert(one.clone()), Write::TransactionInsert(two.clone())]).await;
    let same = Transaction { handle: one.handle, ..s.transaction() };
    assert_eq!(s.conflict(vec![Write::TransactionInsert(same)]).await, Subject::Transaction);
    let grab = Transaction { handle: one.handle, rev: 2, ..two.clone() };
    assert_eq!(s.conflict(vec![Write::TransactionReplace(grab)]).await, Subject::Transaction);
    assert_eq!(s.store.transaction(&two.handle).await.expect("answers"), Some(two));
    // A step may keep its handle (somebody polls).
    let polled = Transaction { rev: 2, ..one.clone() };
    s.put(vec![Write::TransactionReplace(polled.clone())]).await;
    assert_eq!(s.store.transaction(&one.handle).await.expect("answers"), Some(polled));
}

pub(super) async fn something_from_outside_finds_the_newest(s: Sample) {
    let mut waiting = [s.waiting("device"), s.waiting("device"), s.waiting("another")];
    waiting[..2].sort_by_key(|t| t.id);
    s.put(waiting.iter().rev().cloned().map(Write::TransactionInsert).collect()).await;
    let woken = async |authenticator| {
        s.store.transaction_by_wake(authenticator, &s.lookup("device"), s.now).await.expect("answers")
    };
    assert_eq!(woken("push").await, Some(waiting[1].clone()));
    assert_eq!(woken("sms").await, None);
    s.put(vec![Write::TransactionDelete(waiting[1].id, 1)]).await;
    assert_eq!(woken("push").await, Some(waiting[0].clone()));
}

pub(super) async fn what_has_expired_is_not_woken(s: Sample) {
    let mut waiting = [s.waiting("device"), s.waiting("device")];
    waiting.sort_by_key(|t| t.id);
    waiting[1].expires = s.at(60);
    s.put(waiting.iter().cloned().map(Write::TransactionInsert).collect()).await;
    let woken =
        async |now| s.store.transaction_by_wake("push", &s.lookup("device"), now).await.expect("answers");
    assert_eq!(woken(s.at(59)).await.as_ref(), Some(&waiting[1]));
    assert_eq!(woken(s.at(60)).await.as_ref(), Some(&waiting[0]), "the newest of those that still wait");
    assert_eq!(woken(s.at(600)).await, None);
}
