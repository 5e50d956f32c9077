//! People whose password is in a directory. The directory is made up here; the real one is in `tests/clients/ldap.py`.

use super::idaas::{challenge, complete};
use super::parallel::{all, count};
use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright::Plugins;
use gatewright_contract::{CONTRACT, Fault, TenantId};
use gatewright_core::{Origin, admin::NewTenant, people::NewPerson, service::Service};
use gatewright_plugin::{Contribution, Descriptor, Plugin};
use kit::{Kit, Login, Store};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Login name, id and password of an entry, and how the directory is. By the name of the test.
#[derive(Clone, Default)]
struct Directory {
    entries: Vec<(&'static str, &'static str, &'static str)>,
    down: bool,
    binds: usize,
}

static DIRECTORIES: Mutex<BTreeMap<String, Directory>> = Mutex::new(BTreeMap::new());

fn with<T>(name: &str, change: impl FnOnce(&mut Directory) -> T) -> T {
    let mut all = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
    change(all.entry(name.to_owned()).or_default())
}

struct Fake;

impl Plugin for Fake {
    fn contribute(&self) -> Contribution {
        Contribution { services: vec![Arc::new(Fake)], ..Contribution::default() }
    }
}

#[async_trait]
impl Service for Fake {
    fn methods(&self) -> &[&'static str] {
        &["ldap.find", "ldap.bind"]
    }

