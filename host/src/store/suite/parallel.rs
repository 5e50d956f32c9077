//! Many at once.

use super::{
    counters::{RULE, counter},
    sample::{Sample, unique},
};
use gatewright_core::{
    audit::Filter,
    credential::StoredCredential,
    session::TokenKind,
    store::{Reserved, StoreError, Write},
    throttle::Rule,
    token::HashedToken,
    transaction::Transaction,
};
use std::future::Future;
use tokio::task::JoinSet;

async fn all<F: Future<Output: Send + 'static> + Send + 'static>(
    count: usize,
    make: impl Fn() -> F,
) -> Vec<F::Output> {
    let mut tasks: JoinSet<F::Output> = JoinSet::new();
    for _ in 0..count {
        tasks.spawn(make());
    }
    tasks.join_all().await
}

/// Makes a write that only one can do.
type Kind = fn(&Sample, &StoredCredential, &Transaction, HashedToken) -> Write;

/// Of twenty equal commits at once exactly one succeeds; the others hear that they came too late.
pub(super) async fn one_of_twenty_wins(s: Sample) {
    let on = s.logged_in().await;
    let (credential, transaction) = (s.credential(&on.person), s.transaction());
    s.put(vec![Write::CredentialInsert(credential.clone()), Write::TransactionInsert(transaction.clone())])
        .await;
    let kinds: [Kind; 7] = [
        |_, c, _, _| Write::CredentialReplace(StoredCredential { rev: 2, ..c.clone() }),
        |_, _, t, _| {
            Write::TransactionReplace(Transaction { handle: HashedToken(unique()), rev: 2, ..t.clone() })
        },
        |_, _, t, _| Write::TransactionDelete(t.id, 2),
        |s, _, _, hash| Write::TokenSpend(hash, s.now),
        |s, _, _, _| Write::PersonInsert(s.person("first"), "first".to_owned().into()),
        |s, _, _, _| Write::KeyInsert(s.key()),
        |s, _, _, _| Write::DocumentPut {
            plugin: "totp".to_owned(),
            tenant: s.tenant.clone(),
            key: "step".to_owned(),
            expect: None,
            value: vec![1],
            expires: None,
            now: s.now,
        },
    ];
    for (i, kind) in kinds.into_iter().enumerate() {
        let results = all(20, || {
            let write = kind(&s, &credential, &transaction, on.keep.hash);
            let s = s.clone();
            // Each beside another write, so that losing has something to undo.
            async move { s.commit(vec![Write::Audit(s.event(&format!("won.{i}"))), write]).await }
        });
        let results = results.await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{i}: {results:?}");
        let late = |result: &Result<(), StoreError>| matches!(result, Ok(()) | Err(StoreError::Conflict(_)));
        assert!(results.iter().all(late), "{results:?}");
    }
    let lines = s.store.audit(&s.tenant, &Filter::before(None), 1000).await.expect("answers");
    assert_eq!(lines.len(), 7, "only who won has left a trace");
}

pub(super) async fn fifty_tries_are_fifty_counted(s: Sample) {
    let (key, rule) = (counter(), Rule { limit: 10, ..RULE });
    let results = all(50, || {
        let s = s.clone();
        async move { s.store.reserve(&[(key, rule)], s.now).await.expect("answers").result }
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|result| **result == Reserved::Granted).count(), 10, "{results:?}");
    let until = s.at(60);
    assert_eq!(results.iter().filter(|result| **result == Reserved::Blocked { index: 0, until }).count(), 40);
}

/// Good and bad ones mixed: each hears its own result.
pub(super) async fn many_at_once(s: Sample) {
    let on = s.logged_in().await;
    let mut tasks = JoinSet::new();
    for i in 0..300 {
        let s = s.clone();
        let session = on.session.clone();
        let hash = on.access.hash;
        tasks.spawn(async move {
            let token = s.token(&session, TokenKind::Access);
            let mut writes = vec![Write::TokenInsert(token.clone()), Write::Audit(s.event("test.happened"))];
            if i % 3 == 0 {
                // A hash that is taken.
                writes.push(Write::TokenInsert(gatewright_core::session::StoredToken {
                    hash,
                    ..token.clone()
                }));
            }
            let written = s.commit(writes).await.is_ok();
            assert_eq!(written, i % 3 != 0);
            // What was acknowledged is seen at once, what was refused never.
            assert_eq!(s.has_token(&token).await, written);
        });
    }
    tasks.join_all().await;
    assert_eq!(s.store.audit(&s.tenant, &Filter::before(None), 1000).await.expect("answers").len(), 200);
}
