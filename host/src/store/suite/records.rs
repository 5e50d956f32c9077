//! Records and links.

use super::sample::{Sample, unique};
use gatewright_core::store::{Link, Record, Subject, Write};
use serde_json::json;
use uuid::Uuid;

fn id() -> Uuid {
    Uuid::from_slice(&unique()[..16]).expect("16 bytes")
}

fn record(s: &Sample, kind: &str) -> Record {
    Record::new(&s.tenant, kind, id(), s.now, &json!({"a": ["ü", 1.5]})).expect("a record")
}

/// A kind that no other test has: some questions are asked of all tenants.
fn own_kind() -> String {
    format!("kind-{}", id())
}

pub(super) async fn records_and_their_conditions(s: Sample) {
    let kind = own_kind();
    let one =
        Record { key: Some("staff".to_owned()), owner: Some(id()), due: Some(s.at(5)), ..record(&s, &kind) };
    let next = Record { key: None, due: None, rev: 2, body: "{}".to_owned(), ..one.clone() };
    let by_id = async || s.store.record(&s.tenant, &kind, one.id).await.expect("answers");
    let by_key = async |key| s.store.record_by_key(&s.tenant, &kind, key).await.expect("answers");
    let unchanged = |rev| vec![Write::RecordUnchanged(s.tenant.clone(), kind.clone(), one.id, rev)];
    let delete = |rev| vec![Write::RecordDelete(s.tenant.clone(), kind.clone(), one.id, rev)];

    assert_eq!(s.conflict(vec![Write::RecordReplace(next.clone())]).await, Subject::Record, "absent");
    assert_eq!(s.conflict(unchanged(1)).await, Subject::Record, "absent");
    s.put(vec![Write::RecordInsert(one.clone())]).await;
    assert_eq!((by_id().await, by_key("staff").await), (Some(one.clone()), Some(one.clone())));
    assert_eq!(s.conflict(vec![Write::RecordInsert(one.clone())]).await, Subject::Record, "the id is taken");
    let namesake = Record { id: id(), ..one.clone() };
    assert_eq!(
        s.conflict(vec![Write::RecordInsert(namesake.clone())]).await,
        Subject::Record,
        "the key is taken"
    );
    s.put(vec![Write::RecordInsert(Record { kind: own_kind(), ..namesake })]).await;
    s.put(unchanged(1)).await;
    assert_eq!(s.conflict(delete(2)).await, Subject::Record);

    s.put(vec![Write::RecordReplace(next.clone())]).await;
    assert_eq!((by_id().await, by_key("staff").await), (Some(next.clone()), None));
    assert_eq!(s.conflict(vec![Write::RecordReplace(next.clone())]).await, Subject::Record, "old revision");
    let moved = Record { tenant: s.elsewhere().tenant, rev: 3, ..next.clone() };
    assert_eq!(s.conflict(vec![Write::RecordReplace(moved)]).await, Subject::Record, "another tenant");
    assert_eq!(s.store.record(&s.elsewhere().tenant, &kind, one.id).await.expect("answers"), None);
    assert_eq!(s.store.record(&s.tenant, "other", one.id).await.expect("answers"), None);
    s.put(delete(2)).await;
    assert_eq!(by_id().await, None);
}

