use super::*;

fn http(env: &[(&str, &str)]) -> Http {
    load("", env).unwrap().section(&["http"]).unwrap()
}

#[test]
fn text_stays_text() {
    assert_eq!(http(&[("GATEWRIGHT_HTTP__NAME", "0042")]).name, "0042");
    assert_eq!(http(&[("GATEWRIGHT_HTTP__NAME", "true")]).name, "true");
    assert_eq!(http(&[("GATEWRIGHT_HTTP__NAME", "[1]")]).name, "[1]");
    assert_eq!(http(&[("GATEWRIGHT_HTTP__BODY", "42")]).body, 42);
}

#[test]
fn where_a_number_or_text_may_stand_only_a_plain_number_is_one() {
    let schema = serde_json::json!({ "properties": { "id": { "anyOf": [{ "type": "integer" }, { "type": "string" }] } } });
    let loader = Loader::new(vec![Section::new(&["a"], schema, serde_json::Value::Null)]);
    let id =
        |text| loader.load(sources("", &[("GATEWRIGHT_A__ID", text)])).unwrap().section_value(&["a", "id"]);
    assert_eq!(id("42"), serde_json::json!(42));
    assert_eq!(id("0042"), serde_json::json!("0042"));
    assert_eq!(id("+42"), serde_json::json!("+42"));
}

