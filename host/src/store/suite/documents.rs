//! Documents of plugins.

use super::sample::Sample;
use gatewright_contract::Timestamp;
use gatewright_core::store::{Subject, Write};

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
    assert_eq!(s.conflict(vec![put(&s, Some(1), b"a", None, s.now)]).await, Subject::Document, "absent");
    s.put(vec![put(&s, None, b"a", None, s.now)]).await;
    assert_eq!(read("totp", &s.tenant, "used").await, Some((b"a".to_vec(), 1)));
    assert_eq!(s.conflict(vec![put(&s, None, b"b", None, s.now)]).await, Subject::Document, "present");
    for wrong in [0, 2, i64::MAX as u64, u64::MAX] {
        assert_eq!(s.conflict(vec![put(&s, Some(wrong), b"b", None, s.now)]).await, Subject::Document);
    }
    s.put(vec![put(&s, Some(1), b"", None, s.now)]).await;
    assert_eq!(read("totp", &s.tenant, "used").await, Some((Vec::new(), 2)), "an empty value is a value");

    assert_eq!(read("totp", &s.tenant, "other").await, None);
    assert_eq!(read("passkey", &s.tenant, "used").await, None);
    assert_eq!(read("totp", &s.elsewhere().tenant, "used").await, None);
}

pub(super) async fn an_expired_document_is_not_there(s: Sample) {
    let read = async |now| s.store.document("totp", &s.tenant, "used", now).await.expect("answers");
    let (end, later) = (s.at(30), s.at(90));
    s.put(vec![put(&s, None, b"a", Some(end), s.now)]).await;
    assert!(read(s.at(29)).await.is_some() && read(end).await.is_none());
    assert_eq!(s.conflict(vec![put(&s, Some(1), b"b", None, end)]).await, Subject::Document, "not there");
    assert_eq!(s.conflict(vec![put(&s, None, b"b", None, s.at(29))]).await, Subject::Document, "still there");
    s.put(vec![put(&s, None, b"b", Some(later), end)]).await;
    assert_eq!(read(end).await, Some((b"b".to_vec(), 1)), "a new one");
    s.put(vec![put(&s, Some(1), b"c", None, s.at(89))]).await;
    assert_eq!(read(s.at(1_000_000)).await, Some((b"c".to_vec(), 2)), "for ever");
}
