use crate::{Answer, Config, Credential, Ldap};
use data_encoding::BASE64;
use gatewright_contract::{
    Authenticator, BoxFut, Call, CredentialChange, CredentialId, Fault, Held, Host, HostServices, LogLevel,
    Nothing, Outcome, Refusal, Scope, Secret, TenantId, Timestamp, Verdict, Versioned,
    testing::{ready, scope},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A host with a directory in it, which notes what it is asked.
#[derive(Default)]
struct Desk {
    entries: Vec<Value>,
    down: bool,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Desk {
    fn with(entries: Vec<Value>) -> Arc<Self> {
        Arc::new(Self { entries, ..Self::default() })
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

impl HostServices for Desk {
    fn now(&self) -> Timestamp {
        NOW
    }
    fn random(&self, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault::unavailable("not needed"))
    }
    fn log(&self, _: LogLevel, _: &str) {}
    fn kv_get<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async { Ok(None) })
    }
    fn kv_cas<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
        _: Option<u64>,
        _: &'a [u8],
        _: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        Box::pin(async { Err(Fault::Conflict) })
    }
    fn run<'a>(&'a self, _: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        self.asked.lock().unwrap().push((method.to_owned(), args.clone()));
        let answer = match method {
            _ if self.down => Err(Fault::unavailable("down")),
            "ldap.find" => Ok(json!({"entries": self.entries})),
            "ldap.bind" => Ok(json!({"right": !args["dn"].is_null() && args["password"] == "secret"})),
            _ => Err(Fault::bad_request("method", "no such")),
        };
        Box::pin(async { answer })
    }
}

fn entry(dn: &str, id: &[u8]) -> Value {
    let text = |t: &str| json!([BASE64.encode(t.as_bytes())]);
    let attributes = json!({
        "entryuuid": [BASE64.encode(id)], "mail": text("ada@example.com"),
        "displayname": [BASE64.encode(b"Ada"), BASE64.encode(b"Countess")],
    });
    json!({"dn": dn, "attributes": attributes})
}

fn ada() -> Value {
    entry("uid=ada,dc=example", b"1")
}

fn config() -> Config {
    Config { server: Some("main".to_owned()), ..Config::default() }
}

fn held(server: &str, id: &str) -> Held<Credential> {
    let doc = Credential { server: server.to_owned(), id: id.to_owned(), dn: "uid=ada".to_owned() };
    let id = CredentialId::from_parts(NOW, [9; 10]);
    Held { id, label: None, created: NOW, last_used: None, doc }
}

type Told = Result<Verdict<Nothing, Nothing, Credential>, Fault>;

fn answer(
    desk: &Arc<Desk>,
    config: Config,
    scope: &Scope,
    held: &[Held<Credential>],
    password: &str,
) -> Told {
    let host: Host = desk.clone();
    let ldap = Ldap::new(config, host).expect("a config");
    let answer = Answer { password: Secret::new(password.to_owned()) };
    ready(ldap.verify(Call { scope, credentials: held, body: (Nothing {}, answer) }))
}

