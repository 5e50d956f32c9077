//! An administrator has events sent to a program, which is well, slow, down or gone.

mod rights;

use gatewright::webhooks::Webhooks;
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin, PlainToken, Tenant,
    people::NewPerson,
    store::Write,
    webhooks::{Change, NewWebhook},
};
use kit::{Call, Kit, PASSWORD, Receiver, Reply, Store};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const PATH: &str = "/auth/v1/webhooks";
const LOCAL: &str = "[outgoing]\nallow_http = true\nallow_networks = [\"127.0.0.0/8\"]\n";

/// A host whose administrator has logged in.
async fn house(store: Store) -> (Kit, String) {
    let kit = Kit::with(store).config(LOCAL).start().await;
    let new = NewPerson {
        tenant: TenantId::default_tenant(),
        username: "root".to_owned(),
        display_name: None,
        email: None,
        administrator: true,
    };
    let root = kit.app.engine.create_person(new, &Origin::local("kit")).await.expect("a person");
    kit.set_password(&root, PASSWORD).await;
    let token = kit.login("root").await.access_token;
    (kit, token)
}

/// Makes a webhook; its path and its secret.
async fn hook(kit: &Kit, token: &str, url: &str, kinds: &[&str]) -> (String, String) {
    let body = json!({"url": url, "kinds": kinds});
    let made = kit.post_as(token, PATH, &body).await.expect(201).json();
    let id = made["webhook"]["id"].as_str().expect("an id");
    (format!("{PATH}/{id}"), made["secret"].as_str().expect("a secret").to_owned())
}

async fn deliveries(kit: &Kit, token: &str, hook: &str, state: &str) -> Vec<Value> {
    let reply = kit.get_as(token, &format!("{hook}/deliveries?state={state}")).await.expect(200);
    reply.json()["deliveries"].as_array().expect("a list").clone()
}

async fn patch(kit: &Kit, token: &str, hook: &str, body: &Value) -> Reply {
    kit.send(Call::new("PATCH", hook).json(body).bearer(token)).await
}

/// Logs in anew: long waits end sessions.
async fn again(kit: &Kit) -> String {
    kit.login("root").await.access_token
}

#[tokio::test]
async fn what_happens_comes_signed_and_once() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let (kit, token) = house(store).await;
        kit.person("before").await;
        let receiver = Receiver::start().await;
        let (path, secret) = hook(&kit, &token, &receiver.url(), &["person.*"]).await;
        let ann = kit.person("ann").await;
        kit.disable(&ann).await;
        kit.app.webhooks.round().await;

        let mut came = receiver.take();
        came.sort_by_key(|one| one.json()["data"]["number"].as_i64());
        let kinds: Vec<String> = came.iter().map(kit::Received::kind).collect();
        assert_eq!(kinds, ["person.created", "person.disabled"], "from now on, and no other kind");
        for one in &came {
            assert!(one.is_signed_with(&secret), "{one:?}");
            assert_eq!(one.json()["data"]["person"], json!(ann.id));
            assert_eq!(one.json()["timestamp"], "2026-01-01T00:00:00Z");
            assert_eq!(one.headers["webhook-timestamp"], "1767225600");
            assert_eq!(one.headers["content-type"], "application/json");
        }
        kit.app.webhooks.round().await;
        assert!(receiver.take().is_empty());
        let done = deliveries(&kit, &token, &path, "delivered").await;
        assert_eq!((done.len(), &done[0]["last_status"], &done[0]["tries"]), (2, &json!(204), &json!(1)));
        // What has arrived is cleared away after a day.
        kit.advance(Duration::from_secs(86_400));
        kit.app.webhooks.sweep().await;
        assert!(deliveries(&kit, &again(&kit).await, &path, "delivered").await.is_empty());
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_tried_for_three_days_and_then_again_when_asked() {
    let (kit, token) = house(Store::Sqlite).await;
    let receiver = Receiver::start().await;
    let (path, secret) = hook(&kit, &token, &receiver.url(), &["person.created"]).await;
    receiver.answer(500);
    kit.person("ann").await;
    kit.app.webhooks.round().await;
    kit.app.webhooks.round().await;
    let mut came = receiver.take();
    assert_eq!(came.len(), 1, "not again before it is time");
    let waiting = deliveries(&kit, &token, &path, "pending").await;
    assert_eq!((&waiting[0]["tries"], &waiting[0]["last_status"]), (&json!(1), &json!(500)));
    assert!(kit.get_as(&token, &path).await.json()["failing_since"].is_string());

    for wait in [6, 330, 1_980, 7_920, 23_760, 47_520, 47_520, 47_520, 47_520, 47_520] {
        kit.advance(Duration::from_secs(wait));
        kit.app.webhooks.round().await;
        let one = receiver.take();
        assert_eq!(one.len(), 1, "after {wait} s");
        came.extend(one);
    }
    let ids: BTreeSet<&str> = came.iter().map(kit::Received::id).collect();
    assert_eq!((came.len(), ids.len()), (11, 1), "the same id each time");
    assert!(came.iter().all(|one| one.is_signed_with(&secret)));

    let token = again(&kit).await;
    assert!(deliveries(&kit, &token, &path, "pending").await.is_empty());
    let dead = deliveries(&kit, &token, &path, "dead").await;
    assert_eq!((dead.len(), &dead[0]["tries"], &dead[0]["event"]), (1, &json!(11), &json!("person.created")));

    receiver.answer(200);
    let again = format!("{path}/deliveries/{}/redeliver", dead[0]["id"].as_str().expect("an id"));
    kit.post_as(&token, &again, &json!({})).await.expect(202);
    kit.advance(Duration::from_secs(60));
    kit.app.webhooks.round().await;
    let one = receiver.take();
    assert_eq!((one.len(), one[0].id()), (1, came[0].id()));
    assert!(deliveries(&kit, &token, &path, "dead").await.is_empty());
    assert_eq!(kit.get_as(&token, &path).await.json().get("failing_since"), None);
    let metrics = (kit.app.metrics.render(), "gatewright_webhook_requests_total");
    for (result, count) in [("delivered", 1), ("failed", 10), ("dead", 1)] {
        let line = format!("{}{{result=\"{result}\"}} {count}\n", metrics.1);
        assert!(metrics.0.contains(&line), "{line}");
    }
}

