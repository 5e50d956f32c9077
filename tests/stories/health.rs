//! Somebody watches over the server.

use gatewright_contract::TenantId;
use gatewright_core::{Origin, people::NewPerson};
use kit::{Call, Kit, Store};
use serde_json::json;

const HERE: &str = "127.0.0.1";

async fn metrics_for(config: &str, address: &str) -> u16 {
    let kit = Kit::with(Store::Memory).config(config).start().await;
    kit.send(Call::get("/metrics").from(address)).await.status.as_u16()
}

#[tokio::test]
async fn a_supervisor_asks_whether_the_process_answers() {
    let kit = Kit::memory().await;
    assert_eq!(kit.get("/healthz").await.expect(200).json(), json!({"status": "ok"}));
    kit.app.health.set_not_ready(Some("it ends".to_owned()));
    kit.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_load_balancer_learns_the_word_and_somebody_at_the_machine_the_reason() {
    let kit = Kit::memory().await;
    kit.app.health.set_not_ready(None);
    assert_eq!(kit.get("/readyz").await.expect(200).json(), json!({"status": "ready"}));
    kit.app.health.set_not_ready(Some("the database does not answer".to_owned()));
    assert_eq!(kit.get("/readyz").await.expect(503).json(), json!({"status": "not_ready"}));

    for address in [HERE, "::1", "::ffff:127.0.0.1"] {
        let told = kit.send(Call::get("/readyz").from(address)).await.expect(503).json();
        assert_eq!(told["reason"], "the database does not answer", "{address}");
        let plugins = told["plugins"].as_array().unwrap();
        let health = plugins.iter().find(|p| p["id"] == "health").unwrap();
        assert_eq!(health["health"], "ok", "{told}");
    }
}

#[tokio::test]
async fn metrics_are_for_the_machine_itself_unless_the_operator_says_otherwise() {
    let (public, off) = ("[plugins.health]\nmetrics = \"public\"\n", "[plugins.health]\nmetrics = \"off\"\n");
    assert_eq!((metrics_for("", HERE).await, metrics_for("", "192.0.2.9").await), (200, 404));
    assert_eq!((metrics_for(public, HERE).await, metrics_for(public, "192.0.2.9").await), (200, 200));
    assert_eq!((metrics_for(off, HERE).await, metrics_for(off, "192.0.2.9").await), (404, 404));
}

/// The proxy is on this machine, its clients are not, whatever they send.
#[tokio::test]
async fn behind_a_proxy_the_client_decides_and_not_the_proxy() {
    let sent: [(&str, &str, &[u8], u16); 6] = [
        ("x-forwarded", "x-forwarded-for", b"198.51.100.1, 203.0.113.7", 404),
        ("x-forwarded", "x-forwarded-for", b"\xe9, 203.0.113.7", 404),
        ("x-forwarded", "x-forwarded-for", b"\xe9", 400),
        ("x-forwarded", "x-forwarded-for", b"127.0.0.1", 200),
        ("forwarded", "forwarded", b"for=\"x, for=203.0.113.7", 404),
        ("forwarded", "forwarded", b"for=unknown", 400),
    ];
    for (family, name, value, status) in sent {
        let config = format!("[http]\ntrusted_proxies = [\"127.0.0.1\"]\nproxy_headers = \"{family}\"\n");
        let kit = Kit::with(Store::Memory).config(&config).start().await;
        let call = |path| kit.send(Call::get(path).from(HERE).header_bytes(name, value));
        let what = String::from_utf8_lossy(value);
        assert_eq!(call("/metrics").await.status.as_u16(), status, "{what}");
        assert_eq!(call("/readyz").await.json().get("plugins").is_some(), status == 200, "{what}");
    }
}

#[tokio::test]
async fn metrics_are_in_the_format_of_prometheus() {
    let kit = Kit::memory().await;
    kit.get("/healthz").await.expect(200);
    let reply = kit.send(Call::get("/metrics").from(HERE)).await.expect(200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4"));
    let text = reply.text();
    assert!(text.contains("# TYPE ") && text.contains("/healthz"), "{text}");
}

#[tokio::test]
async fn an_administrator_and_nobody_else_sees_the_plugins() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let new = NewPerson {
        tenant: TenantId::default_tenant(),
        username: "root".to_owned(),
        display_name: None,
        email: None,
        administrator: true,
    };
    let root = kit.app.engine.create_person(new, &Origin::local("kit")).await.unwrap();
    kit.set_password(&root, kit::PASSWORD).await;

    kit.get("/auth/v1/plugins").await.expect(401);
    let ann = kit.login("ann").await.access_token;
    assert_eq!(kit.get_as(&ann, "/auth/v1/plugins").await.expect(403).str("code"), "forbidden");
    let root = kit.login("root").await.access_token;
    let plugins = kit.get_as(&root, "/auth/v1/plugins").await.expect(200).json();
    let password = plugins.as_array().unwrap().iter().find(|p| p["id"] == "password").unwrap();
    assert!(password["version"].is_string() && password["health"] == "ok", "{plugins}");
}

#[tokio::test]
async fn what_the_host_runs_is_for_operators() {
    let (kit, root) = crate::stories::admin::world().await;
    let (_, boss) = crate::stories::admin::somebody(&kit, "acme", "boss", true).await;
    kit.get_as(&boss, "/auth/v1/plugins").await.expect(403);
    let (dora, token) = crate::stories::admin::somebody(&kit, "default", "dora", false).await;
    kit.get_as(&token, "/auth/v1/plugins").await.expect(403);
    let body = serde_json::json!({"role": "operator", "person": dora.id});
    kit.post_as(&root, "/auth/v1/assignments", &body).await.expect(201);
    kit.get_as(&token, "/auth/v1/plugins").await.expect(200);
}
