//! Documents of plugins.

use super::sample::Sample;
use gatewright_contract::Timestamp;
use gatewright_core::store::{Subject, Write, first_revision};

fn put(s: &Sample, expect: Option<u64>, value: &[u8], expires: Option<Timestamp>, now: Timestamp) -> Write {
    Write::DocumentPut {
        plugin: "totp".to_owned(),
        tenant: s.tenant.clone(),
        key: "used".to_owned(),
        expect,
        value: value.to_owned(),
        expires,
        now,
    }
}

pub(super) async fn documents_and_their_conditions(s: Sample) {
    let read =
        async |plugin, tenant, key| s.store.document(plugin, tenant, key, s.now).await.expect("answers");
    let first = first_revision(s.now);
    assert_eq!(s.conflict(vec![put(&s, Some(first), b"a", None, s.now)]).await, Subject::Document, "absent");
    s.put(vec![put(&s, None, b"a", None, s.now)]).await;
    assert_eq!(read("totp", &s.tenant, "used").await, Some((b"a".to_vec(), first)));
    assert_eq!(s.conflict(vec![put(&s, None, b"b", None, s.now)]).await, Subject::Document, "present");
    for wrong in [0, first - 1, first + 1, i64::MAX as u64, u64::MAX] {
        assert_eq!(s.conflict(vec![put(&s, Some(wrong), b"b", None, s.now)]).await, Subject::Document);
    }
    s.put(vec![put(&s, Some(first), b"", None, s.now)]).await;
    assert_eq!(
        read("totp", &s.tenant, "used").await,
        Some((Vec::new(), first + 1)),
        "an empty value is a value"
    );

    assert_eq!(read("totp", &s.tenant, "other").await, None);
    assert_eq!(read("passkey", &s.tenant, "used").await, None);
    assert_eq!(read("totp", &s.elsewhere().tenant, "used").await, None);
}

pub(super) async fn an_expired_document_is_not_there(s: Sample) {
    let read = async |now| s.store.document("totp", &s.tenant, "used", now).await.expect("answers");
    let (end, later) = (s.at(30), s.at(90));
    let (first, second) = (first_revision(s.now), first_revision(end));
    s.put(vec![put(&s, None, b"a", Some(end), s.now)]).await;
    assert!(read(s.at(29)).await.is_some() && read(end).await.is_none());
    assert_eq!(s.conflict(vec![put(&s, Some(first), b"b", None, end)]).await, Subject::Document, "not there");
    assert_eq!(s.conflict(vec![put(&s, None, b"b", None, s.at(29))]).await, Subject::Document, "still there");
    s.put(vec![put(&s, None, b"b", Some(later), end)]).await;
    assert_eq!(read(end).await, Some((b"b".to_vec(), second)), "a new one");
    s.put(vec![put(&s, Some(second), b"c", None, s.at(89))]).await;
    assert_eq!(read(s.at(1_000_000)).await, Some((b"c".to_vec(), second + 1)), "for ever");
}

/// Who read a document that has gone since must not write over the one that came after it.
pub(super) async fn a_revision_is_never_had_twice(s: Sample) {
    let s = Sample { now: Timestamp::from_secs(3_000), ..s };
    for swept in [false, true] {
        let (begin, end) = if swept { (s.at(100), s.at(130)) } else { (s.now, s.at(30)) };
        s.put(vec![put(&s, None, b"old", Some(end), begin)]).await;
        let (_, old) =
            s.store.document("totp", &s.tenant, "used", begin).await.expect("answers").expect("is there");
        if swept {
            s.store.expire(end, 1_000).await.expect("expires");
        }
        s.put(vec![put(&s, None, b"new", Some(end.plus(std::time::Duration::from_secs(60))), end)]).await;
        assert_eq!(
            s.conflict(vec![put(&s, Some(old), b"late", None, end)]).await,
            Subject::Document,
            "{swept}"
        );
        let (value, new) =
            s.store.document("totp", &s.tenant, "used", end).await.expect("answers").expect("is there");
        assert!(value == b"new" && new != old, "{swept}: {new}");
    }
}
