use super::*;
use gatewright_contract::Registration;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<IdpOidc>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default) && schema.is_valid(&json!({})), "{default}");
    let provider = |more: Value| {
        let mut table = json!({"issuer": "https://a.example", "client_id": "us"});
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"providers": {"corp": table}})
    };
    let by_both = [
        json!({"leeway_seconds": 301}),
        json!({"refresh_seconds": 59}),
        json!({"colour": "green"}),
        provider(json!({"colour": "green"})),
        provider(json!({"client_id": ""})),
        provider(json!({"algorithms": ["HS256"]})),
        provider(json!({"algorithms": ["none"]})),
        provider(json!({"algorithms": []})),
        provider(json!({"prompt": "none"})),
        provider(json!({"client_auth": "private_key_jwt"})),
        json!({"providers": {"corp": {"issuer": "https://a.example"}}}),
    ];
    for config in by_both {
        assert!(!schema.is_valid(&config), "{config}");
        assert!(checked(&config).is_err(), "{config}");
    }
    let by_the_check = [
        json!({"default": "nobody"}),
        json!({"providers": {"Corp": {"issuer": "https://a.example", "client_id": "us"}}}),
        json!({"providers": {"": {"issuer": "https://a.example", "client_id": "us"}}}),
        provider(json!({"issuer": "http://a.example"})),
        provider(json!({"issuer": "ftp://a.example", "allow_http": true})),
        provider(json!({"issuer": "https://a.example?x"})),
        provider(json!({"issuer": "https://a.example#x"})),
        provider(json!({"issuer": "https://a:b@a.example"})),
        provider(json!({"issuer": "a.example"})),
        provider(json!({"client_auth": "post"})),
        provider(json!({"scopes": ["two words"]})),
        provider(json!({"acr_values": [""]})),
        provider(json!({"require_acr": true})),
        provider(json!({"extra": {"state": "1"}})),
        provider(json!({"extra": {"request": "1"}})),
    ];
    for config in by_the_check {
        assert!(schema.is_valid(&config), "{config}");
        assert!(checked(&config).is_err(), "{config}");
    }
    for good in [
        provider(json!({"client_secret": "s", "client_auth": "post", "extra": {"hd": "example.com"}})),
        provider(json!({"issuer": "http://127.0.0.1:1", "allow_http": true})),
        provider(json!({"acr_values": ["high"], "require_acr": true, "algorithms": ["EdDSA"]})),
    ] {
        assert!(schema.is_valid(&good), "{good}");
        checked(&good).unwrap();
    }
}

fn checked(config: &Value) -> Result<(), String> {
    let config: Config = serde_json::from_value(config.clone()).map_err(|e| e.to_string())?;
    config.check().map_err(|e| e.to_string())
}

#[test]
fn a_mistake_names_its_key_and_a_secret_is_not_printed() {
    let bad = json!({"providers": {"corp": {"issuer": "http://a.example", "client_id": "us"}}});
    assert!(checked(&bad).unwrap_err().starts_with("providers.corp.issuer: "));
    let config = config(json!({"client_secret": "hunter2"}));
    assert!(!format!("{config:?}{}", serde_json::to_value(&config).unwrap()).contains("hunter2"));
}

#[test]
fn every_setting_is_documented() {
    let (schema, default) = Registration::config_of::<IdpOidc>();
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.len() > 10), "{key}");
        assert!(default.get(key).is_some(), "{key}");
    }
    let provider = &schema["properties"]["providers"]["additionalProperties"]["properties"];
    assert!(provider.as_object().unwrap().len() > 10);
    for (key, value) in provider.as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.len() > 10), "{key}");
    }
}

#[test]
fn it_is_registered_with_its_abilities_and_off() {
    let linked = Registration::linked();
    let [one] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (one.make)(json!({}), Script::new()).unwrap();
    let manifest = made.manifest();
    let abilities = manifest.abilities;
    assert!(abilities.enrol && abilities.identify && abilities.signal && abilities.same_browser);
    assert!(!manifest.traits.steps.first && !manifest.traits.steps.second);
    assert_eq!(manifest.needs, ["http.fetch"]);
}
