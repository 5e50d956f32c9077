use super::*;
use gatewright_contract::Registration;
use serde_json::json;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<Otp>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default) && schema.is_valid(&json!({})));
    let bad = [
        json!({"digits": 5}),
        json!({"digits": 9}),
        json!({"life_seconds": 299}),
        json!({"life_seconds": 601}),
        json!({"deliveries": []}),
        json!({"deliveries": ["pigeon"]}),
        json!({"max_codes": 0}),
        json!({"codes_window_seconds": 59}),
        json!({"max_contacts": 21}),
        json!({"channels": {"fax": "x"}}),
        json!({"show_contact": "never"}),
        json!({"colour": "green"}),
    ];
    for config in bad {
        assert!(!schema.is_valid(&config), "{config}");
        let made = serde_json::from_value::<Config>(config.clone()).map(|c| c.check());
        assert!(!matches!(made, Ok(Ok(()))), "{config}");
    }
    // What no schema says.
    for config in [
        json!({"deliveries": ["email", "email"]}),
        json!({"reset_deliveries": ["sms"]}),
        json!({"channels": {"email": ""}}),
    ] {
        let config: Config = serde_json::from_value(config).unwrap();
        assert!(matches!(config.check(), Err(Fault::Config { .. })));
    }
}

#[test]
fn it_is_registered_and_off() {
    let linked = Registration::linked();
    let [registered] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (registered.make)(json!({}), Arc::new(Desk::scattered(NOW))).unwrap();
    let manifest = made.manifest();
    assert_eq!(manifest.id, "otp");
    assert!(!manifest.traits.steps.first && !manifest.traits.steps.second && manifest.traits.many);
}