#[tokio::test]
async fn one_that_is_down_holds_up_no_other() {
    let (kit, token) = house(Store::Memory).await;
    let (silent, well) = (Receiver::start().await, Receiver::start().await);
    silent.answer(0);
    hook(&kit, &token, &silent.url(), &["person.created"]).await;
    hook(&kit, &token, "http://127.0.0.1:9/", &["person.created"]).await;
    hook(&kit, &token, &well.url(), &["person.created"]).await;
    for n in 0..30 {
        kit.person_without_password(&format!("person{n}")).await;
    }
    // Nobody waits for the silent one: what is begun goes on by itself.
    let begun = kit.app.webhooks.begin().await;
    let arrived = async {
        let mut came = 0;
        while came < 30 {
            came += well.take().len();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived).await.expect("all arrive at the one that is well");
    assert!(silent.take().len() <= 4, "and the silent one has few of them");
    begun.into_iter().for_each(|task| task.abort());
}

#[tokio::test]
async fn two_workers_send_each_event_once() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let (kit, token) = house(store).await;
        let receiver = Receiver::start().await;
        hook(&kit, &token, &receiver.url(), &["person.created"]).await;
        for n in 0..25 {
            kit.person_without_password(&format!("person{n}")).await;
        }
        let outgoing = gatewright::outgoing::OutgoingConfig {
            allow_http: true,
            allow_networks: vec!["127.0.0.0/8".to_owned()],
        };
        let outgoing = Arc::new(gatewright::outgoing::Outgoing::new(&outgoing).expect("networks"));
        let metrics = gatewright::http::Metrics::new(std::time::SystemTime::UNIX_EPOCH).expect("metrics");
        let other = Webhooks::new(kit.app.engine.clone(), outgoing, &metrics).expect("a worker");
        let other = Arc::new(other);
        for _ in 0..3 {
            tokio::join!(kit.app.webhooks.round(), other.round());
        }
        let came = receiver.take();
        let numbers: BTreeSet<i64> =
            came.iter().map(|one| one.json()["data"]["number"].as_i64().expect("a number")).collect();
        assert_eq!((came.len(), numbers.len()), (25, 25));
    }
}

#[tokio::test]
async fn one_that_says_gone_is_switched_off_until_somebody_switches_it_on() {
    let (kit, token) = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    let (path, _) = hook(&kit, &token, &receiver.url(), &["person.created"]).await;
    receiver.answer(410);
    kit.person("ann").await;
    kit.app.webhooks.round().await;
    let shown = kit.get_as(&token, &path).await.expect(200).json();
    assert_eq!((&shown["enabled"], &shown["disabled_because"]), (&json!(false), &json!("gone")));
    let noted = kit.get_as(&token, "/auth/v1/audit?kind=webhook.disabled&outcome=gone").await.expect(200);
    assert_eq!(noted.json()["lines"].as_array().map(Vec::len), Some(1));
    receiver.take();
    receiver.answer(200);
    kit.person("bob").await;
    kit.advance(Duration::from_secs(60));
    kit.app.webhooks.round().await;
    assert!(receiver.take().is_empty());

    patch(&kit, &token, &path, &json!({"enabled": true})).await.expect(200);
    kit.person("cleo").await;
    kit.app.webhooks.round().await;
    assert_eq!(receiver.take().len(), 1, "what happens from then on");
}

