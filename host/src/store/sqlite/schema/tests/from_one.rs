//! A file of version 1 with something in every table.

use super::super::STEPS;
use crate::store::{
    Access,
    sql::row::to_json,
    sqlite,
    suite::{Folder, sample::Sample},
};
use gatewright_contract::TenantId;
use gatewright_core::{
    audit::{AuditHead, Filter},
    store::{Store, Write},
    token::HashedToken,
};
use sqlx::{AssertSqlSafe, Connection};
use std::sync::Arc;

const ROWS: &str = "
    INSERT INTO tenants VALUES ('a', 'A', 0, 1, NULL, 1), ('b', 'B', 0, 1, NULL, 4);
    INSERT INTO data_keys VALUES (x'00000000000070008000000000000001', 'a', 1, x'ff', 5);
    INSERT INTO people VALUES
        (x'00000000000070008000000000000001', 'a', 'Alice', 'alice', 'Alice', 'Alice@Example.com', 1, 0, 7, 1),
        (x'00000000000070008000000000000002', 'a', 'bob', 'bob', NULL, NULL, 0, 1, 8, 3),
        (x'00000000000070008000000000000003', 'a', 'carol', 'carol', NULL, 'alice@example.com', 0, 0, 9, 1),
        (x'00000000000070008000000000000004', 'b', 'alice', 'alice', NULL, 'alice@example.com', 0, 0, 9, 1);
    INSERT INTO credentials VALUES (x'00000000000070008000000000000005', 'a', x'00000000000070008000000000000002',
        'password', NULL, NULL, x'0102', 1, 10, NULL, 2);
    INSERT INTO sessions VALUES (x'00000000000070008000000000000006', 'a', x'00000000000070008000000000000001',
        11, 11, 12, 99, 50, 'aal1', '[\"pwd\"]', 'login', NULL, NULL, NULL, 60, 1, 0);
    INSERT INTO tokens VALUES (zeroblob(32), 'access', x'00000000000070008000000000000006', 'a', 99, NULL, NULL);
    INSERT INTO counters VALUES (zeroblob(32), 1, 2, 3, 4, 5, 6);
    INSERT INTO documents VALUES ('totp', 'a', 'k', 7, x'0a', NULL);
    INSERT INTO audit VALUES
        (1, 'a', 1, 'login.finish', x'00000000000070008000000000000001', NULL, NULL, 'password', 'ok', 'login',
            '192.0.2.1', 'r1'),
        (2, 'b', 2, 'login.finish', NULL, NULL, NULL, NULL, 'wrong', 'login', NULL, 'r2'),
        (3, 'a', 3, 'person.change', NULL, x'00000000000070008000000000000002', NULL, NULL, 'ok', 'me', NULL, 'r3'),
        (7, 'b', 4, 'login.finish', NULL, NULL, NULL, NULL, 'ok', 'login', NULL, 'r4'),
        (9, 'a', 5, 'login.begin', NULL, NULL, NULL, NULL, 'ok', 'login', NULL, 'r5');
";

async fn of_version_one(folder: &Folder) -> Sample {
    let path = folder.path("gatewright.db");
    let (mut connection, result) = super::prepared(&path, &STEPS[..1]).await;
    result.expect("version 1");
    sqlx::raw_sql(AssertSqlSafe(ROWS)).execute(&mut connection).await.expect("rows");
    let store: Arc<dyn Store> = Arc::new(crate::store::memory::Memory::default());
    let sample = Sample::new(store);
    let body = to_json(&sample.transaction().body).expect("JSON");
    sqlx::query("INSERT INTO transactions VALUES (x'00000000000070008000000000000007', 'a', $1, 'push', 'k', 99, 1, $2)")
        .bind(vec![1_u8; 32])
        .bind(body)
        .execute(&mut connection)
        .await
        .expect("a transaction");
    for table in
        ["people", "credentials", "transactions", "sessions", "tokens", "counters", "documents", "audit"]
    {
        let text = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(text).fetch_one(&mut connection).await.expect("counts");
        assert!(rows > 0, "{table}");
    }
    connection.close().await.expect("closes");
    let store = sqlite::open(&path, Access::Host).await.expect("opens");
    Sample { store: Arc::new(store), tenant: TenantId::parse("a").expect("a tenant"), ..sample }
}

