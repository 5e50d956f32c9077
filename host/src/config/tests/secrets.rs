use super::*;
use gatewright_contract::Secret;

const TOML: &str =
    "[store]\nkey = { env = 'GATEWRIGHT_THE_KEY' }\n[plugins.ldap-sync]\nurl = 'u'\npassword = 'hunter2'\n";

#[test]
fn three_forms_for_any_secret() {
    let folder = Folder::new();
    folder.file("pw", "from file\n", 0o600);
    let toml = "[store]\nkey = { file = 'pw' }\n[plugins.ldap-sync]\nurl = 'u'\npassword = { env = 'PW' }\n";
    let file = folder.file("g.toml", toml, 0o644);
    let loaded = Loader::new(sections())
        .load(Sources { file: Some(file), ..sources("", &[("PW", "from env")]) })
        .unwrap();
    let key = loaded.section::<Store>(&["store"]).unwrap().key.unwrap();
    let nowhere = SystemSecrets::new(&[], "");
    assert_eq!(key.resolve(&nowhere).unwrap(), Secret::new("from file".to_owned()));
    assert_eq!(loaded.section::<Ldap>(&["plugins", "ldap-sync"]).unwrap().password, "from env");
}

#[test]
fn the_contract_s_secret_is_one_too() {
    #[derive(Deserialize, JsonSchema)]
    struct Own {
        token: Secret<String>,
        #[serde(default)]
        old: Vec<Secret<String>>,
    }
    let loader = Loader::new(vec![Section::described::<Own>(&["own"])]);
    let env = [("T", "top"), ("GATEWRIGHT_OWN__OLD", "one, two")];
    let loaded = loader.load(sources("[own]\ntoken = { env = 'T' }", &env)).unwrap();
    let own: Own = loaded.section(&["own"]).unwrap();
    assert_eq!(own.token.expose(), "top");
    assert_eq!(own.old.iter().map(Secret::expose).collect::<Vec<_>>(), ["one", "two"]);
    assert!(loaded.show().contains("old = [\"***\", \"***\"]"), "{}", loaded.show());
}

#[test]
fn a_variable_that_a_secret_names_is_no_unknown_setting() {
    let loaded = load(TOML, &[("GATEWRIGHT_THE_KEY", "k")]).unwrap();
    assert!(loaded.section::<Store>(&["store"]).unwrap().key.is_some());
    assert_eq!(
        lines(TOML, &[]),
        ["gatewright.toml:2:1: store.key: secret variable \"GATEWRIGHT_THE_KEY\" is not set"]
    );
}

#[test]
fn the_environment_gives_secrets_in_all_forms() {
    let folder = Folder::new();
    let path = folder.file("pw", "f", 0o400);
    let key = |env: &[_]| {
        let key =
            load("[store]\nkey = 'text'", env).unwrap().section::<Store>(&["store"]).unwrap().key.unwrap();
        key.resolve(&SystemSecrets::new(&[], "")).unwrap().expose().clone()
    };
    assert_eq!(key(&[]), "text");
    assert_eq!(key(&[("GATEWRIGHT_STORE__KEY", "{ file = 'x' }")]), "{ file = 'x' }");
    assert_eq!(key(&[("GATEWRIGHT_STORE__KEY__FILE", path.to_str().unwrap())]), "f");
    assert_eq!(key(&[("GATEWRIGHT_STORE__KEY__ENV", "K"), ("K", "k")]), "k");
    assert_eq!(
        lines("", &[("GATEWRIGHT_STORE__KEY", "k"), ("GATEWRIGHT_STORE__KEY__FILE", "x")]),
        [
            "env GATEWRIGHT_STORE__KEY__FILE: store.key.file: given otherwise by env GATEWRIGHT_STORE__KEY; set only one of them"
        ]
    );
}

#[cfg(unix)]
#[test]
fn files_that_can_t_hold_a_secret() {
    let folder = Folder::new();
    let problem = |path: &Path| {
        let toml = format!("[store]\nkey = {{ file = '{}' }}", path.display());
        lines(&toml, &[]).join("\n").replace(&folder.0.display().to_string(), "")
    };
    let start = "gatewright.toml:2:1: store.key: secret file";
    for mode in [0o640, 0o604, 0o620] {
        let expected =
            format!("{start} \"/open\" is open to others than its owner (mode {mode:03o}); use chmod 600");
        assert_eq!(problem(&folder.file("open", "x", mode)), expected);
    }
    assert_eq!(problem(&folder.file("empty", "\n", 0o600)), format!("{start} \"/empty\" is empty"));
    assert_eq!(problem(&folder.file("latin", b"\xe4", 0o600)), format!("{start} \"/latin\" is not UTF-8"));
    assert_eq!(
        problem(&folder.file("large", "x".repeat(65_537), 0o600)),
        format!("{start} \"/large\" is larger than 65536 bytes")
    );
    assert_eq!(problem(&folder.0), format!("{start} \"\" is not a regular file"));
    assert!(problem(&folder.0.join("none")).contains("No such file"));
}

