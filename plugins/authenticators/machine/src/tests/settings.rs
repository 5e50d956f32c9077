use super::*;
use gatewright_contract::{Kind, Registration};
use serde_json::json;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<Machine>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default) && schema.is_valid(&json!({})));
    for config in [json!({"remember_days": 0}), json!({"remember_days": 366}), json!({"colour": "green"})] {
        assert!(!schema.is_valid(&config), "{config}");
        let made = serde_json::from_value::<Config>(config.clone()).map(|c| c.check());
        assert!(!matches!(made, Ok(Ok(()))), "{config}");
    }
}

#[test]
fn it_is_off_until_somebody_names_it_and_makes_no_second_factor_due() {
    let traits = made(Config::default()).traits();
    assert_eq!(traits.kind, Kind::Remembered);
    assert!(!traits.steps.first && !traits.steps.second && traits.steps.fallback && traits.many);
}