fn id(number: u8) -> uuid::Uuid {
    let mut bytes = [0; 16];
    (bytes[6], bytes[8], bytes[15]) = (0x70, 0x80, number);
    uuid::Uuid::from_bytes(bytes)
}

#[tokio::test]
async fn a_file_of_version_one_is_brought_up_to_date() {
    let folder = Folder::new();
    let s = of_version_one(&folder).await;
    let b = TenantId::parse("b").expect("a tenant");
    assert_eq!(s.store.tenant(&b).await.expect("answers").expect("is there").rev, 4);
    assert_eq!(s.store.keys(&s.tenant).await.expect("answers")[0].wrapped, [255]);

    let named = async |tenant, name| {
        s.store.person_by_username(tenant, name).await.expect("answers").expect("is there")
    };
    let (alice, bob, carol) =
        (named(&s.tenant, "alice").await, named(&s.tenant, "bob").await, named(&s.tenant, "carol").await);
    assert_eq!(
        (alice.id.0, alice.email.as_deref(), alice.administrator),
        (id(1), Some("Alice@Example.com"), true)
    );
    assert_eq!((bob.email.as_deref(), bob.disabled, bob.rev, bob.changed.0), (None, true, 3, 8));
    assert_eq!(carol.email, None, "of two with the same address the first keeps it");
    assert!(!alice.email_verified && !alice.service && alice.attributes.is_null());
    let by_address = async |tenant| {
        let found = s.store.person_by_email(tenant, "alice@example.com").await.expect("answers");
        found.expect("is there").id.0
    };
    assert_eq!((by_address(&s.tenant).await, by_address(&b).await), (id(1), id(4)));

    let credentials = s.store.credentials(&s.tenant, bob.id).await.expect("answers");
    assert_eq!((credentials[0].sealed.as_slice(), credentials[0].rev), ([1, 2].as_slice(), 2));
    let session = s.store.sessions_of(&s.tenant, alice.id).await.expect("answers");
    assert_eq!((session[0].id.0, session[0].amr.as_slice()), (id(6), ["pwd".to_owned()].as_slice()));
    assert!(s.store.token(&HashedToken([0; 32])).await.expect("answers").is_some());
    assert!(s.store.transaction(&HashedToken([1; 32])).await.expect("answers").is_some());
    let document = s.store.document("totp", &s.tenant, "k", s.now).await.expect("answers");
    assert_eq!(document, Some((vec![10], 7)));
    s.store.close().await;
}

#[tokio::test]
async fn the_chain_begins_after_the_lines_of_version_one() {
    let folder = Folder::new();
    let s = of_version_one(&folder).await;
    let b = TenantId::parse("b").expect("a tenant");
    let lines = s.store.audit_from(&s.tenant, 0, 99).await.expect("answers");
    let told: Vec<_> = lines.iter().map(|l| (l.number, l.event.request_id.as_str(), l.hash)).collect();
    assert_eq!(told, [(1, "r1", None), (2, "r3", None), (3, "r5", None)]);
    assert_eq!(lines[0].event.person.map(|p| p.0), Some(id(1)));
    let numbers: Vec<i64> =
        s.store.audit_from(&b, 0, 99).await.expect("answers").iter().map(|l| l.number).collect();
    assert_eq!(numbers, [1, 2]);
    let head = AuditHead { number: 3, anchor: 3, ..AuditHead::default() };
    assert_eq!(s.store.audit_head(&s.tenant).await.expect("answers"), head);

    s.put(vec![Write::Audit(s.event("test.happened"))]).await;
    let newest = &s.store.audit(&s.tenant, &Filter::before(None), 1).await.expect("answers")[0];
    let (head, expected) = head.follow(s.event("test.happened"));
    assert_eq!(newest, &expected);
    assert_eq!(s.store.audit_head(&s.tenant).await.expect("answers"), head);
    s.store.close().await;
}
