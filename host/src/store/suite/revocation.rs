//! Once a revocation is acknowledged nobody gets the old value, whatever happens at the same time.

mod gated;
mod records;

use super::sample::{Folder, LoggedIn, Sample};
use crate::store::{
    Access,
    cache::{CacheConfig, Cached},
    memory::Memory,
    sqlite,
};
use futures_util::FutureExt;
use gated::{Gated, Gates};
use gatewright_core::{
    Session, Tenant,
    session::{StoredToken, TokenKind},
    store::{Store, Write},
};
use std::{
    future::poll_fn,
    sync::{Arc, atomic::Ordering},
    task::Poll,
};

/// A cached store, what lies below it, and the gates in between.
struct Bench {
    s: Sample,
    truth: Arc<dyn Store>,
    gates: Arc<Gates>,
}

impl Bench {
    fn new() -> Self {
        Self::sized(&CacheConfig::default())
    }

    fn sized(sizes: &CacheConfig) -> Self {
        let truth: Arc<dyn Store> = Arc::new(Memory::default());
        let gates = Gates::open();
        let gated = Gated { inner: truth.clone(), gates: gates.clone() };
        Self { s: Sample::new(Arc::new(Cached::new(gated, sizes))), truth, gates }
    }

    /// Asks for everything that is kept of a login, as a request does.
    async fn ask(&self, on: &LoggedIn) {
        for token in [&on.access, &on.keep] {
            self.s.store.token(&token.hash).await.expect("answers");
        }
        self.s.store.session(on.session.id).await.expect("answers");
        self.s.store.tenant(&self.s.tenant).await.expect("answers");
    }

    /// What is answered is what is stored.
    async fn is_true(&self, on: &LoggedIn, after: &Write) {
        for token in [&on.access, &on.keep] {
            let found = self.s.store.token(&token.hash).await.expect("answers");
            assert_eq!(found, self.truth.token(&token.hash).await.expect("answers"), "{after:?}");
            let shown = self.s.store.token_with_session(&token.hash).await.expect("answers");
            let truth = self.truth.token_with_session(&token.hash).await.expect("answers");
            assert_eq!(shown, truth, "{after:?}");
        }
        let found = self.s.store.session(on.session.id).await.expect("answers");
        assert_eq!(found, self.truth.session(on.session.id).await.expect("answers"), "{after:?}");
        let found = self.s.store.tenant(&self.s.tenant).await.expect("answers");
        assert_eq!(found, self.truth.tenant(&self.s.tenant).await.expect("answers"), "{after:?}");
    }

    /// A login in a tenant that is stored.
    async fn logged_in(&self) -> LoggedIn {
        self.s.put(vec![Write::TenantInsert(self.s.a_tenant())]).await;
        self.s.logged_in().await
    }
}

/// Every write that makes something stale which may be kept.
fn revocations(s: &Sample, on: &LoggedIn) -> Vec<Write> {
    let (tenant, person) = (s.tenant.clone(), on.person.id);
    let other = s.session(&on.person).id;
    vec![
        Write::TenantReplace(Tenant { disabled: true, rev: 2, ..s.a_tenant() }),
        Write::SessionReplace(Session { acr: "aal1".to_owned(), rev: 2, ..on.session.clone() }),
        Write::SessionSeen(on.session.id, s.at(61)),
        Write::TokenSpend(on.access.hash, s.now),
        Write::TokenSpend(on.keep.hash, s.now),
        Write::TokensSpendAll(on.session.id, s.now),
        Write::AccessTokensDelete(on.session.id),
        Write::SessionDelete(on.session.id),
        Write::SessionsOfPersonDelete { tenant: tenant.clone(), person, except: None },
        Write::SessionsOfPersonDelete { tenant: tenant.clone(), person, except: Some(other) },
        Write::SessionsOfPersonDelete { tenant, person, except: Some(on.session.id) },
    ]
}

const REVOCATIONS: usize = 11;

#[tokio::test]
async fn what_is_kept_is_not_asked_again() {
    let bench = Bench::new();
    let on = bench.logged_in().await;
    bench.ask(&on).await;
    let reads = bench.gates.reads.load(Ordering::SeqCst);
    assert_eq!(reads, 3, "two tokens with their session, a tenant");
    bench.ask(&on).await;
    assert_eq!(bench.gates.reads.load(Ordering::SeqCst), reads);
    // What is not there is asked for each time.
    let absent = bench.s.token(&on.session, TokenKind::Access);
    for asked in 1..=2 {
        assert!(!bench.s.has_token(&absent).await);
        assert_eq!(bench.gates.reads.load(Ordering::SeqCst), reads + asked);
    }
}

