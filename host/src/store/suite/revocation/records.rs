//! Records that are kept: a client by its key, a token by its key and its grant by its id.

use super::{Bench, Sample};
use crate::store::{cache::CacheConfig, suite::sample::unique};
use gatewright_core::store::{Record, Write};
use serde_json::json;
use std::sync::{Arc, atomic::Ordering};
use uuid::Uuid;

fn id() -> Uuid {
    Uuid::from_slice(&unique()[..16]).expect("16 bytes")
}

/// What is stored of an application that somebody uses.
struct Used {
    client: Record,
    grant: Record,
    token: Record,
}

impl Used {
    async fn new(s: &Sample) -> Self {
        let record = |kind| Record::new(&s.tenant, kind, id(), s.now, &json!({})).expect("a record");
        let client = Record { key: Some("app".to_owned()), ..record("oauth-client") };
        let grant = Record { owner: Some(id()), due: Some(s.at(900)), ..record("oauth-grant") };
        let (key, due) = (Some("hash".to_owned()), Some(s.at(600)));
        let token = Record { key, due, owner: Some(grant.id), ..record("oauth-token") };
        s.put([&client, &grant, &token].map(|r| Write::RecordInsert(r.clone())).to_vec()).await;
        Self { client, grant, token }
    }

    /// Every write that makes one of them stale.
    fn revocations(&self) -> Vec<Write> {
        let delete = |r: &Record| Write::RecordDelete(r.tenant.clone(), r.kind.clone(), r.id, r.rev);
        let next = |r: &Record| r.next(&json!({"disabled": true})).expect("a record");
        let of =
            |owner: Option<Uuid>| Write::RecordsOfDelete(self.grant.tenant.clone(), owner.expect("is owned"));
        let of_kind = |r: &Record| {
            Write::RecordsOfKindDelete(r.tenant.clone(), r.kind.clone(), r.owner.expect("is owned"))
        };
        vec![
            Write::RecordReplace(next(&self.client)),
            Write::RecordReplace(Record { key: Some("other".to_owned()), ..next(&self.client) }),
            Write::RecordReplace(next(&self.grant)),
            delete(&self.client),
            delete(&self.grant),
            delete(&self.token),
            of(self.grant.owner),
            of(self.token.owner),
            of_kind(&self.grant),
            of_kind(&self.token),
        ]
    }
}

const REVOCATIONS: usize = 10;

impl Bench {
    async fn ask_records(&self, used: &Used) -> [Option<Record>; 4] {
        let Sample { store, tenant, .. } = &self.s;
        [
            store.record_by_key(tenant, "oauth-client", "app").await.expect("answers"),
            store.record_by_key(tenant, "oauth-client", "other").await.expect("answers"),
            store.record_by_key(tenant, "oauth-token", "hash").await.expect("answers"),
            store.record(tenant, "oauth-grant", used.grant.id).await.expect("answers"),
        ]
    }

    async fn records_are_true(&self, used: &Used, after: &Write) {
        let below = Bench { s: Sample { store: self.truth.clone(), ..self.s.clone() }, ..self.again() };
        assert_eq!(self.ask_records(used).await, below.ask_records(used).await, "{after:?}");
    }

    fn again(&self) -> Self {
        Self { s: self.s.clone(), truth: self.truth.clone(), gates: self.gates.clone() }
    }
}

#[tokio::test]
async fn a_record_that_is_kept_is_not_asked_again() {
    let bench = Bench::new();
    let used = Used::new(&bench.s).await;
    let asked = || bench.gates.reads.load(Ordering::SeqCst);
    bench.ask_records(&used).await;
    assert_eq!(asked(), 4);
    bench.ask_records(&used).await;
    assert_eq!(asked(), 5, "what is not there is asked for each time");
    // By its id also what was found by its key, but in no other place.
    let Sample { store, tenant, .. } = &bench.s;
    assert!(store.record(tenant, "oauth-client", used.client.id).await.expect("answers").is_some());
    assert_eq!(asked(), 5);
    let elsewhere = bench.s.elsewhere().tenant;
    assert!(store.record(&elsewhere, "oauth-client", used.client.id).await.expect("answers").is_none());
    assert!(store.record(tenant, "oauth-token", used.client.id).await.expect("answers").is_none());
    assert!(store.record_by_key(&elsewhere, "oauth-client", "app").await.expect("answers").is_none());
    assert_eq!(asked(), 8);
    // Another kind is never kept, and who is about to change one is told what is stored.
    let group = Record { id: id(), kind: "group".to_owned(), ..used.client.clone() };
    bench.s.put(vec![Write::RecordInsert(group.clone())]).await;
    for _ in 0..2 {
        store.record(tenant, "group", group.id).await.expect("answers");
        store.record_uncached(tenant, "oauth-grant", used.grant.id).await.expect("answers");
    }
    assert_eq!(asked(), 12);
    store.record(tenant, "oauth-grant", used.grant.id).await.expect("answers");
    assert_eq!(asked(), 12);
}

#[tokio::test]
async fn a_changed_record_is_seen_at_once() {
    for i in 0..REVOCATIONS {
        let bench = Bench::new();
        let used = Used::new(&bench.s).await;
        let write = used.revocations().swap_remove(i);
        bench.ask_records(&used).await;
        bench.s.put(vec![write.clone()]).await;
        bench.records_are_true(&used, &write).await;
        bench.records_are_true(&used, &write).await;
    }
}

#[tokio::test]
async fn a_record_from_before_is_not_kept_after() {
    for i in 0..REVOCATIONS {
        for passing in 0..4 {
            let bench = Arc::new(Bench::new());
            let used = Arc::new(Used::new(&bench.s).await);
            let write = used.revocations().swap_remove(i);
            bench.gates.read.hold_after(passing);
            let request = tokio::spawn({
                let (bench, used) = (bench.clone(), used.clone());
                async move { bench.ask_records(&used).await }
            });
            bench.gates.read.reached().await;
            bench.s.put(vec![write.clone()]).await;
            bench.gates.read.release();
            request.await.expect("ends");
            bench.records_are_true(&used, &write).await;
        }
    }
}

#[tokio::test]
async fn a_record_that_may_have_been_swept_up_is_asked_again() {
    let bench = Bench::sized(&CacheConfig { records: 16, ..CacheConfig::default() });
    let used = Used::new(&bench.s).await;
    bench.ask_records(&used).await;
    for (secs, left) in [(599, 3), (600, 2), (900, 1)] {
        bench.s.store.expire(bench.s.at(secs), 100).await.expect("expires");
        let there = bench.ask_records(&used).await.into_iter().flatten().count();
        assert_eq!(there, left, "after {secs} seconds");
    }
}
