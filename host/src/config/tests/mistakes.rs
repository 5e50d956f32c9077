use super::*;

#[test]
fn six_mistakes_in_file_and_environment_are_six_lines() {
    let toml = "\
[http]
body = 0
listen = 8080

[plugins.totp]
  digitz = 8

[stoer]
path = 'x'
";
    let env = [("GATEWRIGHT_PLUGINS__TOTP__SKEW", "many"), ("GATEWRIGHT_HTTP__LISTN", "x")];
    assert_eq!(
        lines(toml, &env),
        [
            "gatewright.toml:2:1: http.body: must be at least 1, found 0",
            "gatewright.toml:3:1: http.listen: expected text, found 8080",
            "gatewright.toml:6:3: plugins.totp.digitz: unknown key; did you mean digits? keys here are: digits, skew",
            "gatewright.toml:8:2: stoer: unknown table; did you mean store? known here are: http, store, plugins, listen",
            "env GATEWRIGHT_HTTP__LISTN: http.listn: unknown variable; did you mean GATEWRIGHT_HTTP__LISTEN?",
            "env GATEWRIGHT_PLUGINS__TOTP__SKEW: plugins.totp.skew: \
             expected a whole number from 0 to 255, found \"many\"",
        ]
    );
}

#[test]
fn an_unknown_plugin_lists_the_plugins() {
    assert_eq!(
        lines("[plugins.fido]\na = 1\nb = 2", &[]),
        ["gatewright.toml:1:10: plugins.fido: unknown table; known here are: totp, ldap-sync"]
    );
}

#[test]
fn what_is_missing_is_told_at_its_table() {
    assert_eq!(
        lines("[http.tls]\n[plugins.ldap-sync]\nurl = 'ldap://x'\n", &[]),
        [
            "gatewright.toml:1:7: http.tls.certificate: missing; it is required (or set GATEWRIGHT_HTTP__TLS__CERTIFICATE)",
            "gatewright.toml:2:10: plugins.ldap-sync.password: missing; it is required \
             (or set GATEWRIGHT_PLUGINS__LDAP_SYNC__PASSWORD)",
        ]
    );
}

#[test]
fn what_is_unreadable_is_not_missing_too() {
    let toml = "[plugins.ldap-sync]\nurl = inf\npassword = { file = '/none' }";
    let report = lines(toml, &[]);
    assert_eq!(report.len(), 2, "{report:?}");
    assert_eq!(report[0], "gatewright.toml:2:1: plugins.ldap-sync.url: is not a finite number");
    assert_eq!(lines("[plugins.ldap-sync]", &[("GATEWRIGHT_PLUGINS__LDAP_SYNC", "{")]).len(), 1);
}

#[test]
fn columns_are_characters() {
    assert!(
        lines("http = { name = 'äöü', body = 0 }", &[])[0].starts_with("gatewright.toml:1:24: http.body: ")
    );
}

#[test]
fn a_section_that_is_always_there_is_checked_when_nobody_gives_it() {
    let sections = || vec![Section::described::<Ldap>(&["ldap"])];
    let report = Loader::new(sections()).load(sources("", &[])).unwrap_err();
    assert_eq!(report.problems.len(), 2);
    assert!(report.to_string().starts_with("gatewright.toml: ldap.password: missing"), "{report}");
    let report = Loader::new(sections()).load(Sources::default()).unwrap_err();
    assert!(report.to_string().starts_with("default: ldap.password: missing"), "{report}");
}

#[test]
fn variants_are_told_by_what_was_probably_meant() {
    assert_eq!(
        lines("[store]\nspeed = 'calmm'\n[store.engine]\nkind = 'postgers'\nurl = 'x'\n", &[]),
        [
            "gatewright.toml:2:1: store.speed: expected one of \"calm\", \"hasty\", found \"calmm\"; did you mean calm?",
            "gatewright.toml:4:1: store.engine.kind: expected one of \"sqlite\", \"postgres\", found \"postgers\"; \
             did you mean postgres?",
        ]
    );
    assert_eq!(
        lines("[store.engine]\nkind = 'postgres'\nurl = 5\npath = 'x'\n", &[]),
        [
            "gatewright.toml:3:1: store.engine.url: expected text, found 5",
            "gatewright.toml:4:1: store.engine.path: unknown key; keys here are: kind, url, pool",
        ]
    );
}

#[test]
fn members_of_lists_and_maps_have_places() {
    let toml = "\
[[http.extra]]
port = 1
[[http.extra]]
port = 70000
prot = 1
[http.partners.'a.b']
origin = 1
";
    assert_eq!(
        lines(toml, &[]),
        [
            "gatewright.toml:4:1: http.extra.1.port: must be at most 65535, found 70000",
            "gatewright.toml:5:1: http.extra.1.prot: unknown key; did you mean port? keys here are: port, admin",
            "gatewright.toml:7:1: http.partners.\"a.b\".origin: expected text, found 1",
        ]
    );
}