#[tokio::test]
async fn a_revocation_is_seen_at_once() {
    for i in 0..REVOCATIONS {
        let bench = Bench::new();
        let on = bench.logged_in().await;
        let write = revocations(&bench.s, &on).swap_remove(i);
        bench.ask(&on).await;
        bench.s.put(vec![write.clone()]).await;
        bench.is_true(&on, &write).await;
        bench.is_true(&on, &write).await;
    }
}

/// A request has read the database and not yet kept what it read; then somebody revokes it.
#[tokio::test]
async fn an_answer_from_before_is_not_kept_after() {
    for i in 0..REVOCATIONS {
        // Held at its first, second and third read.
        for passing in 0..3 {
            let bench = Arc::new(Bench::new());
            let on = Arc::new(bench.logged_in().await);
            let write = revocations(&bench.s, &on).swap_remove(i);
            bench.gates.read.hold_after(passing);
            let request = tokio::spawn({
                let (bench, on) = (bench.clone(), on.clone());
                async move { bench.ask(&on).await }
            });
            bench.gates.read.reached().await;
            bench.s.put(vec![write.clone()]).await;
            bench.gates.read.release();
            request.await.expect("ends");
            bench.is_true(&on, &write).await;
        }
    }
}

/// Who revokes hangs up while the commit is under way; meanwhile the old value is read and kept.
#[tokio::test]
async fn hanging_up_does_not_keep_what_is_revoked() {
    for i in 0..REVOCATIONS {
        let bench = Bench::new();
        let on = bench.logged_in().await;
        let write = revocations(&bench.s, &on).swap_remove(i);
        bench.gates.commit.hold_after(0);
        let mut commit = bench.s.store.commit(vec![write.clone()]);
        poll_fn(|context| {
            assert!(commit.poll_unpin(context).is_pending());
            Poll::Ready(())
        })
        .await;
        bench.gates.commit.reached().await;
        drop(commit);
        bench.ask(&on).await;
        bench.gates.commit.release();
        // One thread: after that, whatever can run has run.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        bench.is_true(&on, &write).await;
    }
}

#[tokio::test]
async fn what_may_have_been_swept_up_is_asked_again() {
    let bench = Bench::new();
    let on = bench.logged_in().await;
    bench.ask(&on).await;
    let expire = Write::Audit(bench.s.event("expire"));
    for secs in [600, 900, 3600] {
        bench.s.store.expire(bench.s.at(secs), 100).await.expect("expires");
        bench.is_true(&on, &expire).await;
    }
    assert!(!bench.s.has_session(&on.session).await);
}

#[tokio::test]
async fn more_than_fits_is_still_right() {
    let bench = Bench::sized(&CacheConfig { tokens: 8, sessions: 4, tenants: 2, records: 2 });
    let first = bench.logged_in().await;
    let mut others = Vec::new();
    for _ in 0..50 {
        let on = bench.s.logged_in().await;
        bench.ask(&on).await;
        others.push(on);
    }
    let write = Write::SessionDelete(first.session.id);
    bench.s.put(vec![write.clone()]).await;
    for on in others.iter().chain([&first]) {
        bench.is_true(on, &write).await;
        bench.is_true(on, &write).await;
    }
}

/// Over a real file, with readers that never stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_and_revocations_race() {
    let folder = Folder::new();
    let file = sqlite::open(&folder.path("gatewright.db"), Access::Host).await.expect("opens");
    let s = Sample::new(Arc::new(Cached::new(file, &CacheConfig::default())));
    let mut rounds = tokio::task::JoinSet::new();
    for task in 0..8_usize {
        let s = s.clone();
        rounds.spawn(async move {
            for round in 0..15 {
                let on = s.logged_in().await;
                let write = revocations(&s, &on).swap_remove(3 + (task + round) % 6);
                let hash = on.access.hash;
                let reader = tokio::spawn({
                    let s = s.clone();
                    async move {
                        loop {
                            s.store.token(&hash).await.expect("answers");
                            tokio::task::yield_now().await;
                        }
                    }
                });
                tokio::task::yield_now().await;
                s.put(vec![write.clone()]).await;
                let is_good = |token: &Arc<StoredToken>| token.spent.is_none();
                let revokes_access = !matches!(write, Write::TokenSpend(spent, _) if spent != hash);
                for _ in 0..20 {
                    let found = s.store.token(&hash).await.expect("answers");
                    assert_eq!(found.is_some_and(|token| is_good(&token)), !revokes_access, "{write:?}");
                }
                reader.abort();
            }
        });
    }
    rounds.join_all().await;
    s.store.close().await;
}
