//! The database goes away, and comes back.

use gatewright_test_postgres::Server;
use kit::{Kit, PASSWORD, Reply, Store};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

async fn until(kit: &Kit, path: &str, status: u16, within: Duration) -> Reply {
    let begun = Instant::now();
    loop {
        let reply = kit.get(path).await;
        if reply.status.as_u16() == status {
            return reply;
        }
        assert!(begun.elapsed() < within, "{path}: {} after {:?}", reply.status, begun.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_told_and_everything_comes_back_without_a_restart() {
    let server = Server::start();
    let database = server.database();
    let kit = Kit::with(Store::Postgres).at(&database.url()).start().await;
    kit.person("ada").await;
    let login = kit.login("ada").await;
    let (stop, stopped) = watch::channel(false);
    gatewright::background::start(&Arc::clone(&kit.app), stopped);
    until(&kit, "/readyz", 200, Duration::from_secs(5)).await;

    for down in [Server::stop, Server::crash] {
        let half = kit.begin("ada").await;
        down(&server);
        until(&kit, "/readyz", 503, Duration::from_secs(2)).await;
        kit.get("/healthz").await.expect(200);
        // What nobody can look up is not refused, and not let in.
        for reply in [
            kit.post("/auth/v1/login", &json!({"username": "ada"})).await,
            kit.answer(&half, "password", json!({"password": PASSWORD})).await,
            kit.get_as(&login.access_token, "/auth/v1/me").await,
            kit.post("/auth/v1/session/rotate", &json!({"session_token": login.session_token})).await,
            kit.post(
                "/api/web/v2/authentication/users",
                &json!({"userId": "ada", "applicationId": "default"}),
            )
            .await,
        ] {
            let reply = reply.expect(503);
            assert!(
                reply.header("retry-after").is_some_and(|s| s.parse::<u32>().is_ok()),
                "{}",
                reply.text()
            );
            assert!(!reply.text().contains("postgres"), "{}", reply.text());
        }
        server.start_again();
        until(&kit, "/readyz", 200, Duration::from_secs(5)).await;
        kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
        kit.answer(&half, "password", json!({"password": PASSWORD})).await.expect(200);
        kit.login("ada").await;
    }
    stop.send(true).unwrap();
    gatewright::background::shut_down(&kit.app).await;
}
