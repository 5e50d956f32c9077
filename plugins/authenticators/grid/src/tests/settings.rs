use super::*;
use gatewright_contract::Registration;
use serde_json::json;

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<Grid>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default), "{default}");
    let bad = [
        json!({"columns": 3}),
        json!({"columns": 27}),
        json!({"rows": 2}),
        json!({"rows": 21}),
        json!({"characters_per_cell": 0}),
        json!({"characters_per_cell": 4}),
        json!({"alphabet": "ABC"}),
        json!({"alphabet": "ABCDEFGHIJä"}),
        json!({"challenge_cells": 1}),
        json!({"challenge_cells": 9}),
        json!({"valid_days": 0}),
        json!({"max_cards": 0}),
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
    let bad = [
        ("challenge_cells", Config { characters_per_cell: 1, challenge_cells: 4, ..Config::default() }),
        ("challenge_cells", Config { columns: 4, rows: 3, challenge_cells: 4, ..Config::default() }),
        ("alphabet", Config { alphabet: "ABCDEFGHIJJ".to_owned(), ..Config::default() }),
    ];
    for (key, config) in bad {
        let Err(Fault::Config { key: named, .. }) = config.check() else { panic!("{config:?}") };
        assert_eq!(named, key);
    }
    for good in [
        Config { characters_per_cell: 1, challenge_cells: 5, ..Config::default() },
        Config { characters_per_cell: 3, challenge_cells: 2, ..Config::default() },
        Config { alphabet: "0123456789".to_owned(), ..Config::default() },
        Config { columns: 26, rows: 20, characters_per_cell: 3, challenge_cells: 8, ..Config::default() },
    ] {
        good.check().unwrap();
    }
}

#[test]
fn every_setting_is_documented_and_has_a_default() {
    let (schema, default) = Registration::config_of::<Grid>();
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.len() > 10), "{key}");
        assert!(default.get(key).is_some(), "{key}");
    }
}
