use super::*;
use crate::flow::lookup;
use gatewright_contract::{Purpose, Signal as _};

fn keys(query: &BTreeMap<String, String>) -> Vec<&str> {
    query.keys().map(String::as_str).collect()
}

#[test]
fn the_request_says_what_is_configured_and_nothing_else() {
    let (url, query, _) = sent(&made(&Script::new(), json!({})), &scope());
    assert!(url.starts_with("https://login.example.com/authorize?response_type=code&"), "{url}");
    let plain = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    assert_eq!(keys(&query), plain);
    assert_eq!(query["redirect_uri"], "https://id.example.com/auth/v1/callback/idp-oidc");
    assert_eq!(query["scope"], "openid");

    let more = json!({
        "scopes": ["email", "openid"], "acr_values": ["high", "low"], "prompt": "select_account",
        "max_age": 600, "extra": {"hd": "example.com & more"},
    });
    let (_, query, _) = sent(&made(&Script::new(), more), &scope());
    let said = ["scope", "acr_values", "prompt", "max_age", "hd"].map(|name| query[name].as_str());
    assert_eq!(said, ["openid email", "high low", "select_account", "600", "example.com & more"]);
}

#[test]
fn each_redirect_has_words_of_its_own() {
    let idp = made(&Script::new(), json!({}));
    let (_, one, _) = sent(&idp, &scope());
    let (_, two, _) = sent(&idp, &scope());
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(one[name].len(), 43, "256 bits");
        assert_ne!(one[name], two[name]);
    }
}

#[test]
fn to_prove_a_session_anew_takes_a_fresh_login_there() {
    let scope = Scope { purpose: Purpose::Elevate, ..scope() };
    let (_, query, _) = sent(&made(&Script::new(), json!({"max_age": 600})), &scope);
    assert_eq!(query["max_age"], "0");
}

#[test]
fn what_is_kept_between_is_found_by_the_hash_of_its_state_and_prints_no_secret() {
    let idp = made(&Script::new(), json!({}));
    let call = Call { scope: &scope(), credentials: &[], body: crate::Begin::default() };
    let asked = ready(idp.challenge(call)).unwrap();
    let url = url::Url::parse(&asked.prompt.url).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let event = serde_json::from_value(json!({"state": state, "more": "than we know"})).unwrap();
    assert_eq!(asked.wake, Some(idp.correlate(&event).unwrap()));
    let kept = serde_json::to_string(&asked.state).unwrap();
    assert!(!kept.contains(&state) && !asked.wake.unwrap().0.contains(&state));
    let event: crate::Event = serde_json::from_value(json!({"state": "a", "code": "hunter2"})).unwrap();
    assert!(!format!("{event:?}").contains("hunter2"));
}

#[test]
fn issuer_and_subject_do_not_run_into_each_other() {
    assert_ne!(lookup("https://a.example/1", "2"), lookup("https://a.example/", "12"));
    assert_eq!(lookup(ISSUER, "ann"), lookup(ISSUER, "ann"));
}
