use super::{HostCalls, LibraryCalls, Lines};
use crate::{
    loader::kit,
    outgoing::OutgoingConfig,
    services::{Common, HttpFetch, Services},
};
use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright_contract::{Fault, HostServices, LogLevel, TenantId, wire::Status};
use gatewright_core::service::Service;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A service of the host.
struct Moon;

#[async_trait]
impl Service for Moon {
    fn methods(&self) -> &[&'static str] {
        &["moon.phase", "moon.landing"]
    }

    async fn call(&self, method: &str, args: Value) -> Result<Value, Fault> {
        match args["broken"].as_bool() {
            Some(true) => Err(Fault::caused("the telescope", "no such file: /secret/place")),
            _ => Ok(json!({"of": method})),
        }
    }
}

struct Room {
    calls: LibraryCalls,
    common: Common,
    world: Arc<kit::Moved>,
    tenants: Vec<TenantId>,
}

/// A library with these needs, in a call of the default tenant.
async fn room(needs: &[&str]) -> Room {
    let networks = vec!["127.0.0.1/32".to_owned()];
    let (common, world, outgoing) =
        kit::host(&OutgoingConfig { allow_networks: networks, allow_http: true }).await;
    common.offered.fill(vec![Arc::new(Moon), Arc::new(HttpFetch::new(outgoing))]).expect("no clash");
    let mut manifest = kit::manifest();
    manifest["needs"] = json!(needs);
    let checked = kit::checked(&manifest);
    let calls = LibraryCalls::new(&checked.manifest, checked.needs, &common, kit::refusals(&common));
    Room { calls, common, world, tenants: vec![TenantId::default_tenant()] }
}

impl Room {
    async fn ask(&self, method: &str, args: Value) -> (Status, Value) {
        let (status, reply) = self.calls.answer(&self.tenants, method, args.to_string().as_bytes()).await;
        (status, serde_json::from_slice(&reply).expect("JSON"))
    }

    async fn audited(&self) -> Vec<String> {
        kit::audited(&self.common.store, &TenantId::default_tenant(), "knock").await
    }
}

#[tokio::test]
async fn values_are_kept_for_a_tenant_and_changed_by_one_at_a_time() {
    let room = room(&["kv"]).await;
    let get = json!({"tenant": "default", "key": "k"});
    assert_eq!(room.ask("kv.get", get.clone()).await, (Status::Ok, Value::Null));
    let put = json!({"tenant": "default", "key": "k", "value": BASE64.encode(b"one"), "ttl_ms": 60_000});
    let (status, first) = room.ask("kv.cas", put.clone()).await;
    assert_eq!(status, Status::Ok);
    let (status, there) = room.ask("kv.get", get.clone()).await;
    assert_eq!((status, &there), (Status::Ok, &json!({"rev": first["rev"], "value": BASE64.encode(b"one")})));
    assert_eq!(room.ask("kv.cas", put.clone()).await.0, Status::Conflict, "it must be absent");
    let mut next = put.clone();
    (next["expect"], next["value"]) = (first["rev"].clone(), json!(""));
    assert_eq!(room.ask("kv.cas", next.clone()).await.0, Status::Ok);
    assert_eq!(room.ask("kv.cas", next).await.0, Status::Conflict, "it has moved on");
    room.world.advance(61);
    assert_eq!(room.ask("kv.get", get).await, (Status::Ok, Value::Null), "its time is over");
    assert!(room.audited().await.is_empty());
}

#[tokio::test]
async fn arguments_are_bounded_and_never_repeated() {
    let room = room(&["kv"]).await;
    let value = |bytes: usize| BASE64.encode(&vec![1; bytes]);
    for args in [
        json!({"tenant": "default"}),
        json!({"tenant": "default", "key": 7, "value": ""}),
        json!({"tenant": "default", "key": "", "value": ""}),
        json!({"tenant": "default", "key": "k".repeat(257), "value": ""}),
        json!({"tenant": "default", "key": "hunter2\u{0}", "value": ""}),
        json!({"tenant": "default", "key": "k", "value": "hunter2"}),
        json!({"tenant": "default", "key": "k", "value": value(64 * 1024 + 1)}),
        json!({"tenant": "default", "key": "k", "value": "", "ttl_ms": 0}),
        json!({"tenant": "default", "key": "k", "value": "", "ttl_ms": -1}),
        json!({"tenant": "default", "key": "k", "value": "", "ttl_ms": u64::MAX}),
        json!({"tenant": "default", "key": "k", "value": "", "expect": "hunter2"}),
        json!({"tenant": "default", "key": "k", "value": "", "hunter2": 1}),
    ] {
        let (status, reply) = room.ask("kv.cas", args.clone()).await;
        assert_eq!(status, Status::BadRequest, "{args}: {reply}");
        assert!(!reply.to_string().contains("hunter2"), "{reply}");
    }
    let most = json!({"tenant": "default", "key": "k".repeat(256), "value": value(64 * 1024)});
    assert_eq!(room.ask("kv.cas", most).await.0, Status::Ok);
    for bytes in [&b""[..], b"{", &[b'['; 100], &vec![b' '; (1 << 20) + 1]] {
        let (status, _) = room.calls.answer(&room.tenants, "kv.get", bytes).await;
        assert_eq!(status, Status::BadRequest);
    }
}

