use super::*;

fn store(toml: &str, env: &[(&str, &str)]) -> Store {
    load(toml, env).unwrap().section(&["store"]).unwrap()
}

#[test]
fn another_variant_replaces_and_the_same_joins() {
    let postgres = |url: &str, pool| Engine::Postgres { url: url.into(), pool };
    let toml = "[store.engine]\nkind = 'postgres'\nurl = 'u'\npool = 3";
    assert_eq!(store("", &[]).engine, Engine::default());
    assert_eq!(store(toml, &[]).engine, postgres("u", Some(3)));
    assert_eq!(store(toml, &[("GATEWRIGHT_STORE__ENGINE__URL", "v")]).engine, postgres("v", Some(3)));
    assert_eq!(store("[store.engine]\npath = 'p'", &[]).engine, Engine::Sqlite { path: "p".into() });
    let env = [("GATEWRIGHT_STORE__ENGINE__KIND", "sqlite"), ("GATEWRIGHT_STORE__ENGINE__PATH", "p")];
    let loaded = load(toml, &env).unwrap();
    assert_eq!(loaded.section::<Store>(&["store"]).unwrap().engine, Engine::Sqlite { path: "p".into() });
    assert_eq!(loaded.origin(&["store", "engine", "url"]), Place::Default);
}

#[test]
fn defaults_fill_what_the_operator_began() {
    let loaded = load("[http.tls]\ncertificate = 'c'\n[[http.extra]]\nport = 1", &[]).unwrap();
    let http: Http = loaded.section(&["http"]).unwrap();
    assert_eq!(http.tls.unwrap().oldest, 13);
    assert_eq!(loaded.section_value(&["http", "tls", "oldest"]), serde_json::json!(13));
    assert_eq!(loaded.section_value(&["http", "extra"]), serde_json::json!([{ "admin": false, "port": 1 }]));
    assert_eq!(loaded.section_value(&["http", "none"]), serde_json::Value::Null);
    assert_eq!(loaded.origin(&["http", "tls", "oldest"]), Place::Default);
    assert_eq!(http.proxies, ["10.0.0.0/8"]);
}

#[test]
fn a_list_replaces_a_list_and_its_places() {
    let env = [("GATEWRIGHT_HTTP__EXTRA", "[{port = 2}]")];
    let loaded = load("[[http.extra]]\nport = 1\nadmin = true", &env).unwrap();
    assert_eq!(loaded.section::<Http>(&["http"]).unwrap().extra, [Extra { port: 2, admin: false }]);
    assert_eq!(loaded.origin(&["http", "extra", "0", "admin"]), Place::Default);
    assert_eq!(loaded.origin(&["http", "extra", "0", "port"]), Place::Env { variable: env[0].0.into() });
}

#[test]
fn a_map_that_is_given_replaces_its_default() {
    let defaults = serde_json::json!({ "roles": { "admin": 1 } });
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "roles": { "type": "object", "additionalProperties": { "type": "integer" } } },
    });
    let loader = Loader::new(vec![Section::new(&["access"], schema, defaults)]);
    let roles =
        |toml: &str, env: &[_]| loader.load(sources(toml, env)).unwrap().section_value(&["access", "roles"]);
    assert_eq!(roles("", &[]), serde_json::json!({ "admin": 1 }));
    assert_eq!(roles("[access.roles]\nuser = 2", &[]), serde_json::json!({ "user": 2 }));
    let both = roles("[access.roles]\nuser = 2", &[("GATEWRIGHT_ACCESS__ROLES__GUEST", "3")]);
    assert_eq!(both, serde_json::json!({ "guest": 3, "user": 2 }));
}

#[test]
fn the_file_wins_over_memory() {
    let folder = Folder::new();
    let file = folder.file("g.toml", "[http]\nbody = 2", 0o644);
    let sources = Sources { file: Some(file.clone()), ..sources("[http]\nbody = 1\nname = 'm'", &[]) };
    let loaded = Loader::new(sections()).load(sources).unwrap();
    let http: Http = loaded.section(&["http"]).unwrap();
    assert_eq!((http.body, http.name.as_str()), (2, "m"));
    assert_eq!(loaded.origin(&["http", "body"]), Place::File { path: file, line: 2, column: 1 });
    assert_eq!(loaded.origin(&["http", "name"]).to_string(), "gatewright.toml:3:1");
    assert_eq!(loaded.origin(&["http", "listen"]), Place::Default);
}

#[test]
fn sections_inside_sections() {
    let outer = serde_json::json!({
        "type": "object", "additionalProperties": false,
        "properties": { "enabled": { "type": "boolean", "default": true } },
    });
    let outer = Section::new(&["plugins", "x"], outer, serde_json::Value::Null).optional();
    let loader = Loader::new(vec![Section::of::<Totp>(&["plugins", "x", "config"]).optional(), outer]);
    let loaded = loader.load(sources("[plugins.x.config]\ndigits = 7", &[])).unwrap();
    assert_eq!(loaded.section::<Totp>(&["plugins", "x", "config"]).unwrap(), Totp { digits: 7, skew: 1 });
    assert_eq!(loaded.section_value(&["plugins", "x"]), serde_json::json!({ "enabled": true }));
    assert_eq!(loaded.section_value(&["plugins", "x", "enabled"]), serde_json::json!(true));
    let report = loader.load(sources("[plugins.x]\ncofig = 1", &[])).unwrap_err().to_string();
    assert!(report.ends_with("unknown key; did you mean config? keys here are: enabled, config"), "{report}");
}

#[test]
fn keys_at_the_top_are_a_section_too() {
    let loader = Loader::new([vec![Section::of::<Totp>(&[])], sections()].concat());
    let loaded = loader.load(sources("skew = 3\n[http]\nbody = 1", &[("GATEWRIGHT_DIGITS", "7")])).unwrap();
    // The type denies unknown keys: it does not see the other sections.
    assert_eq!(loaded.section::<Totp>(&[]).unwrap(), Totp { digits: 7, skew: 3 });
    assert!(
        loaded
            .show()
            .starts_with("digits = 7 # env GATEWRIGHT_DIGITS\nskew = 3 # gatewright.toml:1:1\n\n[http]\n")
    );
    let report = loader.load(sources("skwe = 3\ndigits = 5\nhtpt.body = 1", &[])).unwrap_err().to_string();
    let keys = "keys here are: digits, skew, http, store, plugins, listen";
    let expected = format!(
        "gatewright.toml:1:1: skwe: unknown key; did you mean skew? {keys}\n\
         gatewright.toml:2:1: digits: must be at least 6, found 5\n\
         gatewright.toml:3:1: htpt: unknown key; did you mean http? {keys}"
    );
    assert_eq!(report, expected);
    let all = [vec![Section::of::<Totp>(&[])], sections()].concat();
    let sample = reference(&all).replacen("#digits = 6", "digits = 8", 1);
    assert_eq!(loader.load(sources(&sample, &[])).unwrap().section::<Totp>(&[]).unwrap().digits, 8);
}