    async fn call(&self, method: &str, args: Value) -> Result<Value, Fault> {
        let name = args["server"].as_str().expect("a server");
        let directory = with(name, |d| {
            d.binds += usize::from(method == "ldap.bind");
            d.clone()
        });
        if directory.down {
            return Err(Fault::unavailable("down"));
        }
        let entry = |id: &str| json!({"dn": format!("uid={id}"), "attributes": {"entryuuid": [BASE64.encode(id.as_bytes())]}});
        let all = directory.entries.iter();
        Ok(match method {
            "ldap.find" => {
                let hits = all.filter(|(uid, ..)| {
                    args["username"].as_str().is_some_and(|u| u.eq_ignore_ascii_case(uid))
                });
                json!({"entries": hits.map(|(_, id, _)| entry(id)).collect::<Vec<_>>()})
            }
            _ => {
                let mut fits =
                    all.filter(|(_, id, p)| args["dn"] == format!("uid={id}") && args["password"] == **p);
                json!({"right": fits.next().is_some()})
            }
        })
    }
}

/// An app with a directory in which Ada and Grace are, and with both of them here.
async fn kit(name: &str, more: &str) -> Arc<Kit> {
    with(name, |d| d.entries = vec![("ada", "1", "lovelace"), ("grace", "2", "hopper")]);
    let descriptor = Descriptor {
        id: "directory",
        version: "1",
        contract: CONTRACT,
        about: "A directory in a test.",
        config: || (json!({"type": "object", "properties": {}}), json!({})),
        init: |_| Box::pin(async { Ok(Box::new(Fake) as Box<dyn Plugin>) }),
    };
    let config = format!(
        "[plugins.ldap]\nserver = \"{name}\"\n{more}[login.policy]\nfirst = [\"ldap\", \"password\"]\n\
         [login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 5\n"
    );
    let plugins = Plugins::linked().without("directory").with_plugin(descriptor);
    let kit = Kit::with(Store::Sqlite).plugins(plugins).config(&config).start().await;
    for person in ["ada", "grace"] {
        kit.person(person).await;
    }
    Arc::new(kit)
}

async fn answer(kit: &Kit, username: &str, password: &str) -> kit::Reply {
    let transaction = kit.begin(username).await;
    kit.answer(&transaction, "ldap", json!({"password": password})).await
}

#[tokio::test]
async fn the_password_of_the_directory_logs_in() {
    let kit = kit("logs-in", "").await;
    let done = answer(&kit, "Ada", "lovelace").await;
    let login = Login::of(&done);
    assert_eq!(login.body["person"]["username"], "ada");
    assert_eq!((&login.body["amr"], &login.body["acr"]), (&json!(["pwd"]), &json!("aal1")));
    Login::of(&answer(&kit, "ada", "lovelace").await);
    let mine = kit.get_as(&login.access_token, "/auth/v1/me/credentials").await.expect(200).text();
    assert!(mine.contains("\"ldap\"") && !mine.contains("lovelace"), "{mine}");
}

#[tokio::test]
async fn wrong_unknown_disabled_and_another_ones_look_the_same() {
    let kit = kit("alike", "").await;
    let off = kit.person("off").await;
    with("alike", |d| d.entries.push(("off", "3", "off")));
    kit.disable(&off).await;
    let wrong = answer(&kit, "ada", "lovelace ").await.expect(401);
    // In the directory, and not here: nobody is made by logging in.
    with("alike", |d| d.entries.push(("mallory", "4", "mallory")));
    for (username, password) in
        [("nobody", "lovelace"), ("mallory", "mallory"), ("off", "off"), ("ada", "hopper"), ("ada", "")]
    {
        let before = with("alike", |d| d.binds);
        let refused = answer(&kit, username, password).await;
        assert_eq!((refused.status, refused.text()), (wrong.status, wrong.text()), "{username}");
        let asked = with("alike", |d| d.binds) - before;
        assert_eq!(asked, usize::from(!password.is_empty()), "{username}: {asked} binds");
    }
}

#[tokio::test]
async fn an_entry_that_has_got_the_name_later_is_somebody_else() {
    let kit = kit("renamed", "").await;
    Login::of(&answer(&kit, "ada", "lovelace").await);
    with("renamed", |d| d.entries = vec![("ada", "9", "augusta")]);
    answer(&kit, "ada", "augusta").await.expect(401);
    // An administrator says that it is the same person.
    let admin = kit.administrator().await;
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    let path = format!("/auth/v1/people/{}/credentials", ada.id);
    let listed = kit.get_as(&admin, &path).await.expect(200).json();
    let all = listed["credentials"].as_array().or(listed.as_array()).expect("a list").clone();
    let tie = all.iter().find(|c| c["authenticator"] == "ldap").expect("the tie");
    kit.delete_as(&admin, &format!("{path}/{}", tie["id"].as_str().unwrap())).await.expect(204);
    Login::of(&answer(&kit, "ada", "augusta").await);
}

#[tokio::test]
async fn several_entries_of_one_name_let_nobody_in() {
    let kit = kit("several", "").await;
    with("several", |d| d.entries.push(("ada", "8", "byron")));
    for password in ["lovelace", "byron"] {
        answer(&kit, "ada", password).await.expect(401);
    }
}

#[tokio::test]
async fn the_same_name_in_another_tenant_is_somebody_else() {
    let kit = kit("tenants", "").await;
    let (engine, local) = (&kit.app.engine, Origin::local("kit"));
    let tenant = TenantId::parse("other").unwrap();
    let other = NewTenant { id: tenant.clone(), display_name: "Other".to_owned(), settings: None };
    engine.at_the_machine(&local).create_tenant(other).await.unwrap();
    let new = NewPerson {
        tenant,
        username: "ada".to_owned(),
        display_name: None,
        email: None,
        administrator: false,
    };
    engine.create_person(new, &local).await.unwrap();
    let begin = json!({"username": "ada", "tenant": "other"});
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    kit.answer(&transaction, "ldap", json!({"password": "lovelace"})).await.expect(401);
}

#[tokio::test]
async fn a_directory_that_is_down_is_503_for_everybody_and_counts_for_nobody() {
    let kit = kit("down", "").await;
    with("down", |d| d.down = true);
    let transaction = kit.begin("ada").await;
    let mut bodies = Vec::new();
    for _ in 0..8 {
        let reply = kit.answer(&transaction, "ldap", json!({"password": "wrong"})).await;
        bodies.push(reply.expect(503).text());
    }
    bodies.push(answer(&kit, "nobody", "wrong").await.expect(503).text());
    assert!(bodies.iter().all(|b| *b == bodies[0]), "{bodies:?}");
    with("down", |d| d.down = false);
    // Eight failures would have locked her.
    Login::of(&kit.answer(&transaction, "ldap", json!({"password": "lovelace"})).await);
}

/// The directory locks accounts, too: it must not be used up by guesses at somebody who is locked here.
#[tokio::test]
async fn who_is_locked_here_is_not_guessed_at_there() {
    let kit = kit("locked", "").await;
    for _ in 0..5 {
        answer(&kit, "ada", "guess").await.expect(401);
    }
    let wrong = answer(&kit, "nobody", "guess").await.text();
    assert_eq!(answer(&kit, "ada", "lovelace").await.expect(401).text(), wrong);
    kit.advance(Duration::from_secs(3600));
    Login::of(&answer(&kit, "ada", "lovelace").await);
}

#[tokio::test]
async fn an_answer_is_good_for_its_transaction_only_and_not_for_long() {
    let kit = kit("replay", "").await;
    let transaction = kit.begin("ada").await;
    let right = json!({"password": "lovelace"});
    Login::of(&kit.answer(&transaction, "ldap", right.clone()).await);
    kit.answer(&transaction, "ldap", right.clone()).await.expect(404);
    let late = kit.begin("ada").await;
    kit.advance(Duration::from_secs(3600));
    kit.answer(&late, "ldap", right).await.expect(404);
}

#[tokio::test]
async fn what_is_no_password_is_refused() {
    let kit = kit("shapes", "").await;
    for odd in
        [json!({}), json!({"password": 5}), json!({"password": null}), json!({"password": "a", "x": 1})]
    {
        let transaction = kit.begin("ada").await;
        let reply = kit.answer(&transaction, "ldap", odd.clone()).await;
        assert!(reply.status.is_client_error(), "{odd}: {}", reply.text());
    }
    for odd in ["lovelace\0".to_owned(), "x".repeat(513), "x".repeat(60_000)] {
        let transaction = kit.begin("grace").await;
        let reply = kit.answer(&transaction, "ldap", json!({"password": odd})).await;
        assert!(reply.status.is_client_error(), "{}", reply.text());
    }
    assert_eq!(with("shapes", |d| d.binds), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_logins_at_once_tie_one_credential() {
    let kit = kit("parallel", "").await;
    let mut waiting = Vec::new();
    for _ in 0..10 {
        waiting.push(kit.begin("ada").await);
    }
    let one = waiting[0].clone();
    let tries = waiting.into_iter().chain([one]).map(|transaction| {
        let kit = kit.clone();
        async move { kit.answer(&transaction, "ldap", json!({"password": "lovelace"})).await }
    });
    let replies = all(tries).await;
    assert!(count(&replies, 200) <= 10 && count(&replies, 200) >= 1, "one transaction is answered once");
    let engine = &kit.app.engine;
    let tenant = TenantId::default_tenant();
    let ada = engine.find_person(&tenant, "ada").await.unwrap().unwrap();
    let held = engine.store().credentials(&tenant, ada.id).await.unwrap();
    assert_eq!(held.iter().filter(|c| c.authenticator == "ldap").count(), 1);
}

#[tokio::test]
async fn idaas_calls_it_external() {
    let kit = kit("idaas", "").await;
    let asked = super::idaas::query(&kit, "ada", json!({})).await.expect(200).json();
    let names = asked["authenticationTypes"].as_array().expect("names");
    assert!(names.contains(&json!("EXTERNAL")), "{asked}");
    let posed = challenge(&kit, "EXTERNAL", "ada", json!({})).await.expect(200);
    let wrong =
        complete(&kit, "EXTERNAL", &posed.str("token"), json!({"response": "hopper"})).await.expect(401);
    let done = complete(&kit, "EXTERNAL", &posed.str("token"), json!({"response": "lovelace"})).await;
    assert_eq!(done.expect(200).json()["authenticationCompleted"], true);
    let stranger = challenge(&kit, "EXTERNAL", "nobody", json!({})).await.expect(200);
    let refused = complete(&kit, "EXTERNAL", &stranger.str("token"), json!({"response": "hopper"})).await;
    assert_eq!(refused.text(), wrong.text());
}
