//! Against a server on this machine.

use super::*;
use crate::outgoing::OutgoingConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

fn fetch(networks: &[&str]) -> HttpFetch {
    let allow_networks = networks.iter().map(|text| (*text).to_owned()).collect();
    let config = OutgoingConfig { allow_networks, allow_http: true };
    HttpFetch::new(Arc::new(Outgoing::new(&config).expect("networks")))
}

/// Answers one request, and gives what was sent.
async fn server(answer: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/it", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut sent = vec![0; 4096];
        let length = socket.read(&mut sent).await.expect("a request");
        let _ = socket.write_all(&answer).await;
        String::from_utf8_lossy(&sent[..length]).into_owned()
    });
    (url, task)
}

fn said(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn what_is_asked_for_is_sent_and_what_matters_of_the_answer_is_told() {
    let (url, task) = server(said("content-type: a/b\r\nset-cookie: a=b\r\n", b"hello")).await;
    let ask =
        json!({"method": "POST", "url": url, "headers": {"authorization": "Basic eA=="}, "body": "x=1"});
    let told = fetch(&["127.0.0.0/8"]).call(FETCH, ask).await.expect("an answer");
    assert_eq!(told, json!({"status": 200, "headers": {"content-type": "a/b"}, "body": "hello"}));
    let sent = task.await.expect("a request");
    assert!(sent.starts_with("POST /it HTTP/1.1\r\n") && sent.ends_with("\r\n\r\nx=1"), "{sent}");
    assert!(sent.contains("authorization: Basic eA==\r\n"), "{sent}");
}

#[tokio::test]
async fn bytes_go_and_come_in_base64() {
    let (url, task) = server(said("", &[0xff, 0])).await;
    let ask = json!({"method": "PUT", "url": url, "body_base64": "aGk="});
    let told = fetch(&["127.0.0.0/8"]).call(FETCH, ask).await.expect("an answer");
    assert_eq!((&told["body"], &told["body_base64"]), (&Value::Null, &json!("/wA=")));
    assert!(task.await.expect("a request").ends_with("\r\n\r\nhi"));
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_none() {
    for (length, fits) in [(100, true), (101, false)] {
        let (url, _task) = server(said("", &vec![b'x'; length])).await;
        let told = fetch(&["127.0.0.0/8"]).call(FETCH, json!({"url": url, "limit": 100})).await;
        assert_eq!(told.is_ok(), fits, "{told:?}");
        assert!(fits || matches!(told, Err(Fault::Unavailable { .. })));
    }
}

#[tokio::test]
async fn it_goes_no_other_way_than_all_requests_go() {
    let closed = fetch(&[]).call(FETCH, json!({"url": "http://127.0.0.1:1/"})).await;
    assert!(matches!(closed, Err(Fault::Unavailable { .. })), "{closed:?}");
    let nobody = fetch(&["127.0.0.0/8"]).call(FETCH, json!({"url": "http://127.0.0.1:1/"})).await;
    assert!(matches!(nobody, Err(Fault::Unavailable { .. })), "{nobody:?}");
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_not_repeated() {
    let url = "http://127.0.0.1:1/";
    let bad = [
        json!({"url": url, "password": "hunter2"}),
        json!({"url": ["hunter2"]}),
        json!({"url": url, "method": "hunter2"}),
        json!({"url": url, "headers": {"hunter2\n": "a"}}),
        json!({"url": url, "headers": {"a": "hunter2\n"}}),
        json!({"url": url, "headers": {"Content-Length": "7"}}),
        json!({"url": url, "headers": {"host": "hunter2"}}),
        json!({"url": url, "body": "a", "body_base64": "YQ=="}),
        json!({"url": url, "body_base64": "hunter2"}),
        json!({"url": url, "body": "x".repeat(MAX_SENT + 1)}),
        json!({"url": url, "limit": MAX_LIMIT + 1}),
        json!({"url": format!("{url}{}", "x".repeat(MAX_URL))}),
        json!({"url": "ftp://127.0.0.1/hunter2"}),
        json!("hunter2"),
    ];
    for ask in bad {
        let said = fetch(&["127.0.0.0/8"]).call(FETCH, ask.clone()).await.expect_err("refused");
        assert!(matches!(said, Fault::BadRequest { .. }), "{ask}: {said}");
        assert!(!said.to_string().contains("hunter2"), "{said}");
    }
}
