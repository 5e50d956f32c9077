mod fake;

use crate::{Config, DirectoryPlugin, Server};
use fake::{ADA, Ca, Fake, Mood};
use gatewright_contract::{Fault, Secret};
use gatewright_core::service::Service;
use gatewright_plugin::{Health, Plugin};
use serde_json::{Value, json};
use std::sync::{Arc, atomic::Ordering};

struct Set {
    fake: Fake,
    plugin: DirectoryPlugin,
    _ca: Ca,
}

impl Set {
    async fn ldaps(name: &str, mood: Mood) -> Self {
        Self::with(name, mood, |server| server).await
    }

    async fn with(name: &str, mood: Mood, change: impl FnOnce(Server) -> Server) -> Self {
        let ca = Ca::new(name);
        let fake = Fake::start(mood, &ca, "localhost", true).await;
        let plugin = plugin(change(server(&ca, format!("ldaps://localhost:{}", fake.port))));
        Self { fake, plugin, _ca: ca }
    }

    fn service(&self) -> Arc<dyn Service> {
        self.plugin.contribute().services.remove(0)
    }

    async fn find(&self, username: &str) -> Result<Value, Fault> {
        let args = json!({"server": "main", "username": username, "attributes": ["entryUUID"]});
        self.service().call("ldap.find", args).await
    }

    async fn bind(&self, dn: Option<&str>, password: &str) -> Result<bool, Fault> {
        let args = json!({"server": "main", "dn": dn, "password": password});
        Ok(self.service().call("ldap.bind", args).await?["right"] == true)
    }
}

fn server(ca: &Ca, url: String) -> Server {
    Server {
        urls: vec![url],
        roots: Some(ca.file.clone()),
        bind_dn: Some("cn=reader".to_owned()),
        bind_password: Some(Secret::new("reads".to_owned())),
        base: "dc=example".to_owned(),
        timeout_ms: 1000,
        ..Server::default()
    }
}

fn plugin(server: Server) -> DirectoryPlugin {
    DirectoryPlugin::new(Config { servers: [("main".to_owned(), server)].into() }).expect("a config")
}

fn is_unavailable<T: std::fmt::Debug>(told: &Result<T, Fault>) -> bool {
    matches!(told, Err(Fault::Unavailable { .. }))
}

