//! What an attacker would try who has a password, a session or patience. Each of these once worked.

use gatewright::Plugins;
use gatewright_contract::{CONTRACT, Fault, Registration};
use kit::{Kit, PASSWORD, Reply, Store, Totp};
use serde_json::json;
use std::time::Duration;

const ALWAYS: &str = "[login.policy]\nsecond_factor = \"always\"\nenrol = [\"totp\"]\n";

fn app(asked: &Reply) -> Totp {
    Totp(asked.json()["invitation"].clone())
}

async fn complete(kit: &Kit, asked: &Reply, code: &str) -> Reply {
    let body = json!({"transaction": asked.str("transaction"), "proof": {"code": code}});
    kit.post("/auth/v1/enrol/totp/complete", &body).await
}

/// Password known to the attacker; the owner sets up a second factor in between.
#[tokio::test]
async fn a_forced_enrolment_that_is_no_longer_due_does_not_complete() {
    let kit = Kit::with(Store::Sqlite).config(ALWAYS).start().await;
    kit.person("ann").await;
    let t = kit.begin("ann").await;
    let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    let asked_evil =
        kit.post("/auth/v1/enrol/totp", &json!({"transaction": more.str("transaction")})).await.expect(200);

    let t = kit.begin("ann").await;
    let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    let asked =
        kit.post("/auth/v1/enrol/totp", &json!({"transaction": more.str("transaction")})).await.expect(200);
    let done = complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(200).json();
    assert_eq!(done["login"]["status"], "done");

    kit.advance(Duration::from_secs(300));
    let evil = complete(&kit, &asked_evil, &app(&asked_evil).code(&kit)).await;
    assert_ne!(evil.status.as_u16(), 200, "a login without the owner's second factor");
}

/// A session from before the second factor was set up.
#[tokio::test]
async fn a_session_without_the_second_factor_does_not_take_it_away() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let evil = kit.login("ann").await.access_token;
    let own = kit.login("ann").await.access_token;
    kit.enrol_totp(&own).await;
    // Who got in without it is out, and the session that set it up goes on.
    kit.get_as(&evil, "/auth/v1/me").await.expect(401);
    kit.post_as(&evil, "/auth/v1/enrol/totp", &json!({})).await.expect(401);
    kit.enrol_recovery_codes(&own).await;
}

/// The password is reset; a login that has used the old one is half way.
#[tokio::test]
async fn a_proof_by_a_password_that_is_gone_does_not_count() {
    let kit = Kit::with(Store::Sqlite).config(ALWAYS).start().await;
    let ann = kit.person("ann").await;
    let t = kit.begin("ann").await;
    let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.set_password(&ann, "quiet Harbour 9 violins").await;
    kit.post("/auth/v1/enrol/totp", &json!({"transaction": more.str("transaction")})).await.expect(404);
}

#[tokio::test]
async fn nor_with_a_second_factor_beside_it() {
    let kit = Kit::memory().await;
    let ann = kit.person("ann").await;
    let totp = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    kit.advance(Duration::from_secs(60));
    let t = kit.begin("ann").await;
    let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.set_password(&ann, "quiet Harbour 9 violins").await;
    kit.answer(&more.str("transaction"), "totp", json!({"code": totp.code(&kit)})).await.expect(404);
}

/// The plugin of the second factor is away.
#[tokio::test]
async fn a_second_factor_whose_plugin_is_down_is_still_due() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    kit.enrol_totp(&kit.login("ann").await.access_token).await;
    let t = kit.begin("ann").await;
    kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    let broken = Registration {
        id: "totp",
        needs: &[],
        version: "0",
        contract: CONTRACT,
        config: || (json!({"type": "object", "properties": {}}), json!({})),
        make: |_, _| Err(Fault::unavailable("the library is missing")),
    };
    let plugins = Plugins::linked().without("totp").with_authenticator(broken);
    let kit = kit
        .restarted(plugins, "[plugins.totp]\nrequired = false\n[login.policy]\nsecond = [\"totp\"]\n")
        .await;
    let t = kit.begin("ann").await;
    let after = kit.answer(&t, "password", json!({"password": PASSWORD})).await;
    let kit = kit.restarted(Plugins::linked(), "[plugins.totp]\nenabled = false\n").await;
    let t = kit.begin("ann").await;
    let off = kit.answer(&t, "password", json!({"password": PASSWORD})).await;
    assert_eq!((after.status.as_u16(), off.status.as_u16()), (503, 503), "{} {}", after.text(), off.text());
}

/// Nine guesses in each window.
#[tokio::test]
async fn slow_guessing_of_codes_ends_in_blocks() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let totp = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    let mut judged = 0;
    for _ in 0..200 {
        kit.advance(Duration::from_secs(300));
        let t = kit.begin("ann").await;
        let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await;
        if more.status.as_u16() != 200 {
            continue;
        }
        for _ in 0..9 {
            kit.answer(&more.str("transaction"), "totp", json!({"code": "000000"})).await.expect(401);
            judged += 1;
        }
    }
    // Sixteen hours of nine guesses in five minutes would be 1800.
    assert!((90..=250).contains(&judged), "{judged}");
    kit.advance(Duration::from_secs(172_801));
    let t = kit.begin("ann").await;
    let more = kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.answer(&more.str("transaction"), "totp", json!({"code": totp.code(&kit)})).await.expect(200);
}

/// The handle of an enrolment in a session.
#[tokio::test]
async fn the_handle_of_an_enrolment_is_no_login() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
    kit.delete_as(&token, "/auth/v1/me/sessions").await.expect(204);
    let reply = kit.answer(&asked.str("transaction"), "password", json!({"password": PASSWORD})).await;
    assert_ne!(reply.status.as_u16(), 200);
}

/// Whoever hangs up in the middle is counted.
#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_forgives_nothing() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    let mut gone = 0;
    for i in 0..60 {
        let t = kit.begin("ann").await;
        let answer = kit.answer(&t, "password", json!({"password": "wrong"}));
        gone += usize::from(tokio::time::timeout(Duration::from_micros(700 + 50 * i), answer).await.is_err());
    }
    let t = kit.begin("ann").await;
    kit.answer(&t, "password", json!({"password": PASSWORD})).await.expect(401);
    assert!(gone > 0, "nobody hung up");
}

/// `{:?}` of what the engine returns.
#[tokio::test]
async fn nothing_secret_is_printed() {
    use gatewright_core::{Origin, PlainToken, engine::Inviter};
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let caller = kit.app.engine.check(&PlainToken::received(&token).unwrap(), None).await.unwrap();
    let origin = Origin::local("login");
    let asked = kit.app.engine.invite(Inviter::Session(caller), "totp", json!({}), &origin).await.unwrap();
    let printed = format!("{asked:?}");
    let secret = asked.prompt["secret_base32"].as_str().unwrap().to_owned();
    assert!(!printed.contains(&secret));
}