#[tokio::test]
async fn another_tenant_is_refused_and_noted() {
    let room = room(&["kv"]).await;
    for tenant in [json!("other"), json!(""), json!(7), Value::Null] {
        let (status, reply) = room.ask("kv.get", json!({"tenant": tenant, "key": "k"})).await;
        assert_eq!((status, &reply["field"]), (Status::NotPermitted, &json!("tenant")));
    }
    assert_eq!(room.audited().await, ["need:tenant:other not_permitted"]);
    let (status, _) = room.calls.answer(&[], "kv.get", br#"{"tenant":"default","key":"k"}"#).await;
    assert_eq!(status, Status::NotPermitted, "no call is under way");
}

#[tokio::test]
async fn what_the_manifest_did_not_ask_for_is_refused_and_noted_once_a_minute() {
    let room = room(&[]).await;
    let tries = [
        ("kv.get", json!({"tenant": "default", "key": "k"}), "kv"),
        ("kv.cas", json!({"tenant": "default", "key": "k", "value": ""}), "kv"),
        ("http.fetch", json!({"url": "https://evil.example:8443/a?b"}), "http:evil.example:8443"),
        ("moon.phase", json!({}), "moon.phase"),
    ];
    for _ in 0..50 {
        for (method, args, need) in &tries {
            let (status, reply) = room.ask(method, args.clone()).await;
            assert_eq!(status, Status::NotPermitted);
            assert_eq!(reply["message"], format!("the manifest does not say that it needs `{need}`"));
        }
    }
    let once = [
        "need:kv not_permitted",
        "need:http:evil.example:8443 not_permitted",
        "need:service:moon.phase not_permitted",
    ];
    assert_eq!(room.audited().await, once);
    room.world.advance(59);
    room.ask("kv.get", json!({})).await;
    assert_eq!(room.audited().await.len(), 3);
    room.world.advance(1);
    room.ask("kv.get", json!({})).await;
    assert_eq!(room.audited().await.len(), 4);
}

#[tokio::test]
async fn random_and_log_are_given_to_those_who_asked() {
    let asked = room(&["random", "log"]).await;
    let mut buffer = [0; 4];
    assert_eq!((asked.calls.random(&mut buffer), buffer), (Status::Ok, [7; 4]));
    asked.calls.log(LogLevel::Info, "hello");
    assert_eq!(asked.calls.now_ms(), 1_700_000_000_000);

    let not = room(&[]).await;
    let mut buffer = [0; 4];
    assert_eq!((not.calls.random(&mut buffer), buffer), (Status::NotPermitted, [0; 4]));
    not.calls.log(LogLevel::Error, "hello");
    not.calls.log(LogLevel::Error, "hello");
    // They are written by tasks.
    for _ in 0..1_000 {
        if not.audited().await.len() == 2 {
            break;
        }
        tokio::task::yield_now().await;
    }
    let mut noted = not.audited().await;
    noted.sort();
    assert_eq!(noted, ["need:log not_permitted", "need:random not_permitted"]);
    assert!(asked.audited().await.is_empty());
}

#[tokio::test]
async fn a_service_answers_by_its_name() {
    let room = room(&["moon.phase"]).await;
    assert_eq!(room.ask("moon.phase", json!({})).await, (Status::Ok, json!({"of": "moon.phase"})));
    assert_eq!(room.ask("moon.landing", json!({})).await.0, Status::NotPermitted);
    for unknown in ["sun.rise", "kv.put", "", "random", &"x".repeat(65)] {
        assert_eq!(room.ask(unknown, json!({})).await.0, Status::UnknownMethod, "{unknown}");
    }
    let (status, reply) = room.ask("moon.phase", json!({"broken": true})).await;
    assert_eq!(status, Status::Internal);
    assert!(!reply.to_string().contains("secret"), "what went wrong inside is not the plugin's: {reply}");
}

/// Answers one request after the other with its number of bytes.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut sent = [0; 4096];
            let _ = socket.read(&mut sent).await;
            let _ = socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
                .await;
        }
    });
    port
}

