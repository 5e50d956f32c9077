//! An administrator reads the audit log, and somebody else checks it.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, Person, people::NewPerson};
use kit::{Kit, PASSWORD, Store};
use serde_json::Value;
use std::time::Duration;

/// An administrator of the default tenant, logged in.
async fn administrator(kit: &Kit) -> (Person, String) {
    let new = NewPerson {
        tenant: TenantId::default_tenant(),
        username: "root".to_owned(),
        display_name: None,
        email: None,
        administrator: true,
    };
    let root = kit.app.engine.create_person(new, &Origin::local("kit")).await.expect("a person");
    kit.set_password(&root, PASSWORD).await;
    (root, kit.login("root").await.access_token)
}

async fn page(kit: &Kit, token: &str, query: &str) -> Value {
    kit.get_as(token, &format!("/auth/v1/audit?{query}")).await.expect(200).json()
}

fn kinds(page: &Value) -> Vec<&str> {
    page["lines"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_administrator_finds_what_happened_to_somebody() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let (root, token) = administrator(&kit).await;
        let ann = kit.person("ann").await;
        kit.advance(Duration::from_secs(120));
        kit.disable(&ann).await;

        let about_ann = page(&kit, &token, &format!("person={}&kind=person.*", ann.id)).await;
        assert_eq!(kinds(&about_ann), ["person.disabled", "person.created"]);
        let line = &about_ann["lines"][0];
        assert_eq!((&line["at"], &line["outcome"]), (&"2026-01-01T00:02:00Z".into(), &"success".into()));
        assert_eq!(line["hash"].as_str().unwrap().len(), 64);
        let late = page(&kit, &token, &format!("person={}&from=2026-01-01T00:01:00Z", ann.id)).await;
        assert_eq!(kinds(&late), ["audit.read", "person.disabled"], "that it was read is in it as well");
        let early = page(&kit, &token, "until=2026-01-01T00:01:00Z&kind=person.created").await;
        assert_eq!(kinds(&early), ["person.created", "person.created"]);
        assert!(kinds(&page(&kit, &token, "outcome=refused").await).is_empty());

        let read = page(&kit, &token, &format!("actor={}&kind=audit.read&limit=1", root.id)).await;
        assert_eq!(read["lines"][0]["target"], "log");
        let next = read["next"].as_i64().unwrap();
        let rest = page(&kit, &token, &format!("kind=audit.read&before={next}")).await;
        assert_eq!((rest["lines"].as_array().unwrap().len(), rest.get("next")), (3, None));
    }
}

#[tokio::test]
async fn only_who_may_reads_it_and_only_of_a_tenant_that_is_theirs() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    let (_, root) = administrator(&kit).await;
    for path in ["", "/export", "/head"] {
        kit.get(&format!("/auth/v1/audit{path}")).await.expect(401);
        kit.get_as(&ann, &format!("/auth/v1/audit{path}")).await.expect(403);
        kit.get_as(&ann, &format!("/auth/v1/audit{path}?tenant=other")).await.expect(404);
        kit.get_as(&root, &format!("/auth/v1/audit{path}?tenant=NO")).await.expect(404);
    }
    for query in ["limit=0", "limit=201", "from=yesterday", "person=ann", "before=x"] {
        kit.get_as(&root, &format!("/auth/v1/audit?{query}")).await.expect(400);
    }
}

/// The hash of a line as the README of the area describes it, from its JSON alone.
fn hash_of(line: &Value, previous: &[u8]) -> Vec<u8> {
    let mut bytes = b"gatewright audit 1\0".to_vec();
    bytes.extend_from_slice(previous);
    bytes.extend_from_slice(&line["number"].as_i64().unwrap().to_be_bytes());
    let fields =
        "tenant at_micros kind person actor session authenticator target outcome door address request_id";
    for name in fields.split(' ') {
        let field = match &line[name] {
            Value::Null => {
                bytes.extend_from_slice(&[0xff; 8]);
                continue;
            }
            Value::Number(number) => number.as_i64().unwrap().to_be_bytes().to_vec(),
            Value::String(id) if ["person", "actor", "session"].contains(&name) => {
                HEXLOWER.decode(id.replace('-', "").as_bytes()).unwrap()
            }
            Value::String(text) => text.clone().into_bytes(),
            other => panic!("{name}: {other}"),
        };
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&field);
    }
    digest(&SHA256, &bytes).as_ref().to_vec()
}

#[tokio::test]
async fn somebody_else_checks_the_whole_log() {
    let kit = Kit::sqlite().await;
    let (_, token) = administrator(&kit).await;
    // More than the pages in which it is sent.
    for _ in 0..6 {
        let writes = (0..200).map(|n| {
            let event = gatewright_core::audit::Event::new(
                &format!("test.{n}"),
                &TenantId::default_tenant(),
                kit.now(),
                &Origin::local("kit"),
            );
            gatewright_core::store::Write::Audit(event)
        });
        kit.app.engine.store().commit(writes.collect()).await.unwrap();
    }
    let export = kit.get_as(&token, "/auth/v1/audit/export").await.expect(200);
    assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
    let head = kit.get_as(&token, "/auth/v1/audit/head").await.expect(200).json();
    let (mut hash, mut count) = (vec![0; 32], 0);
    for line in export.text().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        count += 1;
        hash = hash_of(&line, &hash);
        assert_eq!((&line["number"], &line["hash"]), (&count.into(), &HEXLOWER.encode(&hash).into()));
    }
    assert!(count > 1200, "{count}");
    assert_eq!((&head["number"], &head["hash"]), (&count.into(), &HEXLOWER.encode(&hash).into()));
    let rest = kit.get_as(&token, &format!("/auth/v1/audit/export?after={}", count - 2)).await.expect(200);
    // The two, and the line that says that it was taken out once more.
    assert_eq!(rest.text().lines().count(), 3);
}
