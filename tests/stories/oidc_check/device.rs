//! A television shows a code, and its owner types it into a telephone.

use super::*;
use gatewright_core::oidc::OidcRules;
use gatewright_oauth::{ErrorCode, OAuthError};
use std::time::Duration;

/// Both codes.
struct Codes {
    device: String,
    user: String,
}

async fn begin(kit: &Kit, client_id: &str, scope: &str) -> Codes {
    let fields = [("client_id", client_id), ("scope", scope)];
    let reply = kit.send(form_call("device_authorization", &fields)).await.expect(200);
    Codes { device: reply.str("device_code"), user: reply.str("user_code") }
}

async fn television(kit: &Kit) {
    register(kit, &public("page")).await;
}

async fn poll(kit: &Kit, client_id: &str, codes: &Codes) -> Result<Terms, OAuthError> {
    let provider = &kit.app.provider;
    let client = provider.client(&TenantId::default_tenant(), client_id).await.unwrap().unwrap();
    provider.device_redeem(&*tenant(kit).await, &client, &codes.device).await
}

/// The word of the refusal.
fn word<T>(result: &Result<T, OAuthError>) -> &'static str {
    result.as_ref().err().map_or("", |error| error.code.as_str())
}

async fn somebody(kit: &Kit) -> Caller {
    kit.person("alice").await;
    caller(kit, &kit.login("alice").await.access_token).await
}

async fn decide(kit: &Kit, codes: &Codes, caller: &Caller, allow: bool) -> Result<(), OAuthError> {
    kit.app.provider.device_decide(&TenantId::default_tenant(), &codes.user, caller, allow, &origin()).await
}

#[tokio::test]
async fn what_its_person_has_agreed_to_is_handed_out_once() {
    let kit = Kit::memory().await;
    television(&kit).await;
    let fields = [("client_id", "page"), ("scope", "openid offline_access")];
    let reply = kit.send(form_call("device_authorization", &fields)).await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let said = reply.json();
    assert_eq!((&said["expires_in"], &said["interval"]), (&json!(600), &json!(5)));
    assert_eq!(said["verification_uri"], "http://localhost:8080/ui/default/device");
    let complete = format!("http://localhost:8080/ui/default/device?user_code={}", reply.str("user_code"));
    assert_eq!(said["verification_uri_complete"], complete);
    let codes = Codes { device: reply.str("device_code"), user: reply.str("user_code") };
    assert_eq!(word(&poll(&kit, "page", &codes).await), "authorization_pending");
    let tenant_id = TenantId::default_tenant();
    let typed = codes.user.replace('-', " ").to_lowercase();
    let asked = kit.app.provider.device_lookup(&tenant_id, &typed, &origin()).await.unwrap().unwrap();
    assert_eq!((asked.client.client_id.as_str(), asked.user_code.as_str()), ("page", &*codes.user));
    assert_eq!(asked.scopes, ["openid", "offline_access"]);
    let alice = somebody(&kit).await;
    decide(&kit, &codes, &alice, true).await.unwrap();
    assert_eq!(word(&decide(&kit, &codes, &alice, false).await), "invalid_grant", "it is decided");
    assert!(kit.app.provider.device_lookup(&tenant_id, &codes.user, &origin()).await.unwrap().is_none());
    let (first, second) = tokio::join!(poll(&kit, "page", &codes), poll(&kit, "page", &codes));
    let mut words = [word(&first), word(&second)];
    words.sort_unstable();
    assert_eq!(words, ["", "invalid_grant"], "of two at once one gets it");
    let terms = first.or(second).unwrap();
    assert_eq!((terms.person, terms.session), (alice.session.person, alice.session.id));
    assert!(terms.offline && terms.client_id == "page" && terms.acr == "aal1");
    assert_eq!(word(&poll(&kit, "page", &codes).await), "invalid_grant");
}

#[tokio::test]
async fn who_asks_too_often_waits_longer() {
    let kit = Kit::memory().await;
    television(&kit).await;
    let codes = begin(&kit, "page", "openid").await;
    let wait = |seconds| kit.advance(Duration::from_secs(seconds));
    assert_eq!(word(&poll(&kit, "page", &codes).await), "authorization_pending");
    wait(4);
    assert_eq!(word(&poll(&kit, "page", &codes).await), "slow_down");
    wait(9);
    assert_eq!(word(&poll(&kit, "page", &codes).await), "slow_down", "ten seconds by now");
    wait(15);
    assert_eq!(word(&poll(&kit, "page", &codes).await), "authorization_pending");
    for _ in 0..20 {
        assert_eq!(word(&poll(&kit, "page", &codes).await), "slow_down");
    }
    wait(60);
    assert_eq!(
        word(&poll(&kit, "page", &codes).await),
        "authorization_pending",
        "and never more than a minute"
    );
}

