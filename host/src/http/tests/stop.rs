//! How the server stops.

use std::time::{Duration, Instant};

use tokio::{net::TcpStream, time::timeout};

use super::kit::{config, start};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_request_under_way_is_finished_and_nothing_new_is_accepted() {
    let server = start(config()).await;
    let mut idle = server.connect().await;
    idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.answer().await;
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.waiting.notified().await;

    server.stop.send(true).unwrap();
    assert!(idle.closed_within(SECOND).await, "an idle connection is closed at once");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
    assert!(!server.task.is_finished());

    server.release.notify_one();
    let answer = busy.answer().await;
    assert_eq!(answer.body, "waited");
    assert!(busy.closed_within(SECOND).await);
    timeout(SECOND, server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_dropped() {
    let mut config = config();
    config.limits.shutdown_grace_ms = 50;
    let server = start(config).await;
    let mut silent = server.connect().await;
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.waiting.notified().await;

    let began = Instant::now();
    server.stop.send(true).unwrap();
    timeout(SECOND, server.task).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert!(busy.closed_within(SECOND).await && silent.closed_within(SECOND).await);
    assert!(server.metrics.render().contains("gatewright_http_connections 0"));
}

#[tokio::test]
async fn a_server_that_nobody_can_stop_any_more_stops() {
    let server = start(config()).await;
    drop(server.stop);
    timeout(SECOND, server.task).await.unwrap().unwrap().unwrap();
}
