//! The audit log is a chain.

use super::sample::Sample;
use gatewright_contract::PersonId;
use gatewright_core::{
    audit::{AuditHead, Filter, Logged},
    store::{Subject, Write},
};

async fn all(s: &Sample) -> Vec<Logged> {
    s.store.audit_from(&s.tenant, 0, 1000).await.expect("answers")
}

async fn head(s: &Sample) -> AuditHead {
    s.store.audit_head(&s.tenant).await.expect("answers")
}

/// Whether each line follows the one before it, beginning at the anchor and ending at the head.
async fn is_whole(s: &Sample) -> bool {
    let end = head(s).await;
    let mut at = (end.anchor, end.anchor_hash);
    for line in all(s).await {
        let hash = line.event.link(&at.1, line.number);
        if line.number != at.0 + 1 || line.hash != Some(hash) {
            return false;
        }
        at = (line.number, hash);
    }
    at == (end.number, end.hash)
}

pub(super) async fn each_line_follows_the_one_before(s: Sample) {
    assert_eq!(head(&s).await, AuditHead::default());
    let other = s.elsewhere();
    for i in 0..5 {
        let line = s.event(&format!("test.{i}")).on("group:x").by(Some(PersonId::from_parts(s.now, [7; 10])));
        s.put(vec![Write::Audit(line), Write::Audit(other.event("other.happened"))]).await;
    }
    // What fails leaves no gap.
    let absent = Write::TokenSpend(
        s.token(&s.session(&s.person("x")), gatewright_core::session::TokenKind::Access).hash,
        s.now,
    );
    s.conflict(vec![Write::Audit(s.event("test.failed")), absent]).await;
    s.put(vec![Write::Audit(s.event("test.5")), Write::Audit(s.event("test.6"))]).await;
    let lines = all(&s).await;
    assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(lines[0].event.target.as_deref(), Some("group:x"));
    assert!(is_whole(&s).await && is_whole(&other).await);
    assert_eq!(s.store.audit_from(&s.tenant, 5, 1).await.expect("answers"), lines[5..6]);
}

pub(super) async fn parallel_lines_are_one_chain(s: Sample) {
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..100 {
        let s = s.clone();
        tasks.spawn(async move {
            let (one, two) = (s.event(&format!("test.{i}")), s.event("test.again"));
            s.put(vec![Write::Audit(one), Write::Audit(two)]).await;
        });
    }
    tasks.join_all().await;
    assert_eq!(all(&s).await.len(), 200);
    assert!(is_whole(&s).await);
}

pub(super) async fn what_is_pruned_leaves_a_chain(s: Sample) {
    for i in 0..6 {
        s.put(vec![Write::Audit(s.event(&format!("test.{i}")))]).await;
    }
    let prune = |number| vec![Write::AuditPrune(s.tenant.clone(), number)];
    for absent in [0, 7, -1] {
        assert_eq!(s.conflict(prune(absent)).await, Subject::Audit, "{absent}");
    }
    s.put(prune(4)).await;
    assert_eq!(all(&s).await.len(), 2);
    assert_eq!(head(&s).await.anchor, 4);
    assert!(is_whole(&s).await);
    assert_eq!(s.conflict(prune(4)).await, Subject::Audit, "it is gone");
    s.put(prune(6)).await;
    s.put(vec![Write::Audit(s.event("test.later"))]).await;
    assert_eq!(all(&s).await[0].number, 7);
    assert!(is_whole(&s).await);
}

pub(super) async fn filters(s: Sample) {
    let who = |n: u8| PersonId::from_parts(s.now, [n; 10]);
    let mut late = s.event("person.created").about(Some(who(1))).by(Some(who(9)));
    late.at = s.at(100);
    let lines = [
        s.event("person.disabled").about(Some(who(1))),
        s.event("person.enabled").about(Some(who(2))).by(Some(who(9))),
        s.event("personal.note").about(Some(who(1))).but("refused"),
        late,
    ];
    s.put(lines.iter().cloned().map(Write::Audit).collect()).await;
    let found = async |filter: Filter| -> Vec<i64> {
        let found = s.store.audit(&s.tenant, &filter, 10).await.expect("answers");
        assert!(found.iter().all(|line| filter.admits(&line.event)));
        found.into_iter().map(|line| line.number).collect()
    };
    let none = Filter::default();
    let kind = |kind: &str| Filter { kind: Some(kind.to_owned()), ..none.clone() };
    assert_eq!(found(none.clone()).await, [4, 3, 2, 1]);
    assert_eq!(found(Filter::before(Some(3))).await, [2, 1]);
    assert_eq!(found(kind("person.enabled")).await, [2]);
    assert_eq!(found(kind("person.*")).await, [4, 2, 1]);
    assert_eq!(found(kind("perso%")).await, [0_i64; 0]);
    assert_eq!(found(Filter { person: Some(who(1)), ..none.clone() }).await, [4, 3, 1]);
    assert_eq!(found(Filter { actor: Some(who(9)), ..none.clone() }).await, [4, 2]);
    assert_eq!(found(Filter { person: Some(who(1)), ..kind("person.*") }).await, [4, 1]);
    assert_eq!(found(Filter { outcome: Some("refused".to_owned()), ..none.clone() }).await, [3]);
    assert_eq!(found(Filter { from: Some(s.at(100)), ..none.clone() }).await, [4]);
    assert_eq!(found(Filter { until: Some(s.at(100)), before: Some(3), ..none.clone() }).await, [2, 1]);
    assert_eq!(found(Filter { person: Some(who(2)), actor: Some(who(1)), ..none }).await, [0_i64; 0]);
}