#[test]
fn a_value_where_a_table_belongs_is_one_mistake() {
    assert_eq!(lines("plugins = 1", &[]), ["gatewright.toml:1:1: plugins: expected a table"]);
    assert_eq!(lines("http = 1", &[]), ["gatewright.toml:1:1: http: expected a table, found a whole number"]);
    assert_eq!(
        lines("[http.listen]\na = 1", &[]),
        ["gatewright.toml:1:7: http.listen: expected text, found a table"]
    );
    assert_eq!(
        lines("[[store]]\nspeed = 'calm'", &[]),
        ["gatewright.toml:1:3: store: expected a table, found a list"]
    );
}

#[test]
fn the_short_form_of_listen() {
    let listen = |toml, env: &[_]| load(toml, env).unwrap().section::<Http>(&["http"]).unwrap().listen;
    assert_eq!(listen("listen = 'a:1'", &[]), "a:1");
    assert_eq!(listen("listen = 'a:1'\n[http]\nlisten = 'a:1'", &[]), "a:1");
    assert_eq!(listen("listen = 'a:1'", &[("GATEWRIGHT_LISTEN", "b:2")]), "b:2");
    assert_eq!(listen("", &[("GATEWRIGHT_LISTEN", "b:2"), ("GATEWRIGHT_HTTP__LISTEN", "b:2")]), "b:2");
    let loaded = load("# short\nlisten = 'a:1'", &[]).unwrap();
    assert_eq!(loaded.origin(&["http", "listen"]).to_string(), "gatewright.toml:2:1");
    assert!(!loaded.is_present(&["listen"]));
    assert_eq!(listen("listen = 'a:1'", &[("GATEWRIGHT_HTTP__LISTEN", "b:2")]), "b:2");
    assert_eq!(
        lines("listen = 'a:1'\n[http]\nlisten = 'b:2'", &[]),
        [
            "gatewright.toml:1:1: listen: short for http.listen, given otherwise at gatewright.toml:3:1; set only one of them"
        ]
    );
    assert_eq!(
        lines("", &[("GATEWRIGHT_LISTEN", "a:1"), ("GATEWRIGHT_HTTP__LISTEN", "b:2")]),
        [
            "env GATEWRIGHT_LISTEN: http.listen: given otherwise by env GATEWRIGHT_HTTP__LISTEN; set only one of them"
        ]
    );
    // Without the section that it is short for, it is a key like any other.
    let report =
        Loader::new(vec![Section::of::<Store>(&["store"])]).load(sources("listen = 'a:1'", &[])).unwrap_err();
    assert_eq!(report.to_string(), "gatewright.toml:1:1: listen: unknown table; known here are: store");
}

#[test]
fn later_checks_name_the_place() {
    let loaded = load("[http]\nbody = 5", &[("GATEWRIGHT_STORE__SPEED", "hasty")]).unwrap();
    let line = |path: &[&str]| loaded.problem(path, "no").to_string();
    assert_eq!(line(&["http", "body"]), "gatewright.toml:2:1: http.body: no");
    assert_eq!(line(&["http", "name"]), "gatewright.toml:1:2: http.name: no");
    assert_eq!(line(&["store", "speed"]), "env GATEWRIGHT_STORE__SPEED: store.speed: no");
    assert_eq!(line(&["store", "key"]), "gatewright.toml: store.key: no");
}

#[test]
fn what_only_the_type_refuses_has_its_place_too() {
    #[derive(Debug, Deserialize)]
    struct Strict {
        #[serde(rename = "body")]
        _body: std::num::NonZeroI8,
    }
    let loaded = load("[http]\nbody = 300", &[]).unwrap();
    let report = loaded.section::<Strict>(&["http"]).unwrap_err();
    assert!(report.to_string().starts_with("gatewright.toml:2:1: http.body: invalid value"), "{report}");
    assert_eq!(loaded.section::<Totp>(&["plugins", "totp"]).unwrap(), Totp::default());
    let report = loaded.section::<Ldap>(&["plugins", "ldap-sync"]).unwrap_err();
    assert!(report.to_string().ends_with("plugins.ldap-sync.url: missing; it is required"), "{report}");
}

#[test]
fn mistakes_of_those_who_made_the_sections() {
    let bad = Section::new(&["bad"], serde_json::json!({ "type": "objekt" }), serde_json::json!([]));
    let report = Loader::new(vec![bad.clone(), bad]).load(Sources::default()).unwrap_err().to_string();
    assert!(report.contains("bad: two sections claim this table"), "{report}");
    assert!(report.contains("bad: the defaults are not a table"), "{report}");
    assert!(report.contains("bad: its schema is not valid"), "{report}");
}
