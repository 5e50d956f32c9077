use super::*;
use gatewright_contract::Registration;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<Kba>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default), "{default}");
    let mut short = Config::default().questions;
    short[0] = "Why?".to_owned();
    let bad = [
        json!({"questions": ["What was the name of your first pet?"]}),
        json!({"questions": short}),
        json!({"enrol_questions": 2}),
        json!({"enrol_questions": 11}),
        json!({"challenge_questions": 1}),
        json!({"challenge_questions": 6}),
        json!({"min_characters": 1}),
        json!({"memory_kib": 1023}),
        json!({"iterations": 0}),
        json!({"colour": "green"}),
    ];
    for config in bad {
        assert!(!schema.is_valid(&config), "{config}");
        let made = serde_json::from_value::<Config>(config.clone()).map(|c| c.check());
        assert!(!matches!(made, Ok(Ok(()))), "{config}");
    }
}

#[test]
fn what_no_schema_can_say_is_checked() {
    let mut twice = Config::default();
    twice.questions[1] = twice.questions[0].to_uppercase();
    let same = Config { enrol_questions: 3, challenge_questions: 3, ..Config::default() };
    for (key, config) in [("questions", twice), ("challenge_questions", same)] {
        let Err(Fault::Config { key: named, .. }) = config.check() else { panic!("{config:?}") };
        assert_eq!(named, key);
    }
}

#[test]
fn every_setting_is_documented_and_has_a_default() {
    let (schema, default) = Registration::config_of::<Kba>();
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.len() > 10), "{key}");
        assert!(default.get(key).is_some(), "{key}");
    }
}