#[tokio::test]
async fn one_that_fails_for_five_days_is_switched_off() {
    let (kit, token) = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    let (path, _) = hook(&kit, &token, &receiver.url(), &["person.created"]).await;
    receiver.answer(500);
    kit.person("ann").await;
    kit.app.webhooks.round().await;
    for enabled in [true, false] {
        kit.advance(Duration::from_secs(3 * 86_400));
        kit.app.webhooks.round().await;
        let shown = kit.get_as(&again(&kit).await, &path).await.expect(200).json();
        assert_eq!(shown["enabled"], json!(enabled));
        assert_eq!(shown["disabled_because"], if enabled { Value::Null } else { json!("failing") });
    }
}

#[tokio::test]
async fn while_a_secret_rotates_both_sign() {
    let (kit, token) = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    let (path, old) = hook(&kit, &token, &receiver.url(), &["person.created"]).await;
    let new =
        kit.post_as(&token, &format!("{path}/rotate-secret"), &json!({})).await.expect(200).str("secret");
    assert_ne!(old, new);
    kit.post_as(&token, &format!("{path}/test"), &json!({})).await.expect(202);
    kit.app.webhooks.round().await;
    let one = receiver.take().pop().expect("a test");
    assert_eq!(one.kind(), "webhook.test");
    assert!(one.is_signed_with(&old) && one.is_signed_with(&new));
    kit.advance(Duration::from_secs(86_400));
    let token = again(&kit).await;
    kit.post_as(&token, &format!("{path}/test"), &json!({})).await.expect(202);
    kit.app.webhooks.round().await;
    let one = receiver.take().pop().expect("a test");
    assert!(!one.is_signed_with(&old) && one.is_signed_with(&new));
    // No secret is shown again, and none is readable in what is stored.
    let shown = kit.get_as(&token, PATH).await.expect(200).text();
    let engine = &kit.app.engine;
    let stored =
        engine.store().records(&TenantId::default_tenant(), "webhook", None, 10).await.expect("records");
    for secret in [&old, &new] {
        let plain = secret.trim_start_matches("whsec_");
        assert!(!shown.contains(plain) && stored.iter().all(|record| !record.body.contains(plain)));
    }
}

#[tokio::test]
async fn a_private_address_gets_nothing() {
    let kit = Kit::with(Store::Memory).config("[outgoing]\nallow_http = true\n").start().await;
    let new = NewPerson {
        tenant: TenantId::default_tenant(),
        username: "root".to_owned(),
        display_name: None,
        email: None,
        administrator: true,
    };
    let root = kit.app.engine.create_person(new, &Origin::local("kit")).await.expect("a person");
    kit.set_password(&root, PASSWORD).await;
    let token = again(&kit).await;
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let (path, _) = hook(&kit, &token, &format!("http://{host}:{port}/"), &["*"]).await;
        kit.post_as(&token, &format!("{path}/test"), &json!({})).await.expect(202);
        kit.app.webhooks.round().await;
        let tried = deliveries(&kit, &token, &path, "pending").await;
        let said = tried[0]["last_error"].as_str().expect("why");
        assert!(said.starts_with("the address is not public"), "{said}");
        kit.delete_as(&token, &path).await.expect(204);
        assert!(kit.get_as(&token, &path).await.status == 404);
    }
    assert!(receiver.take().is_empty());
}

#[tokio::test]
async fn a_tenant_that_is_switched_off_tells_nothing_until_it_is_on_again() {
    let (kit, token) = house(Store::Sqlite).await;
    let receiver = Receiver::start().await;
    hook(&kit, &token, &receiver.url(), &["person.*"]).await;
    kit.person("ann").await;
    let switch = async |disabled| {
        let store = kit.app.engine.store();
        let tenant = store.tenant(&TenantId::default_tenant()).await.unwrap().unwrap();
        let changed = Tenant { disabled, rev: tenant.rev + 1, ..(*tenant).clone() };
        store.commit(vec![Write::TenantReplace(changed)]).await.unwrap();
    };
    switch(true).await;
    kit.app.webhooks.round().await;
    assert!(receiver.take().is_empty());
    switch(false).await;
    kit.app.webhooks.round().await;
    assert_eq!(receiver.take().len(), 1);
}
