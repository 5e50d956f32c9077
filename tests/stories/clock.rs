//! Somebody sets the server's clock, an hour back or forward, or somewhere far away.

use kit::{Kit, Login, PASSWORD, Reply, Store, Totp};
use serde_json::json;
use std::time::Duration;

const HOUR: i64 = 3_600;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// What happens once a minute.
async fn sweep(kit: &Kit) {
    kit.app.engine.store().expire(kit.now(), 1_000).await.unwrap();
}

async fn password(kit: &Kit, username: &str, password: &str) -> Reply {
    kit.answer(&kit.begin(username).await, "password", json!({"password": password})).await
}

async fn with_code(kit: &Kit, code: &str) -> Reply {
    let more = password(kit, "ada", PASSWORD).await.expect(200);
    kit.answer(&more.str("transaction"), "totp", json!({"code": code})).await
}

/// Ada with an authenticator app, and a time step after she has set it up.
async fn with_app(store: Store) -> (Kit, Totp) {
    let kit = Kit::with(store).start().await;
    kit.person("ada").await;
    let app = kit.enrol_totp(&kit.login("ada").await.access_token).await;
    kit.advance(seconds(30));
    (kit, app)
}

#[tokio::test]
async fn put_back_it_revives_nothing_that_was_over() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        kit.person("ada").await;
        let old = kit.login("ada").await;
        let rotate = || async {
            kit.post("/auth/v1/session/rotate", &json!({"session_token": old.session_token})).await
        };
        rotate().await.expect(200);
        kit.advance(seconds(901));
        kit.get_as(&old.access_token, "/auth/v1/me").await.expect(401);
        sweep(&kit).await;
        kit.world.set_clock(-HOUR);
        kit.get_as(&old.access_token, "/auth/v1/me").await.expect(401);
        // What has been exchanged stays so.
        rotate().await.expect(401);
        let new = kit.login("ada").await;
        kit.get_as(&new.access_token, "/auth/v1/me").await.expect(200);
    }
}

#[tokio::test]
async fn put_back_it_makes_no_login_and_no_fresh_session_last_longer() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let begun = kit.begin("ada").await;
    let login = kit.login("ada").await;
    kit.world.set_clock(-HOUR);
    kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(404);
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    let enrol = |token: String| {
        let kit = &kit;
        async move { kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await }
    };
    assert_eq!(enrol(login.access_token).await.expect(403).str("code"), "elevation_required");
    enrol(kit.login("ada").await.access_token).await.expect(200);
    // A little is no reason: the clocks of two machines are never the same.
    let begun = kit.begin("ada").await;
    kit.world.set_clock(-5);
    Login::of(&kit.answer(&begun, "password", json!({"password": PASSWORD})).await);
}

#[tokio::test]
async fn put_back_a_session_that_nobody_uses_ends_when_it_would_have_ended() {
    let kit = Kit::with(Store::Memory).config("[login.session]\nidle_seconds = 600\n").start().await;
    kit.person("ada").await;
    let login = kit.login("ada").await;
    kit.world.set_clock(-HOUR);
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    kit.advance(seconds(601));
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
}

#[tokio::test]
async fn put_back_a_code_that_was_used_stays_used_and_the_app_works_again_after_the_hour() {
    let (kit, app) = with_app(Store::Sqlite).await;
    let used = app.code(&kit);
    Login::of(&with_code(&kit, &used).await);
    kit.world.set_clock(-HOUR);
    for code in [used, app.code(&kit)] {
        with_code(&kit, &code).await.expect(401);
    }
    kit.advance(seconds(3_600 + 30));
    Login::of(&with_code(&kit, &app.code(&kit)).await);
}

#[tokio::test]
async fn put_back_a_block_lasts_as_long_as_it_would_have() {
    for store in [Store::Memory, Store::Sqlite] {
        let limits = "[login.block_config]\nuser_attempts_limit = 3\n";
        let kit = Kit::with(store).config(limits).start().await;
        kit.person("ada").await;
        for _ in 0..3 {
            password(&kit, "ada", "a wrong guess").await.expect(401);
        }
        kit.world.set_clock(-HOUR);
        password(&kit, "ada", PASSWORD).await.expect(401);
        kit.advance(seconds(61));
        Login::of(&password(&kit, "ada", PASSWORD).await);
    }
}

#[tokio::test]
async fn put_forward_what_has_passed_is_over_and_everybody_can_log_in_anew() {
    let (kit, app) = with_app(Store::Sqlite).await;
    let begun = kit.begin("ada").await;
    let login = Login::of(&with_code(&kit, &app.code(&kit)).await);
    kit.world.set_clock(HOUR);
    sweep(&kit).await;
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
    kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(404);
    let login = Login::of(&with_code(&kit, &app.code(&kit)).await);
    // And corrected: still logged in, though the app's codes wait for the hour.
    kit.world.set_clock(-HOUR);
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    with_code(&kit, &app.code(&kit)).await.expect(401);
    kit.advance(seconds(3_600 + 30));
    Login::of(&with_code(&kit, &app.code(&kit)).await);
}

#[tokio::test]
async fn wherever_it_is_put_nothing_breaks() {
    let (kit, app) = with_app(Store::Sqlite).await;
    let century = 100 * 365 * 24 * HOUR;
    // To the year 2126, to 1970, and back.
    for by in [century, -century - 56 * 365 * 24 * HOUR, 56 * 365 * 24 * HOUR] {
        kit.world.set_clock(by);
        sweep(&kit).await;
        let replied = with_code(&kit, &app.code(&kit)).await;
        assert!([200, 401].contains(&replied.status.as_u16()), "{}", replied.text());
        kit.get("/healthz").await.expect(200);
    }
}
