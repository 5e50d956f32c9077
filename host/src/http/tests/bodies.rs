//! How long a body may be, and how long it may take.

use std::time::Duration;

use tokio::time::sleep;

use super::kit::{Answer, Server, config, start};

async fn small() -> Server {
    let mut config = config();
    config.limits.max_body_bytes = 1000;
    config.limits.body_timeout_ms = 60;
    start(config).await
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_before_anything_is_read() {
    let server = small().await;
    let mut client = server.connect().await;
    // Nothing of the body is sent, and no `100 Continue` invites to.
    client
        .send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.problem(), (413, "payload_too_large".into()));
}

#[tokio::test]
async fn a_chunked_body_is_cut_where_it_passes_the_limit() {
    let server = small().await;
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = format!("1f4\r\n{}\r\n", "x".repeat(500));
    client.send(&chunk).await;
    client.send(&chunk).await;
    client.send("1\r\nx\r\n").await;
    assert_eq!(client.answer().await.problem(), (413, "payload_too_large".into()));
}

#[tokio::test]
async fn bodies_up_to_the_limit_arrive_whole() {
    let server = small().await;
    let body = "x".repeat(1000);
    let answer =
        server.ask(&format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{body}")).await;
    assert_eq!((answer.status, answer.body.len()), (200, 1000));

    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for part in ["abc", "de", "f"] {
        client.send(&format!("{:x}\r\n{part}\r\n", part.len())).await;
        sleep(Duration::from_millis(5)).await;
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "abcdef");
    // The connection is still in step.
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "hello");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = small().await;
    let answer = server.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab").await;
    assert_eq!(answer.problem(), (408, "body_timeout".into()));
}

#[tokio::test]
async fn all_bodies_together_have_a_limit_too() {
    let mut config = config();
    config.limits.max_body_bytes = 1000;
    config.limits.max_buffered_bytes = 1500;
    let server = start(config).await;
    let request = |path: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000))
    };
    let mut first = server.connect().await;
    first.send(&request("/wait")).await;
    server.waiting.notified().await;

    let busy: Answer = server.ask(&request("/echo")).await;
    assert_eq!(busy.problem(), (503, "unavailable".into()));
    assert_eq!(busy.header("retry-after"), Some("1"));

    server.release.notify_one();
    assert_eq!(first.answer().await.body, "waited");
    assert_eq!(server.ask(&request("/echo")).await.status, 200);
}

#[tokio::test]
async fn two_framings_in_one_request_end_the_connection() {
    let server = small().await;
    let mut client = server.connect().await;
    // RFC 9112 section 6.1: answered, then closed, so that nothing can be smuggled in behind it.
    client
        .send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        )
        .await;
    assert_eq!(client.answer().await.status, 200);
    assert!(client.closed_within(Duration::from_secs(1)).await);
}
