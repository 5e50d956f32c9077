use super::*;
use crate::Config;
use gatewright_contract::{Assurance, Kind, schema_of};
use schemars::JsonSchema;

fn misfits(config: Config, pin: Option<u8>, pattern: Option<u8>) -> Option<String> {
    let zkp = Zkp::new(config, House::new()).unwrap();
    let keypad = Keypad { pin, pattern, ..Keypad::default() };
    zkp.misfits(&keypad).into_iter().next().map(|violation| violation.message)
}

#[test]
fn a_tenant_must_ask_for_enough() {
    for (pin, pattern) in [(Some(6), None), (Some(3), Some(3)), (None, Some(3)), (None, Some(4))] {
        assert_eq!(misfits(Config::default(), pin, pattern), None, "{pin:?} {pattern:?}");
    }
    for (pin, word) in [(None, "use_pin"), (Some(5), "pin_size"), (Some(3), "pin_size")] {
        let said = misfits(Config::default(), pin, None).unwrap();
        assert!(said.starts_with(word), "names the setting: {said}");
        assert!(said.contains("plugins.zkp.allow_weak_tenants"), "and the way out: {said}");
        assert_eq!(misfits(Config { allow_weak_tenants: true }, pin, None), None);
    }
}

#[test]
fn it_says_what_it_is_and_no_more() {
    let zkp = zkp(&House::new());
    let traits = zkp.traits();
    assert_eq!((traits.amr, traits.kind), (vec!["pin".to_owned()], Kind::Knowledge));
    assert!(!traits.phishing_resistant && traits.single_use && !traits.many);
    assert!(traits.steps.first && !traits.steps.second && !traits.steps.fallback);
    const { assert!(Zkp::ASKING_COUNTS) };
    assert_eq!(Zkp::ASSURANCE, Assurance::Ordinary);
    let module = Zkp::MODULE.unwrap();
    assert_eq!(module.script.is_some(), module.style.is_some());
}

#[test]
fn what_is_shown_of_a_record_is_no_secret() {
    let zkp = zkp(&House::new());
    let doc = kept(&zkp, &Player::new(5)).doc;
    let shown = Zkp::describe(&doc);
    assert_eq!(shown, json!({"proto_version": "vp1", "factors": ["picture", "pin", "pattern"]}));
}

#[test]
fn a_record_is_read_as_it_was_written_and_not_otherwise() {
    let zkp = zkp(&House::new());
    let doc = kept(&zkp, &Player::new(5)).doc;
    let written = serde_json::to_value(&doc).unwrap();
    let read: Credential = body(written.clone());
    assert!(read.helper == doc.helper && read.public == doc.public && read.oprf_id == doc.oprf_id);
    let mut wrong = written.clone();
    wrong["public"] = json!("AAAA");
    assert!(serde_json::from_value::<Credential>(wrong).is_err());
    let mut more = written;
    more["pin"] = json!("1234");
    assert!(serde_json::from_value::<Credential>(more).is_err());
}

#[test]
fn examples_are_of_their_schemas() {
    fn check<T: JsonSchema>(read: impl Fn(Value) -> bool) {
        let schema = schema_of::<T>();
        let example = schema["example"].clone();
        let example = if example.is_null() { schema["examples"][0].clone() } else { example };
        assert!(example.is_object(), "{schema}");
        assert!(jsonschema::is_valid(&schema, &example), "{example}");
        assert!(read(example));
    }
    check::<Begin>(|v| crate::vp1::CipherKey::parse(v["cipher_key"].as_str().unwrap()).is_some());
    check::<Invite>(|v| crate::vp1::CipherKey::parse(v["cipher_key"].as_str().unwrap()).is_some());
    check::<Prompt>(|v| serde_json::from_value::<Prompt>(v).is_ok());
    check::<Invitation>(|v| serde_json::from_value::<Invitation>(v).is_ok());
    check::<Answer>(|v| serde_json::from_value::<Answer>(v).is_ok());
    check::<Proof>(|v| serde_json::from_value::<Proof>(v).is_ok());
}
