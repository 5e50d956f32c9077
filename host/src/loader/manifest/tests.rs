use super::check;
use crate::{
    Plugins,
    loader::{LibraryConfig, LoadError, kit::manifest},
};
use gatewright_contract::{Host, Kind, Manifest, Registration, Timestamp, testing::Desk};
use serde_json::{Value, json};
use std::sync::Arc;

fn checked(manifest: &Value) -> Result<Manifest, Vec<String>> {
    match check(manifest.to_string().as_bytes(), Some("knock")) {
        Ok(checked) => Ok(checked.manifest),
        Err(LoadError::Manifest(mistakes)) => Err(mistakes),
        Err(other) => panic!("{other}"),
    }
}

/// The mistakes of a manifest with one change.
fn mistakes(pointer: &str, value: Value) -> Vec<String> {
    let mut changed = manifest();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    changed
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("a place")
        .insert(name.to_owned(), value);
    checked(&changed).err().unwrap_or_default()
}

#[test]
fn the_least_that_somebody_can_say_is_enough() {
    let least = json!({
        "id": "knock",
        "version": "1",
        "contract": 1,
        "traits": {"amr": ["pin"], "kind": "knowledge"},
        "schemas": {"answer": {"type": "object"}},
    });
    let read = checked(&least).expect("a manifest");
    assert_eq!((read.document_version, read.about.as_str(), read.needs.len()), (1, "", 0));
    assert_eq!(read.traits.kind, Kind::Knowledge);
    let can = [read.traits.many, read.traits.self_service, read.traits.steps.first, read.traits.steps.second];
    assert!(can.iter().all(|can| !can), "what was not said is not so");
    assert_eq!(read.abilities, gatewright_contract::Abilities::default());
    assert_eq!(read.schemas.begin["additionalProperties"], false);
    assert_eq!(read.schemas.config_default, json!({}));
    assert!(read.schemas.invite.is_none());
    assert_eq!(checked(&manifest()).expect("a manifest").needs.len(), 6);
}

#[test]
fn every_linked_authenticator_could_be_a_library() {
    // Its crates are linked with these.
    assert!(!Plugins::linked().authenticator_ids().is_empty());
    let mut seen = 0;
    for registration in Registration::linked() {
        let host: Host = Arc::new(Desk::counting(Timestamp::from_secs(1_700_000_000)));
        let made = (registration.make)((registration.config)().1, host).expect(registration.id);
        let mut declared = made.manifest().clone();
        // What a linked one is given without asking, or for all hosts.
        declared.needs.retain(|need| need != "http.fetch");
        let bytes = serde_json::to_vec(&declared).expect("bytes");
        let read =
            check(&bytes, Some(registration.id)).unwrap_or_else(|e| panic!("{}: {e}", registration.id));
        let as_json = |manifest: &Manifest| serde_json::to_value(manifest).expect("JSON");
        assert_eq!(as_json(&read.manifest), as_json(&declared));
        seen += 1;
    }
    assert!(seen > 10, "only {seen}");
}

