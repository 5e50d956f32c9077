use super::*;
use serde_json::json;

#[test]
fn what_is_kept_can_not_be_sent_and_what_is_printed_says_nothing() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, Some("round and green"));
    let stored = serde_json::to_string(&doc).unwrap();
    let printed = format!("{doc:?} {:?}", answer(&kept, Some("round and green")));
    for secret in [kept.machine_nonce.as_str(), kept.sequence_nonce.as_str(), "round"] {
        assert!(!stored.contains(secret) && !printed.contains(secret));
    }
    assert_eq!(kept.machine_nonce.len(), 43, "256 bits");
    let again: Credential = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), stored);
    assert!(serde_json::from_value::<Credential>(json!({"machine": "x"})).is_err());
}

#[test]
fn its_owner_sees_until_when_it_is_remembered() {
    let (doc, _) = enrol(&made(Config::default()), None);
    let shown = json!({"expires_at": "2026-03-31T12:00:00Z", "fingerprint": false});
    assert_eq!(Machine::describe(&doc), shown);
}

#[test]
fn a_name_is_short_and_can_be_shown() {
    let plugin = made(Config::default());
    let named = |label: &str| {
        let invite = Invite { label: Some(label.to_owned()), fingerprint: None };
        try_enrol(&plugin, invite).map(|(_, label, _)| label)
    };
    assert_eq!(named(" laptop ").unwrap().as_deref(), Some("laptop"));
    assert_eq!(named("  ").unwrap(), None);
    assert!(named(&"ü".repeat(64)).is_ok());
    for wrong in ["ü".repeat(65), "a\nb".to_owned()] {
        assert!(matches!(named(&wrong), Err(Fault::BadRequest { field, .. }) if field == "label"));
    }
}

#[test]
fn a_look_is_bounded_and_asked_for_where_it_is_needed() {
    let with = |config: &Config, look: Option<&str>| {
        try_enrol(&made(config.clone()), Invite { label: None, fingerprint: look.map(secret) }).is_ok()
    };
    let strict = Config { require_fingerprint: true, ..Config::default() };
    assert!(with(&Config::default(), None) && with(&strict, Some("green")));
    assert!(!with(&strict, None) && !with(&strict, Some("")));
    assert!(with(&strict, Some(&"x".repeat(4096))) && !with(&Config::default(), Some(&"x".repeat(4097))));
}