pub(super) async fn records_are_listed(s: Sample) {
    let (kind, owner) = (own_kind(), id());
    let mut mine = Vec::new();
    for i in 0..5 {
        let one = Record { owner: (i != 0).then_some(owner), due: Some(s.at(10 - i)), ..record(&s, &kind) };
        s.put(vec![Write::RecordInsert(one.clone())]).await;
        mine.push(one);
    }
    let other = s.elsewhere();
    let theirs = Record { owner: Some(owner), ..record(&other, &kind) };
    other.put(vec![Write::RecordInsert(theirs.clone())]).await;
    s.put(vec![Write::RecordInsert(Record { owner: Some(owner), ..record(&s, &own_kind()) })]).await;

    let due: Vec<Record> = mine.iter().rev().take(3).cloned().collect();
    assert_eq!(
        s.store.records_due(&kind, s.at(8), 10).await.expect("answers"),
        due,
        "the most overdue first"
    );
    assert_eq!(s.store.records_due(&kind, s.at(8), 2).await.expect("answers"), due[..2]);
    mine.sort_by_key(|r| r.id);
    let page = async |after, limit| s.store.records(&s.tenant, &kind, after, limit).await.expect("answers");
    assert_eq!(page(None, 3).await, mine[..3]);
    assert_eq!(page(Some(mine[2].id), 3).await, mine[3..]);
    let owned: Vec<Record> = mine.iter().filter(|r| r.owner.is_some()).cloned().collect();
    let of = async |after, limit| {
        s.store.records_of(&s.tenant, &kind, owner, after, limit).await.expect("answers")
    };
    assert_eq!(of(None, 10).await, owned);
    assert_eq!(of(Some(owned[0].id), 2).await, owned[1..3]);
    let newest = async |before, limit| {
        s.store.newest_records_of(&s.tenant, &kind, owner, before, limit).await.expect("answers")
    };
    let reversed: Vec<Record> = owned.iter().rev().cloned().collect();
    assert_eq!(newest(None, 10).await, reversed);
    assert_eq!(newest(Some(reversed[0].id), 2).await, reversed[1..3]);
    let mut all: Vec<Record> = mine.iter().cloned().chain([theirs.clone()]).collect();
    all.sort_by_key(|r| r.id);
    assert_eq!(s.store.records_everywhere(&kind, None, 10).await.expect("answers"), all);
    assert_eq!(s.store.records_everywhere(&kind, Some(all[3].id), 10).await.expect("answers"), all[4..]);

    let more = async |tenant, than| s.store.more_records_than(tenant, &kind, than).await.expect("answers");
    assert!(more(&s.tenant, 0).await && more(&s.tenant, 4).await && !more(&s.tenant, 5).await);
    assert!(more(&other.tenant, 0).await && !more(&other.tenant, 1).await);

    let of_kind = |tenant: &gatewright_contract::TenantId, kind: &str| {
        vec![Write::RecordsOfKindDelete(tenant.clone(), kind.to_owned(), owner)]
    };
    let kept = Record { owner: Some(owner), ..record(&s, &own_kind()) };
    s.put(vec![Write::RecordInsert(kept.clone())]).await;
    s.put(of_kind(&s.tenant, "another")).await;
    s.put(of_kind(&other.elsewhere().tenant, &kind)).await;
    assert_eq!(of(None, 10).await, owned, "neither another kind nor another tenant");
    s.put(of_kind(&s.tenant, &kind)).await;
    assert!(of(None, 10).await.is_empty());
    assert_eq!(page(None, 10).await.len(), 1, "what belongs to others stays");
    assert!(s.store.record(&s.tenant, &kept.kind, kept.id).await.expect("answers").is_some());

    s.put(owned.iter().map(|r| Write::RecordInsert(r.clone())).collect()).await;
    s.put(vec![Write::RecordsOfDelete(s.tenant.clone(), owner)]).await;
    assert_eq!(page(None, 10).await.len(), 1, "of whatever kind, but not another tenant's");
    assert!(other.store.record(&other.tenant, &kind, theirs.id).await.expect("answers").is_some());
}

pub(super) async fn links_go_both_ways(s: Sample) {
    let other = s.elsewhere();
    let mut people: Vec<Uuid> = (0..5).map(|_| id()).collect();
    people.sort();
    let (group, second) = (id(), id());
    let link = |s: &Sample, from, to| Link { tenant: s.tenant.clone(), kind: "member", from, to };
    for person in &people {
        s.put(vec![
            Write::LinkInsert(link(&s, group, *person)),
            Write::LinkInsert(link(&other, group, *person)),
        ])
        .await;
    }
    s.put(vec![
        Write::LinkInsert(link(&s, group, people[0])),
        Write::LinkInsert(link(&s, second, people[0])),
    ])
    .await;
    let from = async |after, limit| {
        s.store.links_from(&s.tenant, "member", group, after, limit).await.expect("answers")
    };
    let to = async |person| s.store.links_to(&s.tenant, "member", person, None, 10).await.expect("answers");
    assert_eq!(from(None, 10).await, people, "one that is there stays one");
    assert_eq!(from(Some(people[1]), 2).await, people[2..4]);
    let mut both = [group, second];
    both.sort();
    assert_eq!(to(people[0]).await, both);
    assert!(s.store.links_from(&s.tenant, "other", group, None, 10).await.expect("answers").is_empty());

    s.put(vec![Write::LinkDelete(link(&s, group, people[1])), Write::LinkDelete(link(&s, group, id()))])
        .await;
    assert_eq!(from(None, 10).await.len(), 4);
    s.put(vec![Write::LinksOfDelete(s.tenant.clone(), people[0])]).await;
    assert_eq!((to(people[0]).await, from(None, 10).await.len()), (vec![], 3));
    s.put(vec![Write::LinksOfDelete(s.tenant.clone(), group)]).await;
    assert!(from(None, 10).await.is_empty());
    let theirs = other.store.links_from(&other.tenant, "member", group, None, 10).await.expect("answers");
    assert_eq!(theirs, people);
}