fn refusal(told: Told) -> Refusal {
    match told.expect("a verdict").outcome {
        Outcome::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_login_ties_the_account_to_the_entry() {
    let desk = Desk::with(vec![ada()]);
    let verdict = answer(&desk, config(), &scope(NOW, Some("ada")), &[], "secret").expect("a verdict");
    let Outcome::Accepted(accepted) = verdict.outcome else { panic!("refused") };
    assert_eq!(accepted.credential, None);
    assert_eq!(
        Value::Object(accepted.claims),
        json!({"email": "ada@example.com", "name": ["Ada", "Countess"]})
    );
    let [CredentialChange::Add { doc, lookup, .. }] = &verdict.effects.credentials[..] else {
        panic!("no tie")
    };
    assert_eq!((doc.server.as_str(), doc.id.as_str()), ("main", "31"));
    assert_eq!(lookup.as_ref().map(|l| l.0.as_str()), Some("main:31"));
    let asked = desk.asked();
    assert_eq!(asked[0].1["username"], "ada");
    assert_eq!(asked[1].1["dn"], "uid=ada,dc=example");
}

#[test]
fn later_only_the_same_entry_lets_in() {
    let scope = scope(NOW, Some("ada"));
    let same = answer(&Desk::with(vec![ada()]), config(), &scope, &[held("main", "31")], "secret").unwrap();
    assert!(matches!(same.outcome, Outcome::Accepted(a) if a.credential.is_some()));
    assert!(same.effects.credentials.is_empty());
    // The name now belongs to somebody else, who knows their own password.
    let desk = Desk::with(vec![entry("uid=ada,dc=example", b"2")]);
    assert_eq!(refusal(answer(&desk, config(), &scope, &[held("main", "31")], "secret")), Refusal::Wrong);
    assert!(desk.asked()[1].1["dn"].is_null(), "another one's password is not sent");
}

#[test]
fn an_entry_without_an_id_lets_nobody_in_unless_ids_are_off() {
    let bare = json!({"dn": "uid=ada", "attributes": {}});
    let scope = scope(NOW, Some("ada"));
    let desk = Desk::with(vec![bare]);
    assert_eq!(refusal(answer(&desk, config(), &scope, &[], "secret")), Refusal::Wrong);
    let off = Config { id_attribute: None, ..config() };
    let verdict = answer(&desk, off, &scope, &[], "secret").unwrap();
    assert!(matches!(verdict.outcome, Outcome::Accepted(_)) && verdict.effects.credentials.is_empty());
}

#[test]
fn nothing_goes_out_with_an_empty_or_impossible_password() {
    for password in ["", "secret\0", &"x".repeat(513)] {
        let desk = Desk::with(vec![ada()]);
        let told = answer(&desk, config(), &scope(NOW, Some("ada")), &[], password);
        assert_eq!(refusal(told), Refusal::Wrong);
        assert!(desk.asked().is_empty());
    }
}

#[test]
fn exactly_one_entry_lets_in() {
    let rooted = entry("", b"1");
    for entries in [vec![], vec![ada(), entry("uid=ada,ou=b,dc=example", b"2")], vec![rooted]] {
        let desk = Desk::with(entries);
        let told = answer(&desk, config(), &scope(NOW, Some("ada")), &[], "secret");
        assert_eq!(refusal(told), Refusal::Wrong);
        assert!(desk.asked()[1].1["dn"].is_null());
    }
}

/// An unknown person, one of another tenant, and a wrong password: two questions each, of the same size.
#[test]
fn everybody_costs_a_search_and_a_bind() {
    let mut elsewhere = scope(NOW, Some("ada"));
    elsewhere.tenant = TenantId::parse("other").unwrap();
    for (scope, why) in [
        (scope(NOW, None), Refusal::NotEnrolled),
        (elsewhere, Refusal::NotEnrolled),
        (scope(NOW, Some("ada")), Refusal::Wrong),
    ] {
        let desk = Desk::with(vec![ada()]);
        let typed = if why == Refusal::Wrong { "Secret" } else { "secret" };
        assert_eq!(refusal(answer(&desk, config(), &scope, &[], typed)), why);
        let asked = desk.asked();
        let methods: Vec<&str> = asked.iter().map(|(method, _)| method.as_str()).collect();
        assert_eq!(methods, ["ldap.find", "ldap.bind"]);
        if why == Refusal::NotEnrolled {
            assert_eq!(asked[0].1["username"].as_str().map(str::len), Some(64), "the name is made up");
            assert_eq!(asked[1].1["password"], "xxxxxx", "what was typed stays here");
        }
    }
}

#[test]
fn a_directory_that_is_down_is_nobodys_mistake() {
    for name in [Some("ada"), None] {
        let desk = Arc::new(Desk { down: true, ..Desk::default() });
        let told = answer(&desk, config(), &scope(NOW, name), &[], "secret");
        assert!(matches!(told, Err(Fault::Unavailable { .. })), "{told:?}");
    }
    let told = answer(&Desk::with(vec![]), Config::default(), &scope(NOW, Some("ada")), &[], "secret");
    assert!(matches!(told, Err(Fault::Unavailable { .. })), "nothing is configured");
}

#[test]
fn it_comes_first_only_where_a_directory_is_named() {
    let traits = |config| Ldap::new(config, Desk::with(vec![])).expect("a config").traits().steps;
    assert!(!traits(Config::default()).first && !traits(Config::default()).second);
    assert!(traits(config()).first && !traits(config()).second);
}

#[test]
fn mistakes_in_the_config_have_their_key() {
    let key = |config| match Ldap::new(config, Desk::with(vec![])).err() {
        Some(Fault::Config { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    assert_eq!(key(Config { server: Some(String::new()), ..config() }), "server");
    assert_eq!(key(Config { tenants: vec!["A b".to_owned()], ..config() }), "tenants.0");
    assert_eq!(key(Config { id_attribute: Some("a b".to_owned()), ..config() }), "id_attribute");
    let claims = [("name".to_owned(), "cn)(uid=*".to_owned())].into();
    assert_eq!(key(Config { claims, ..config() }), "claims.name");
}