#[tokio::test]
async fn a_no_and_the_end_of_the_time_are_told_apart() {
    let kit = Kit::memory().await;
    television(&kit).await;
    let alice = somebody(&kit).await;
    let (no, late) = (begin(&kit, "page", "openid").await, begin(&kit, "page", "openid").await);
    decide(&kit, &no, &alice, false).await.unwrap();
    assert_eq!(word(&poll(&kit, "page", &no).await), "access_denied");
    assert_eq!(word(&poll(&kit, "page", &no).await), "invalid_grant");
    kit.advance(OidcRules::seconds(600));
    assert_eq!(word(&poll(&kit, "page", &late).await), "expired_token");
    assert_eq!(word(&decide(&kit, &late, &alice, true).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_is_of_its_client_its_tenant_and_the_session_that_agreed() {
    let kit = Kit::memory().await;
    television(&kit).await;
    register(&kit, &client("other")).await;
    let alice = somebody(&kit).await;
    let codes = begin(&kit, "page", "openid").await;
    assert_eq!(word(&poll(&kit, "other", &codes).await), "invalid_grant");
    let guessed =
        Codes { device: format!("{}AAAA", &codes.device[..codes.device.len() - 4]), user: String::new() };
    assert_eq!(word(&poll(&kit, "page", &guessed).await), "invalid_grant");
    decide(&kit, &codes, &alice, true).await.unwrap();
    kit.app.engine.end_all(&alice, true, &origin()).await.unwrap();
    assert_eq!(word(&poll(&kit, "page", &codes).await), "invalid_grant", "who agreed has logged out");
}

#[tokio::test]
async fn only_who_has_logged_in_here_decides_and_well_enough() {
    let kit = Kit::memory().await;
    register(&kit, &Client { default_acr: Some("aal2".into()), ..public("page") }).await;
    register(&kit, &client("shop")).await;
    let alice = somebody(&kit).await;
    let codes = begin(&kit, "page", "openid").await;
    let weak = decide(&kit, &codes, &alice, true).await;
    assert_eq!(weak.err().map(|error| error.code), Some(ErrorCode::UnmetAuthenticationRequirements));
    kit.advance(Duration::from_secs(1));
    let later = begin(&kit, "page", "openid").await;
    assert_eq!(word(&decide(&kit, &later, &alice, true).await), "login_required", "she may do better");
    let held = tokens(&kit, "shop", "alice", &["openid", "admin"]).await;
    let application = kit.app.provider.caller(&held.access).await.unwrap();
    assert_eq!(word(&decide(&kit, &codes, &application, false).await), "access_denied");
    decide(&kit, &codes, &alice, false).await.unwrap();
}

#[tokio::test]
async fn who_has_logged_in_too_long_ago_does_it_again() {
    let limit = "[login.block_config]\nip_attempts_limit = 5\n";
    let kit = Kit::with(kit::Store::Memory).config(limit).start().await;
    register(&kit, &Client { default_max_age: Some(600), ..public("page") }).await;
    let alice = somebody(&kit).await;
    kit.advance(Duration::from_secs(600));
    let codes = begin(&kit, "page", "openid").await;
    decide(&kit, &codes, &alice, true).await.unwrap();
    let codes = begin(&kit, "page", "openid").await;
    kit.advance(Duration::from_secs(1));
    for _ in 0..6 {
        let old = decide(&kit, &codes, &alice, true).await;
        assert_eq!(word(&old), "login_required", "the code was right, and counts for no guess");
    }
    let again = caller(&kit, &kit.login("alice").await.access_token).await;
    decide(&kit, &codes, &again, true).await.unwrap();
    assert!(poll(&kit, "page", &codes).await.unwrap().wants_auth_time);
}

#[tokio::test]
async fn guesses_count_against_the_address() {
    let kit =
        Kit::with(kit::Store::Memory).config("[login.block_config]\nip_attempts_limit = 5\n").start().await;
    television(&kit).await;
    let codes = begin(&kit, "page", "openid").await;
    let tenant_id = TenantId::default_tenant();
    let look = async |code: &str| kit.app.provider.device_lookup(&tenant_id, code, &origin()).await;
    for _ in 0..10 {
        assert!(look(&codes.user).await.unwrap().is_some(), "the right one does not count");
        assert!(look("no code at all").await.unwrap().is_none(), "nor does what can't be one");
    }
    for _ in 0..5 {
        assert!(look("BBBB-BBBB").await.unwrap().is_none());
    }
    let blocked = look(&codes.user).await.err().and_then(|error| error.cause);
    assert_eq!(blocked.map(|problem| problem.status), Some(429));
}

#[tokio::test]
async fn a_device_asks_for_what_it_may_have() {
    let kit = Kit::memory().await;
    television(&kit).await;
    register(&kit, &client("shop")).await;
    register(&kit, &Client { grants: Vec::new(), ..public("plain") }).await;
    let ask = async |fields: &[(&str, &str)]| kit.send(form_call("device_authorization", fields)).await;
    refused(&ask(&[("scope", "openid")]).await, 401, "invalid_client");
    refused(&ask(&[("client_id", "shop"), ("scope", "openid")]).await, 401, "invalid_client");
    refused(&ask(&[("client_id", "plain"), ("scope", "openid")]).await, 400, "unauthorized_client");
    for scope in ["", "openid groups", "stock.write"] {
        refused(&ask(&[("client_id", "page"), ("scope", scope)]).await, 400, "invalid_scope");
    }
    let other = ("resource", "https://other.example/");
    refused(&ask(&[("client_id", "page"), ("scope", "openid"), other]).await, 400, "invalid_target");
    refused(&ask(&[("client_id", "page"), ("client_id", "page")]).await, 400, "invalid_request");
}