#[test]
fn each_mistake_is_named_with_its_place() {
    for (pointer, value, wanted) in [
        ("/id", json!("Knock"), "`id` must be lower-case letters"),
        (
            "/id",
            json!("other"),
            "`id` is `other`: its table must be `[plugins.other]`, not `[plugins.knock]`",
        ),
        ("/id", json!(7), "`id` must be a string"),
        ("/version", json!(""), "`version` must not be empty"),
        ("/version", json!("1\n2"), "`version` must be a line"),
        ("/contract", json!(2), "`contract` is 2, this host speaks 1"),
        ("/contract", json!("1"), "`contract` must be a whole number"),
        ("/document_version", json!(0), "`document_version` counts from 1"),
        ("/about", json!([]), "`about` must be a text"),
        ("/need", json!([]), "`need` is not known; there are: id, version"),
        ("/needs", json!("kv"), "`needs` must be a list"),
        ("/needs", json!(["kv", "sudo"]), "`needs[1]`: one of `kv`"),
        ("/traits/amr", json!(["Otp"]), "`traits.amr`: at most 8 words"),
        ("/traits/amr", json!([""]), "`traits.amr`: at most 8 words"),
        ("/traits/amr", Value::Null, "`traits.amr` is missing or empty"),
        ("/traits/amr", json!([]), "`traits.amr` is missing or empty"),
        ("/traits/kind", json!("magic"), "`traits.kind` must be knowledge"),
        ("/traits/steps", json!({"third": true}), "`traits.steps.third` is not known"),
        ("/traits/many", json!("yes"), "`traits.many` must be true or false"),
        ("/abilities/enrol", json!(false), "`schemas.invite` is there, but `abilities.enrol` is not true"),
        ("/abilities/enrol", json!(false), "`abilities.rehearse` takes `abilities.enrol`"),
        ("/abilities/signal", json!(false), "`schemas.event` is there"),
        ("/schemas/reveal", Value::Null, "`schemas.reveal` is missing, which `abilities.enrol` takes"),
        ("/schemas/event", Value::Null, "`schemas.event` is missing, which `abilities.signal` takes"),
        ("/schemas/ask", Value::Null, "`schemas.ask` is missing, which `abilities.attend` takes"),
        ("/schemas/answer", Value::Null, "`schemas.answer` is missing"),
        ("/schemas/config", json!({"type": "string"}), "`schemas.config`: must describe an object"),
        ("/schemas/config_default", json!({"digits": 6}), "`schemas.config_default.digits` is no property"),
        ("/schemas/config_default", json!(7), "`schemas.config_default` must be an object"),
    ] {
        let told = mistakes(pointer, value.clone());
        assert!(told.iter().any(|m| m.starts_with(wanted)), "{pointer} {value}: {told:?}");
    }
}

#[test]
fn the_configuration_has_no_key_of_the_host_and_a_default_that_fits() {
    for key in LibraryConfig::KEYS.into_iter().chain(["enabled", "required"]) {
        let told =
            mistakes("/schemas/config", json!({"type": "object", "properties": {key: {"type": "string"}}}));
        assert!(told[0].contains("this key is the host's"), "{told:?}");
    }
    let config = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"digits": {"type": ["integer", "null"], "exclusiveMinimum": 5}},
        "required": ["digits"],
    });
    let told = mistakes("/schemas/config", config.clone());
    assert_eq!(told, ["`schemas.config_default` does not fit `schemas.config` (digits: is missing)"]);
    let mut changed = manifest();
    (changed["schemas"]["config"], changed["schemas"]["config_default"]) = (config, json!({"digits": 6}));
    checked(&changed).expect("a manifest");
    changed["schemas"]["config_default"]["digits"] = json!(5);
    assert_eq!(
        checked(&changed).expect_err("refused"),
        ["`schemas.config_default` does not fit `schemas.config` (digits: must be more than 5)"]
    );
    let elsewhere = json!({"type": "object", "properties": {"a": {"$ref": "https://evil.example/a"}}});
    assert!(mistakes("/schemas/config", elsewhere)[0].contains("has `$ref`"));
    let broken = json!({"type": "object", "properties": {"a": {"type": "text"}}});
    assert!(mistakes("/schemas/config", broken)[0].starts_with("`schemas.config.properties.a.type`"));
}

#[test]
fn all_mistakes_come_at_once() {
    let bad = json!({"id": "", "contract": 9, "traits": {"kind": 1}, "abilities": {"attend": true}, "x": 1});
    let told = checked(&bad).expect_err("refused");
    assert!(told.len() >= 9, "{told:#?}");
    let many: Vec<String> = (0..40).map(|n| format!("need {n}")).collect();
    let told = mistakes("/needs", json!(many));
    assert_eq!(told.len(), 33, "{told:#?}");
}

#[test]
fn what_is_no_manifest_is_refused() {
    for bytes in [&b""[..], b"{", b"[]", b"null", b"\xff", b"{\"id\":\"a\"} x"] {
        assert!(check(bytes, None).is_err(), "{bytes:?}");
    }
    assert!(check("[".repeat(500).as_bytes(), None).is_err());
    let long = format!("{{\"about\":\"{}\"}}", "x".repeat(1 << 20));
    assert!(
        matches!(check(long.as_bytes(), None), Err(LoadError::Manifest(m)) if m == ["longer than 1048576 bytes"])
    );
}