#[tokio::test]
async fn requests_go_to_the_hosts_of_the_manifest_by_the_guarded_way() {
    let port = server().await;
    let here = format!("http:127.0.0.1:{port}");
    let room = room(&[&here, "http:192.168.1.1"]).await;
    let ask = |url: String| json!({"url": url});
    let (status, reply) = room.ask("http.fetch", ask(format!("http://127.0.0.1:{port}/a"))).await;
    assert_eq!((status, &reply["body"]), (Status::Ok, &json!("hi")), "{reply}");
    // Named in the manifest, and not in `outgoing.allow_networks`.
    assert_eq!(room.ask("http.fetch", ask("https://192.168.1.1/".into())).await.0, Status::Unavailable);
    let elsewhere = [
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        "http://127.0.0.1/".into(),
    ];
    for url in elsewhere {
        assert_eq!(room.ask("http.fetch", ask(url.clone())).await.0, Status::NotPermitted, "{url}");
    }
    for args in [json!({}), json!({"url": "/a"}), json!({"url": 7}), json!([])] {
        assert_eq!(room.ask("http.fetch", args).await.0, Status::BadRequest);
    }
    let userinfo = ask(format!("http://a:b@127.0.0.1:{port}/"));
    assert_eq!(room.ask("http.fetch", userinfo).await.0, Status::BadRequest);
}

#[tokio::test]
async fn a_linked_plugin_that_names_a_host_reaches_that_host() {
    let port = server().await;
    let room = room(&[]).await;
    let here = format!("http:127.0.0.1:{port}");
    let linked = |needs: &[&str]| Services::new("linked", needs, room.common.clone());
    let ask = |host: &str| json!({"url": format!("http://{host}:{port}/")});
    for (needs, host, goes) in [
        (vec![here.as_str()], "127.0.0.1", true),
        (vec![here.as_str()], "localhost", false),
        (vec![], "127.0.0.1", false),
        (vec!["http.fetch"], "127.0.0.1", true),
        (vec!["moon.phase"], "127.0.0.1", false),
    ] {
        let told = linked(&needs).call("http.fetch", ask(host)).await;
        assert_eq!(told.is_ok(), goes, "{needs:?} {host} {told:?}");
    }
    let phase =
        linked(&[&here]).call("moon.phase", json!({"url": format!("http://127.0.0.1:{port}/")})).await;
    assert!(matches!(phase, Err(Fault::BadRequest { .. })), "a host is no other service");
}

#[tokio::test]
async fn log_lines_are_cut_and_counted() {
    let world = Arc::new(kit::Moved::default());
    let lines = Lines::new(world.clone());
    assert_eq!(lines.next("a\nb").as_deref(), Some("a\\nb"));
    assert_eq!(lines.next(&"x".repeat(5_000)).map(|line| line.chars().count()), Some(1_001));
    let written = (0..500).filter(|_| lines.next("x").is_some()).count();
    assert_eq!(written, 118);
    world.advance(60);
    assert_eq!(lines.next("y").as_deref(), Some("y (382 lines before it were left out)"));
    assert_eq!(lines.next("z").as_deref(), Some("z"));
}

/// Which of them it was is a guess, and what the plugin names would land in somebody's log.
#[tokio::test]
async fn a_refusal_among_several_tenants_is_nobody_s_but_the_host_s() {
    let mut room = room(&[]).await;
    let [one, two] = ["one", "two"].map(|id| TenantId::parse(id).expect("an id"));
    room.tenants = vec![one.clone(), two.clone()];
    room.ask("http.fetch", json!({"url": "https://a-guess.example/"})).await;
    assert_eq!(room.audited().await, ["need:http:a-guess.example not_permitted"]);
    for tenant in [one, two] {
        assert!(kit::audited(&room.common.store, &tenant, "knock").await.is_empty());
    }
}

#[tokio::test]
async fn one_that_asks_in_a_loop_is_slowed_down() {
    let room = room(&["moon.phase"]).await;
    let mut refused = 0;
    for _ in 0..2_100 {
        let (status, reply) = room.ask("moon.phase", json!({})).await;
        if status != Status::Ok {
            assert_eq!(status, Status::Unavailable, "{reply}");
            refused += 1;
        }
    }
    assert_eq!(refused, 100);
    room.world.advance(1);
    assert_eq!(room.ask("moon.phase", json!({})).await.0, Status::Ok);
}