#[test]
fn lists_and_tables() {
    let proxies = |text| http(&[("GATEWRIGHT_HTTP__PROXIES", text)]).proxies;
    assert_eq!(proxies("a, 0042"), ["a", "0042"]);
    assert_eq!(proxies(r#"["a", "b"]"#), ["a", "b"]);
    assert_eq!(proxies("['a', 'b']"), ["a", "b"]);
    assert!(proxies("").is_empty());
    let extra = http(&[("GATEWRIGHT_HTTP__EXTRA", "[{ port = 1, admin = true }]")]).extra;
    assert_eq!(extra, [Extra { port: 1, admin: true }]);
    let tls =
        http(&[("GATEWRIGHT_HTTP__TLS__CERTIFICATE", "c.pem"), ("GATEWRIGHT_HTTP__TLS__OLDEST", "12")]).tls;
    assert_eq!(tls, Some(Tls { certificate: "c.pem".into(), oldest: 12 }));
}

#[test]
fn a_name_with_a_dash_and_keys_of_ones_own() {
    let env = [
        ("GATEWRIGHT_PLUGINS__LDAP_SYNC__URL", "u"),
        ("GATEWRIGHT_PLUGINS__LDAP_SYNC__PASSWORD", "p"),
        ("GATEWRIGHT_PLUGINS__LDAP_SYNC__ACCOUNT", "0042"),
        ("GATEWRIGHT_HTTP__PARTNERS__BIG_CORP__ORIGIN", "new"),
        ("GATEWRIGHT_HTTP__PARTNERS__OTHER__ORIGIN", "o"),
    ];
    let loaded = load("[http.partners.Big-Corp]\norigin = 'old'", &env).unwrap();
    let ldap: Ldap = loaded.section(&["plugins", "ldap-sync"]).unwrap();
    assert_eq!(ldap, Ldap { url: "u".into(), password: "p".into(), account: "0042".into(), roots: None });
    let partners = loaded.section::<Http>(&["http"]).unwrap().partners;
    let partners: Vec<_> = partners.iter().map(|(name, p)| (name.as_str(), p.origin.as_str())).collect();
    assert_eq!(partners, [("Big-Corp", "new"), ("other", "o")]);
}

#[test]
fn an_optional_section_is_present_by_a_variable() {
    let present = |env: &[_]| load("", env).unwrap().is_present(&["plugins", "totp"]);
    assert!(!present(&[]));
    assert!(present(&[("GATEWRIGHT_PLUGINS__TOTP__DIGITS", "8")]));
    assert!(present(&[("GATEWRIGHT_PLUGINS__TOTP", "{}")]));
    assert!(present(&[("GATEWRIGHT_PLUGINS__TOTP", "{}"), ("GATEWRIGHT_PLUGINS__TOTP__DIGITS", "8")]));
}

#[test]
fn mistakes_name_the_variable() {
    let env = [
        ("GATEWRIGHT_HTTP__BODY", "0"),
        ("GATEWRIGHT_HTTP__EXTRA", r#"[{"port": "x"}]"#),
        ("GATEWRIGHT_HTTP__EXTRA__0__PORT", "1"),
        ("GATEWRIGHT_HTTP__PROXIES", "['a"),
        ("GATEWRIGHT_HTTP__TLS", "{ certificat = 'x' }"),
        ("GATEWRIGHT_PLUGINS__TOTPP__DIGITS", "6"),
        ("GATEWRIGHT_ZZZ", "1"),
        ("GATEWRIGHT_STORE__", "1"),
        ("OTHER", "1"),
        ("GATEWRIGHT_CONFIG", "/etc/gatewright.toml"),
    ];
    let sources = Sources { env_ignored: vec!["GATEWRIGHT_CONFIG".into()], ..sources("", &env) };
    let report = Loader::new(sections()).load(sources).unwrap_err().to_string();
    let expected = "\
env GATEWRIGHT_HTTP__BODY: http.body: must be at least 1, found 0
env GATEWRIGHT_HTTP__EXTRA: http.extra.0.port: expected a whole number from 0 to 65535, found \"x\"
env GATEWRIGHT_HTTP__EXTRA__0__PORT: http.extra.0.port: unknown variable; a list is set as a whole, by GATEWRIGHT_HTTP__EXTRA
env GATEWRIGHT_HTTP__PROXIES: http.proxies: is neither JSON nor TOML
env GATEWRIGHT_HTTP__TLS: http.tls.certificat: unknown key; did you mean certificate? keys here are: certificate, oldest
env GATEWRIGHT_HTTP__TLS: http.tls.certificate: missing; it is required (or set GATEWRIGHT_HTTP__TLS__CERTIFICATE)
env GATEWRIGHT_PLUGINS__TOTPP__DIGITS: plugins.totpp.digits: unknown variable; did you mean GATEWRIGHT_PLUGINS__TOTP__DIGITS?
env GATEWRIGHT_STORE__: store.\"\": unknown variable; those here are: GATEWRIGHT_STORE__ENGINE__…, GATEWRIGHT_STORE__KEY, GATEWRIGHT_STORE__SPEED
env GATEWRIGHT_ZZZ: zzz: unknown variable; those here are: GATEWRIGHT_HTTP__…, GATEWRIGHT_STORE__…, GATEWRIGHT_PLUGINS__…";
    assert_eq!(report, expected);
}

#[test]
fn a_broken_variable_hides_no_mistake_in_the_file() {
    let env = [("GATEWRIGHT_HTTP", "[1"), ("GATEWRIGHT_HTTP__TLS", "{")];
    assert_eq!(
        lines("[http]\nbody = 0\n", &env),
        [
            "gatewright.toml:2:1: http.body: must be at least 1, found 0",
            "env GATEWRIGHT_HTTP: http: expected a table, found \"[1\"",
            "env GATEWRIGHT_HTTP__TLS: http.tls: is neither JSON nor TOML",
        ]
    );
    // Nothing is missing where something is only unreadable.
    let env = [
        ("GATEWRIGHT_PLUGINS__LDAP_SYNC__URL", "u"),
        ("GATEWRIGHT_PLUGINS__LDAP_SYNC__PASSWORD__FILE", "/none"),
    ];
    assert_eq!(lines("", &env).len(), 1, "{:?}", lines("", &env));
}

#[test]
fn near_variables_are_listed() {
    let report = lines("", &[("GATEWRIGHT_HTTP__NAMES", "x")]);
    assert_eq!(report[0].rsplit("; ").next(), Some("did you mean GATEWRIGHT_HTTP__NAME?"));
    let report = lines("", &[("GATEWRIGHT_LISTN", "x")]);
    assert_eq!(report, ["env GATEWRIGHT_LISTN: listn: unknown variable; did you mean GATEWRIGHT_LISTEN?"]);
    let keys = serde_json::json!({ "properties": { "wait_min": {}, "wait_max": {}, "other": {} } });
    let loader = Loader::new(vec![Section::new(&["a"], keys, serde_json::Value::Null)]);
    let report = loader.load(sources("", &[("GATEWRIGHT_A__WAIT_MAN", "x")])).unwrap_err().to_string();
    assert!(report.ends_with("did you mean GATEWRIGHT_A__WAIT_MIN or GATEWRIGHT_A__WAIT_MAX?"), "{report}");
}

#[test]
fn a_partial_loader_looks_only_at_its_own() {
    let toml =
        "[libraries]\na = 1\n[store]\nspeed = 'hasty'\n[plugins.own]\nx = 1\n[plugins.totp]\ndigits = 7";
    let env = [("GATEWRIGHT_LIBRARIES__A", "1"), ("GATEWRIGHT_PLUGINS__OWN__X", "1")];
    let loader = Loader::new(sections()).partial();
    let loaded = loader.load(sources(toml, &env)).unwrap();
    assert_eq!(loaded.section::<Totp>(&["plugins", "totp"]).unwrap().digits, 7);
    let report = loader.load(sources("[store]\nspede = 1", &[("GATEWRIGHT_STORE__SPEDE", "1")])).unwrap_err();
    assert_eq!(report.problems.len(), 2, "{report}");
}

#[test]
fn the_process_environment_is_a_list() {
    assert!(process_environment().iter().any(|(name, value)| name == "PATH" && !value.is_empty()));
}
