//! How many connections there may be, and how long they may do nothing.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use super::kit::{LARGE, Server, config, start};

const SECOND: Duration = Duration::from_secs(1);

async fn hasty() -> Server {
    let mut config = config();
    config.limits.header_timeout_ms = 80;
    config.limits.idle_timeout_ms = 800;
    start(config).await
}

/// Clearly before the idle timeout, with room for a busy machine.
const SOON: Duration = Duration::from_millis(600);

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = hasty().await;
    let began = Instant::now();
    assert!(server.connect().await.closed_within(SECOND).await);
    assert!(began.elapsed() >= Duration::from_millis(60), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_header_that_trickles_is_cut_off() {
    let server = hasty().await;
    // The first three letters of the HTTP/2 preface: the version is not known yet.
    for start in ["PRI", "GET /hello HTTP/1.1\r\nX: "] {
        let mut client = server.connect().await;
        let began = Instant::now();
        client.send(start).await;
        let open = loop {
            sleep(Duration::from_millis(10)).await;
            if client.stream.write_all(b"x").await.is_err()
                || client.closed_within(Duration::from_millis(1)).await
            {
                break began.elapsed();
            }
            assert!(began.elapsed() < SECOND, "still open: {start}");
        };
        assert!(open < SOON, "{open:?}");
    }
}

#[tokio::test]
async fn a_second_header_that_trickles_is_cut_off_before_the_idle_timeout() {
    let server = hasty().await;
    let mut client = server.connect().await;
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.send("GET /hel").await;
    let began = Instant::now();
    assert!(client.closed_within(SECOND).await);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn between_two_requests_a_connection_may_rest_longer() {
    let server = hasty().await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        // A body that arrives later is not the beginning of a next request.
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n").await;
        sleep(Duration::from_millis(10)).await;
        client.send("hi").await;
        assert_eq!(client.answer().await.status, 200);
        sleep(Duration::from_millis(250)).await;
    }
    assert!(client.closed_within(SECOND * 2).await);
}

#[tokio::test]
async fn a_request_under_way_is_not_idle() {
    let mut config = config();
    (config.limits.header_timeout_ms, config.limits.idle_timeout_ms) = (40, 80);
    let server = start(config).await;
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.waiting.notified().await;
    sleep(Duration::from_millis(300)).await;
    server.release.notify_one();
    assert_eq!(client.answer().await.body, "waited");
}

#[tokio::test]
async fn who_does_not_read_the_answer_is_not_kept() {
    let mut config = config();
    (config.limits.header_timeout_ms, config.limits.idle_timeout_ms) = (80, 80);
    let server = start(config).await;
    let mut client = server.connect().await;
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let began = Instant::now();
    let closed = "gatewright_http_connections 0";
    while !(server.metrics.render().contains(closed) && began.elapsed() > Duration::from_millis(60)) {
        assert!(began.elapsed() < SECOND, "{}", server.metrics.render());
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn who_reads_slowly_but_reads_gets_the_whole_answer() {
    let mut config = config();
    (config.limits.header_timeout_ms, config.limits.idle_timeout_ms) = (100, 100);
    let server = start(config).await;
    let mut client = server.connect().await;
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let (mut read, mut buffer) = (0, vec![0; 512 * 1024]);
    while read < LARGE {
        let n = client.stream.read(&mut buffer).await.unwrap();
        assert!(n > 0, "closed after {read}");
        read += n;
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_handler_has_a_deadline() {
    let mut config = config();
    config.limits.request_timeout_ms = 50;
    config.limits.body_timeout_ms = 50;
    let server = start(config).await;
    let answer = server.get("/wait", "").await;
    assert_eq!(answer.problem(), (503, "unavailable".into()));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let mut config = config();
    config.limits.max_connections = 2;
    let server = start(config).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = server.connect().await;
        client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(client.answer().await.status, 200);
        held.push(client);
    }
    assert!(server.connect().await.closed_within(SECOND).await);
    let text = server.metrics.render();
    assert!(text.contains("gatewright_http_connections 2"), "{text}");
    assert!(text.contains("gatewright_http_refused_connections_total 1"), "{text}");

    // Whoever leaves makes room.
    drop(held.pop());
    let began = Instant::now();
    loop {
        let mut client = server.connect().await;
        let _ = client.stream.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let mut first = [0; 12];
        if client.stream.read_exact(&mut first).await.is_ok() {
            assert_eq!(&first, b"HTTP/1.1 200");
            break;
        }
        assert!(began.elapsed() < SECOND);
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_header_has_a_size() {
    let mut config = config();
    config.limits.max_header_bytes = 8 * 1024;
    let server = start(config).await;
    let line = format!("X-Long: {}\r\n", "x".repeat(9 * 1024));
    assert_eq!(server.get("/hello", &line).await.status, 431);
}

#[tokio::test]
async fn who_hangs_up_before_the_answer_is_counted_too() {
    let server = start(config()).await;
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.waiting.notified().await;
    drop(client);
    let line = r#"gatewright_http_requests_total{method="GET",route="-",status="499"} 1"#;
    let began = Instant::now();
    while !server.metrics.render().contains(line) {
        assert!(began.elapsed() < SECOND, "{}", server.metrics.render());
        sleep(Duration::from_millis(5)).await;
    }
}
