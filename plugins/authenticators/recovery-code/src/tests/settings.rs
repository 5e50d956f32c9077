use super::*;
use gatewright_contract::Registration;
use serde_json::json;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<RecoveryCode>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default) && schema.is_valid(&json!({})));
    let bad = [
        json!({"count": 0}),
        json!({"count": 51}),
        json!({"length": 12}),
        json!({"length": 33}),
        json!({"group": 1}),
        json!({"colour": "green"}),
    ];
    for config in bad {
        assert!(!schema.is_valid(&config), "{config}");
        let made = serde_json::from_value::<Config>(config.clone()).map(|c| c.check());
        assert!(!matches!(made, Ok(Ok(()))), "{config}");
    }
}
