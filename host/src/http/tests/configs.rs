//! What a configuration check says.

use std::path::PathBuf;

use super::super::{HttpConfig, Network};

fn mistakes(config: &HttpConfig) -> Vec<String> {
    config.check().iter().map(ToString::to_string).collect()
}

#[test]
fn the_default_is_good() {
    assert_eq!(mistakes(&HttpConfig::default()), [""; 0]);
    let empty: HttpConfig = serde_json::from_str("{}").unwrap();
    assert_eq!(empty.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(empty.limits.max_connections, 10_000);
}

#[test]
fn unknown_keys_are_errors() {
    for text in [r#"{"lissen": 1}"#, r#"{"tls": {"certificate": "a"}}"#, r#"{"limits": {"max_body": 1}}"#] {
        assert!(
            serde_json::from_str::<HttpConfig>(text).unwrap_err().to_string().contains("unknown field"),
            "{text}"
        );
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let mut config = HttpConfig {
        trusted_proxies: ["10.0.0.0/8", "10.0.0.5/8", "0.0.0.0/0", "proxy.local", "fd00::/129"]
            .map(Into::into)
            .to_vec(),
        allowed_origins: [
            "https://app.example",
            "*",
            "https://app.example/",
            "http://app.example",
            "http://localhost:3000",
        ]
        .map(Into::into)
        .to_vec(),
        ..HttpConfig::default()
    };
    config.public_url = Some("https://id.example/?a".into());
    config.tls.cert = Some(PathBuf::from("cert.pem"));
    config.limits.max_header_bytes = 100;
    config.limits.header_timeout_ms = 0;
    config.limits.max_buffered_bytes = 10;
    let told = mistakes(&config);
    for (i, part) in [
        "http.trusted_proxies[1]: `10.0.0.5/8` has bits set after its prefix: did you mean 10.0.0.0/8?",
        "http.trusted_proxies[2]: `0.0.0.0/0` is every address there is",
        "http.trusted_proxies[3]: `proxy.local` is neither an IP address nor a network",
        "http.trusted_proxies[4]: `fd00::/129`: a prefix length is between 1 and 128 here",
        "http.allowed_origins[1]: `*` must start with https://",
        "http.allowed_origins[2]: `https://app.example/` must be scheme, host and perhaps port",
        "http.allowed_origins[3]: `http://app.example` is not encrypted",
        "http.public_url: `https://id.example/?a` must be",
        "http.tls.key: missing",
        "http.limits.header_timeout_ms: 0 is outside 1 to",
        "http.limits.max_buffered_bytes: 10 is less than max_body_bytes",
        "http.limits.max_header_bytes: 100 is outside 8192 to",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(told[i].starts_with(part), "{part}\n{told:#?}");
    }
    assert_eq!(told.len(), 12, "{told:#?}");
}

#[test]
fn plain_http_for_other_machines_must_be_meant() {
    let mut config = HttpConfig { listen: "0.0.0.0:8080".parse().unwrap(), ..HttpConfig::default() };
    let told = mistakes(&config);
    assert_eq!(told.len(), 1);
    for part in
        ["0.0.0.0:8080 is reachable", "clear text", "http.tls.cert", "http.trusted_proxies", "127.0.0.1"]
    {
        assert!(told[0].contains(part), "{part} in {}", told[0]);
    }
    for listen in ["192.168.1.2:80", "[::]:80", "[::ffff:10.0.0.1]:80"] {
        config.listen = listen.parse().unwrap();
        assert_eq!(mistakes(&config).len(), 1, "{listen}");
    }
    for listen in ["127.0.0.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
        config.listen = listen.parse().unwrap();
        assert_eq!(mistakes(&config).len(), 0, "{listen}");
    }
    config.listen = "0.0.0.0:8080".parse().unwrap();
    let mut with_tls = config.clone();
    (with_tls.tls.cert, with_tls.tls.key) = (Some("c".into()), Some("k".into()));
    let mut with_proxy = config.clone();
    with_proxy.trusted_proxies = vec!["10.0.0.7".into()];
    let mut laboratory = config.clone();
    laboratory.allow_plain_http = true;
    for good in [with_tls, with_proxy, laboratory] {
        assert_eq!(mistakes(&good), [""; 0]);
    }
}

#[test]
fn networks_contain_what_they_say() {
    let net = |text: &str| text.parse::<Network>().unwrap();
    let has = |network: &str, ip: &str| net(network).contains(ip.parse().unwrap());
    assert!(has("10.0.0.0/8", "10.255.1.2") && !has("10.0.0.0/8", "11.0.0.1"));
    assert!(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"));
    assert!(has("10.0.0.0/8", "::ffff:10.1.1.1"), "dual-stack listeners see IPv4 like this");
    assert!(has("fd00::/8", "fd12::1") && !has("fd00::/8", "fe80::1"));
    assert!(!has("::ffff:0:0/96", "2001:db8::1") && has("::ffff:0:0/96", "1.2.3.4"));
    for bad in ["", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/33", "::/0", "10.0.0", "10.0.0.0/8/8"] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}

#[test]
fn every_field_is_documented() {
    fn walk(schema: &serde_json::Value, path: &str, missing: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if field["description"].as_str().is_none_or(str::is_empty) {
                missing.push(format!("{path}{name}"));
            }
        }
    }
    let schema = serde_json::to_value(schemars::schema_for!(HttpConfig)).unwrap();
    let mut missing = Vec::new();
    walk(&schema, "", &mut missing);
    for (name, part) in schema["$defs"].as_object().unwrap() {
        walk(part, name, &mut missing);
    }
    assert_eq!(missing, [""; 0]);
}