#[cfg(unix)]
#[test]
fn what_is_no_secret_may_be_in_a_file_that_others_may_read() {
    let folder = Folder::new();
    let (roots, password) = (folder.file("ca", "PEM\n", 0o644), folder.file("pw", "s3cret", 0o644));
    let toml = |key, path: &Path| {
        let rest = if key == "roots" { "password = 's3cret'" } else { "" };
        format!("[plugins.ldap-sync]\nurl = 'ldap://x'\n{rest}\n{key} = {{ file = '{}' }}", path.display())
    };
    let loaded = load(&toml("roots", &roots), &[]).expect("read");
    let ldap = loaded.section::<Ldap>(&["plugins", "ldap-sync"]).expect("a table");
    assert_eq!(ldap.roots.as_deref(), Some("PEM"));
    assert!(lines(&toml("password", &password), &[]).concat().contains("is open to others than its owner"));
    let wrong = lines("[plugins.ldap-sync]\nurl = 'ldap://x'\npassword = 'x'\nroots = 4711", &[]);
    let expected = "expected text, { file = \"path\" } or { env = \"NAME\" }, found a whole number";
    assert!(wrong.concat().ends_with(expected), "{wrong:?}");
}

#[test]
fn forms_that_are_none() {
    let message = |value: &str| {
        lines(&format!("[store]\nkey = {value}"), &[]).join("\n").split_off("gatewright.toml:2:1: ".len())
    };
    assert_eq!(
        message("{ fiel = 'x' }"),
        "store.key: unknown key fiel; did you mean file? keys here are: file, env"
    );
    let two = "store.key: a secret's table has exactly one of file and env, as text";
    assert_eq!(message("{ file = 'x', env = 'y' }"), two);
    assert_eq!(message("{}"), two);
    assert_eq!(message("''"), "store.key: a secret must not be empty");
    assert_eq!(
        message("4711"),
        "store.key: expected a secret: \"text\", { file = \"path\" } or { env = \"NAME\" }, found a whole number"
    );
}

#[test]
fn no_message_and_no_listing_shows_a_secret() {
    let env = [("GATEWRIGHT_THE_KEY", "s3same")];
    let loaded = load(TOML, &env).unwrap();
    let store: Store = loaded.section(&["store"]).unwrap();
    let shown = format!("{}{store:?}{}{loaded:?}", loaded.show(), serde_json::to_string(&store).unwrap());
    assert!(!shown.contains("s3same") && !shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("password = \"***\""), "{shown}");
    // In the wrong place, in the wrong type, and where a type's own message repeats it.
    let wrong = "plugins = 'hunter2'\nhttp = 'hunter2'\nstore = 'hunter2'";
    let report = lines(wrong, &[]).join("\n");
    assert!(
        report.contains("store: expected a table, found text") && !report.contains("hunter2"),
        "{report}"
    );
    #[derive(Debug, Deserialize)]
    struct Odd {
        #[serde(rename = "password")]
        _password: u8,
    }
    let report = loaded.section::<Odd>(&["plugins", "ldap-sync"]).unwrap_err().to_string();
    assert!(report.contains("plugins.ldap-sync.password: ") && !report.contains("hunter2"), "{report}");
}

#[test]
fn a_secret_has_no_default() {
    let loaded = Loader::new(vec![Section::new(
        &["own"],
        serde_json::json!({ "properties": { "a": { "type": "string", "x-secret": true, "default": "***" } } }),
        serde_json::json!({ "a": "***" }),
    )]);
    assert_eq!(loaded.load(Sources::default()).unwrap().section_value(&["own"]), serde_json::json!({}));
}

#[test]
fn the_type_itself() {
    let read = |value| serde_json::from_value::<SecretValue>(value);
    let value = read(serde_json::json!("s3same")).unwrap();
    assert_eq!(format!("{value} {value:?} {}", serde_json::to_value(&value).unwrap()), "*** *** \"***\"");
    let env = SystemSecrets::new(&[("A".into(), "a".into()), ("E".into(), String::new())], "");
    let resolve = |json| read(json).unwrap().resolve(&env).map(|secret| secret.expose().clone());
    assert_eq!(resolve(serde_json::json!({ "env": "A" })).unwrap(), "a");
    assert!(matches!(resolve(serde_json::json!({ "env": "E" })), Err(SecretError::Variable { .. })));
    assert!(matches!(
        resolve(serde_json::json!({ "file": "/none/such" })),
        Err(SecretError::Unreadable { .. })
    ));
    let message = read(serde_json::json!(4711)).unwrap_err().to_string();
    assert!(!message.contains("4711"), "{message}");
}