#[tokio::test]
async fn an_entry_is_found_and_its_password_checked() {
    let set = Set::ldaps("found", Mood::Good).await;
    let mut found = set.find("ada").await.expect("an answer");
    // Values have no order.
    found["entries"][0]["attributes"]["entryuuid"]
        .as_array_mut()
        .expect("values")
        .sort_by_key(Value::to_string);
    // 0xff 0x00 is no text.
    let expected = json!([{"dn": ADA.dn, "attributes": {"entryuuid": ["/wA=", "YWRh"]}}]);
    assert_eq!(found["entries"], expected);
    assert_eq!(set.find("grace").await.expect("an answer")["entries"], json!([]));
    assert!(set.bind(Some(ADA.dn), "secret").await.expect("an answer"));
    assert!(!set.bind(Some(ADA.dn), "Secret").await.expect("an answer"));
    assert!(!set.bind(None, "secret").await.expect("an answer"));
    assert!(set.fake.heard().contains(&"bind cn=gatewright-nobody,dc=example secret".to_owned()));
    // One for both searches, one for each password.
    assert_eq!(set.fake.connections.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_name_is_a_value_whatever_is_in_it() {
    let set = Set::ldaps("escape", Mood::Good).await;
    for name in ["*", "a*", "ada)(uid=*", "*)(|(uid=*", "\\2a", "ada\\", "(", "ädä", "a&(b)!", "{username}"]
    {
        assert_eq!(set.find(name).await.expect(name)["entries"], json!([]), "{name}");
        assert_eq!(set.fake.heard().pop(), Some(format!("search {name}")));
    }
}

#[tokio::test]
async fn nothing_goes_out_that_would_bind_nobody() {
    let set = Set::ldaps("empty", Mood::Good).await;
    let long = "x".repeat(1025);
    for (dn, password) in
        [(ADA.dn, ""), (ADA.dn, "a\0b"), (ADA.dn, &long), ("", "secret"), ("a\0b", "secret")]
    {
        let told = set.bind(Some(dn), password).await;
        assert!(matches!(told, Err(Fault::BadRequest { .. })), "{told:?}");
    }
    assert!(set.find("").await.is_err() && set.find("a\0b").await.is_err());
    let args = json!({"server": "main", "username": "ada", "attributes": ["cn)(uid=*"]});
    assert!(set.service().call("ldap.find", args).await.is_err());
    assert!(set.fake.heard().is_empty());
}

#[tokio::test]
async fn arguments_are_not_repeated() {
    let set = Set::ldaps("repeat", Mood::Good).await;
    let args = json!({"server": "main", "dn": 5, "password": "hunter2"});
    let told = set.service().call("ldap.bind", args).await.expect_err("no shape");
    assert!(!format!("{told:?} {told}").contains("hunter2"));
}

/// Only whom the roots and the name in the URL vouch for is told a password.
#[tokio::test]
async fn another_server_in_its_place_learns_nothing() {
    let (ca, other) = (Ca::new("ours"), Ca::new("theirs"));
    let stranger = Fake::start(Mood::Good, &other, "localhost", true).await;
    let namesake = Fake::start(Mood::Good, &ca, "elsewhere.example", true).await;
    let plain = Fake::start(Mood::Plain, &ca, "localhost", false).await;
    for (fake, scheme) in [(&stranger, "ldaps"), (&namesake, "ldaps"), (&plain, "ldap"), (&stranger, "ldap")]
    {
        let plugin = plugin(server(&ca, format!("{scheme}://localhost:{}", fake.port)));
        let service = plugin.contribute().services.remove(0);
        let args = json!({"server": "main", "dn": ADA.dn, "password": "secret"});
        let told = service.call("ldap.bind", args).await;
        assert!(is_unavailable(&told), "{told:?}");
        assert!(service.call("ldap.find", json!({"server": "main", "username": "ada"})).await.is_err());
        assert!(fake.heard().is_empty(), "{:?}", fake.heard());
        assert!(matches!(plugin.health().await, Health::Degraded(_)));
    }
}

#[tokio::test]
async fn starttls_comes_before_everything() {
    let ca = Ca::new("starttls");
    let fake = Fake::start(Mood::Good, &ca, "localhost", false).await;
    let plugin = plugin(server(&ca, format!("ldap://localhost:{}", fake.port)));
    let args = json!({"server": "main", "dn": ADA.dn, "password": "secret"});
    let told = plugin.contribute().services.remove(0).call("ldap.bind", args).await.expect("an answer");
    assert_eq!(told["right"], true);
    assert_eq!(plugin.health().await, Health::Ok);
}

#[tokio::test]
async fn who_does_not_answer_in_time_or_in_shape_is_unavailable() {
    for (i, mood) in [Mood::Silent, Mood::Garbage, Mood::DiesAtBind].into_iter().enumerate() {
        let quick = |server| Server { timeout_ms: 150, ..server };
        let set = Set::with(&format!("mood{i}"), mood, quick).await;
        let told = set.bind(Some(ADA.dn), "secret").await;
        assert!(is_unavailable(&told), "{mood:?}: {told:?}");
        assert!(!format!("{told:?}").contains("secret"), "{told:?}");
        assert!(is_unavailable(&set.find("ada").await), "{mood:?}");
    }
    // Nobody listens.
    let set =
        Set::with("gone", Mood::Good, |s| Server { urls: vec!["ldaps://localhost:1".to_owned()], ..s }).await;
    assert!(is_unavailable(&set.bind(Some(ADA.dn), "secret").await));
}

#[tokio::test]
async fn a_second_server_stands_in() {
    let set = Set::with("second", Mood::Good, |mut s| {
        s.urls.insert(0, "ldaps://localhost:1".to_owned());
        s
    })
    .await;
    assert!(set.bind(Some(ADA.dn), "secret").await.expect("an answer"));
}

#[tokio::test]
async fn a_kept_connection_that_is_gone_is_replaced() {
    let set = Set::ldaps("kept", Mood::HangsUp).await;
    for _ in 0..4 {
        assert_eq!(set.find("ada").await.expect("an answer")["entries"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(set.fake.connections.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn more_than_was_asked_for_is_not_taken() {
    let set = Set::ldaps("flood", Mood::Floods).await;
    assert!(is_unavailable(&set.find("ada").await));
}

/// Locked, expired, gone: all the same as wrong. What the server can't say now is not.
#[tokio::test]
async fn results_of_a_bind() {
    for code in [19, 32, 34, 48, 49, 50, 53] {
        let set = Set::ldaps(&format!("code{code}"), Mood::Binds(code)).await;
        assert!(!set.bind(Some(ADA.dn), "secret").await.expect("an answer"), "{code}");
    }
    for code in [1, 2, 8, 10, 13, 14, 51, 52, 80] {
        let set = Set::ldaps(&format!("code{code}"), Mood::Binds(code)).await;
        assert!(is_unavailable(&set.bind(Some(ADA.dn), "secret").await), "{code}");
    }
    let set = Set::ldaps("code0", Mood::Binds(0)).await;
    assert!(!set.bind(None, "secret").await.expect("an answer"), "nobody is never right");
}

#[test]
fn roots_that_can_not_be_read_stop_the_start() {
    let server = Server { roots: Some("/nowhere/roots.pem".into()), ..Server::default() };
    let server = Server { urls: vec!["ldaps://localhost".to_owned()], ..server };
    let made = DirectoryPlugin::new(Config { servers: [("main".to_owned(), server)].into() });
    assert!(matches!(made.err(), Some(Fault::Config { key, .. }) if key == "servers.main.roots"));
}
