use super::*;

#[test]
fn show_is_toml_with_origins() {
    let toml = "[http]\nname = \"a \\\"b\\\"\\n\"\n[http.partners.'x y']\norigin = 'o'\n[[http.extra]]\nport = 9\n[plugins.totp]\n";
    let loaded = load(toml, &[("GATEWRIGHT_HTTP__BODY", "7"), ("GATEWRIGHT_STORE__KEY", "s3same")]).unwrap();
    let expected = r#"[http]
listen = "127.0.0.1:8080" # default
body = 7 # env GATEWRIGHT_HTTP__BODY
proxies = ["10.0.0.0/8"] # default
name = "a \"b\"\n" # gatewright.toml:2:1
# tls is not set
extra = [{ port = 9, admin = false }] # gatewright.toml:5:8

[http.partners]

[http.partners."x y"]
origin = "o" # gatewright.toml:4:1

[store]
key = "***" # env GATEWRIGHT_STORE__KEY
speed = "calm" # default

[store.engine]
kind = "sqlite" # default
path = "data.db" # default

[plugins.totp]
digits = 6 # default
skew = 1 # default
"#;
    assert_eq!(loaded.show(), expected);
    // What is shown is what holds.
    let again = load(&loaded.show(), &[]).unwrap();
    for section in [&["http"][..], &["plugins", "totp"], &["store", "engine"]] {
        assert_eq!(again.section_value(section), loaded.section_value(section));
    }
}

#[test]
fn the_reference_loads_as_it_is() {
    let reference = reference(&sections());
    let loaded = load(&reference, &[]).unwrap();
    assert_eq!(loaded.section::<Http>(&["http"]).unwrap(), Http::default());
    assert!(!loaded.is_present(&["plugins", "totp"]));
}

#[test]
fn the_reference_loads_with_everything_switched_on() {
    let reference = reference(&sections());
    let on = reference.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting,
        _ => line,
    });
    let on = on
        .collect::<Vec<_>>()
        .join("\n")
        .replace("key = \"\"", "key = 'k'")
        .replace("password = \"\"", "password = 'p'")
        .replace("roots = \"\"", "roots = 'r'");
    let loaded = load(&on, &[]).unwrap_or_else(|report| panic!("{report}\n{on}"));
    assert!(loaded.is_present(&["plugins", "ldap-sync", "password"]));
    assert!(loaded.is_present(&["http", "tls", "oldest"]));
    assert!(loaded.is_present(&["http", "partners", "NAME", "origin"]));
    assert_eq!(loaded.section::<Totp>(&["plugins", "totp"]).unwrap(), Totp::default());
    assert_eq!(loaded.section::<Store>(&["store"]).unwrap().engine, Engine::default());
}

#[test]
fn a_schema_that_refers_to_itself_has_an_end() {
    let schema = serde_json::json!({
        "$ref": "#/$defs/Group",
        "$defs": { "Group": { "type": "object", "properties": {
            "left": { "$ref": "#/$defs/Group" },
            "right": { "$ref": "#/$defs/Group", "default": {} },
            "all": { "type": "array", "items": { "$ref": "#/$defs/Group" } },
            "rule": { "anyOf": [{ "$ref": "#/$defs/Group" }, { "type": "object", "properties": { "not": { "$ref": "#/$defs/Group" } } }] },
        } } },
    });
    let sections = vec![Section::new(&["a"], schema, serde_json::Value::Null)];
    let sample = reference(&sections);
    assert_eq!(sample.matches("# The same keys again.").count(), 3, "{sample}");
    let loader = Loader::new(sections);
    assert!(loader.load(sources(&sample, &[])).is_ok());
    let toml = "[a.left.left]\nrule = 5\n[[a.all]]\nrule = { not = { lft = 1 } }";
    let report = loader.load(sources(toml, &[("GATEWRIGHT_B", "1")])).unwrap_err().to_string();
    let expected = "\
gatewright.toml:2:1: a.left.left.rule: expected a table, found a whole number
gatewright.toml:4:18: a.all.0.rule.not.lft: unknown key; did you mean left? keys here are: left, right, all, rule
env GATEWRIGHT_B: b: unknown variable; those here are: GATEWRIGHT_A__…";
    assert_eq!(report, expected);
}

#[test]
fn the_reference_says_what_a_key_is_for() {
    let reference = reference(&sections());
    for part in [
        "# listen at the top of the file is short for http.listen.",
        "# How the server is reached.\n[http]\n",
        "# Largest body, in bytes.\n# A whole number from 1 to 1000000.\n#body = 65536\n",
        "# TLS, off when this table is missing.\n#[http.tls]\n",
        "# The certificate's file.\n# Text. Required.\n#certificate = \"\"\n",
        "# { kind = \"sqlite\", path }: A file.\n# { kind = \"postgres\", url, pool }: A server.\n",
        "#[http.partners.NAME]\n",
        "#[[http.extra]]\n",
        "# \"calm\": One after the other.\n# \"hasty\": All at once.\n# One of \"calm\", \"hasty\".\n#speed = \"calm\"\n",
        "# Seals what is stored.\n# A secret: \"text\", { file = \"path\" } or { env = \"NAME\" }. Not set by default.\n#key = \"\"\n",
        "# Six digits from an app.\n# On only when this table is there.\n#[plugins.totp]\n",
    ] {
        assert!(reference.contains(part), "{part}\nis not in\n{reference}");
    }
}
