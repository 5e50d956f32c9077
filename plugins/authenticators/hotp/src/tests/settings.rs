use super::*;
use gatewright_contract::Registration;
use serde_json::json;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<Hotp>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default), "{default}");
    assert!(schema.is_valid(&json!({})));
    let bad = [
        json!({"digits": 7}),
        json!({"look_ahead": 51}),
        json!({"resync_window": 9}),
        json!({"secret_bytes": 19}),
        json!({"secret_bytes": 65}),
        json!({"algorithm": "md5"}),
        json!({"issuer": ""}),
        json!({"issuer": "a:b"}),
        json!({"max_credentials": 0}),
        json!({"colour": "green"}),
    ];
    for config in bad {
        assert!(!schema.is_valid(&config), "{config}");
        let made = serde_json::from_value::<Config>(config.clone()).map(|c| c.check());
        assert!(!matches!(made, Ok(Ok(()))), "{config}");
    }
    for good in
        [json!({"digits": 8, "algorithm": "sha512", "secret_bytes": 20}), json!({"issuer": "Été & Co"})]
    {
        assert!(schema.is_valid(&good), "{good}");
        serde_json::from_value::<Config>(good).unwrap().check().unwrap();
    }
}

#[test]
fn a_secret_is_as_long_as_the_hash_unless_it_is_settled() {
    let length = |algorithm, secret_bytes| {
        let hotp = made(Config { algorithm, secret_bytes, ..Config::default() });
        hotp.fresh_credential().unwrap().secret.expose().len()
    };
    assert_eq!(length(Algorithm::Sha1, None), 20);
    assert_eq!(length(Algorithm::Sha256, None), 32);
    assert_eq!(length(Algorithm::Sha512, None), 64);
    assert_eq!(length(Algorithm::Sha512, Some(20)), 20);
}

#[test]
fn every_setting_is_documented_and_has_a_default() {
    let (schema, default) = Registration::config_of::<Hotp>();
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.len() > 10), "{key}");
        assert!(default.get(key).is_some(), "{key}");
    }
}
