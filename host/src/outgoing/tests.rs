//! Against a receiver on this machine.

use super::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn outgoing(networks: &[&str], allow_http: bool) -> Outgoing {
    let allow_networks = networks.iter().map(|text| (*text).to_owned()).collect();
    Outgoing::new(&OutgoingConfig { allow_networks, allow_http }).expect("networks")
}

/// Answers one request with this text, and gives what was sent.
async fn receiver(answer: Vec<u8>) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut sent = vec![0; 4096];
        let length = socket.read(&mut sent).await.expect("a request");
        let _ = socket.write_all(&answer).await;
        String::from_utf8_lossy(&sent[..length]).into_owned()
    });
    (port, task)
}

async fn post(outgoing: &Outgoing, url: &str) -> Result<Answer, OutgoingError> {
    outgoing.send(Method::POST, url, HeaderMap::new(), b"hello".to_vec()).await
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_before_a_connection_is_made() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let out = outgoing(&[], true);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
    ] {
        let said = post(&out, &format!("http://{host}:{port}/")).await.expect_err(host);
        // A resolver may not know a name with a dot at its end.
        let refused = said == OutgoingError::Address;
        assert!(refused, "{host}: {said}");
    }
    let waiting = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(waiting.is_err(), "somebody has connected");
}

#[tokio::test]
async fn urls_that_can_not_be() {
    let out = outgoing(&["127.0.0.0/8"], false);
    for url in
        ["http://127.0.0.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "https://", "x", "https://a:b@1.1.1.1/"]
    {
        assert_eq!(post(&out, url).await.err(), Some(OutgoingError::Url), "{url}");
    }
}

#[tokio::test]
async fn an_allowed_network_gets_the_request() {
    for host in ["127.0.0.1", "localhost"] {
        let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok".to_vec();
        let (port, task) = receiver(answer).await;
        let out = outgoing(&["127.0.0.0/8"], true);
        let answer = post(&out, &format!("http://{host}:{port}/hook?a=b")).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (202, &b"ok"[..]));
        let sent = task.await.expect("a request").to_ascii_lowercase();
        assert!(sent.starts_with("post /hook?a=b http/1.1\r\n"), "{sent}");
        assert!(sent.contains("\r\nuser-agent: gatewright/") && sent.ends_with("hello"), "{sent}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_a_long_body_is_cut() {
    let (port, _task) = receiver(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec(),
    )
    .await;
    let out = outgoing(&["127.0.0.0/8"], true);
    assert_eq!(post(&out, &format!("http://127.0.0.1:{port}/")).await.expect("an answer").status, 302);
    let mut long = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec();
    long.resize(1_000_000, b'x');
    let (port, _task) = receiver(long).await;
    let answer = post(&out, &format!("http://127.0.0.1:{port}/")).await.expect("an answer");
    assert_eq!(answer.body.len(), MAX_BODY);
}

#[tokio::test]
async fn nobody_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let out = outgoing(&["127.0.0.0/8"], true);
    let said = post(&out, &format!("http://127.0.0.1:{port}/")).await.err();
    assert_eq!(said, Some(OutgoingError::Connect));
}

#[tokio::test]
async fn a_name_that_is_known_in_the_house_alone_looks_like_one_that_nobody_knows() {
    let out = outgoing(&[], false);
    let inside = post(&out, "https://localhost/").await.expect_err("is not public");
    let nobody = post(&out, "https://nobody.invalid/").await.expect_err("is not known");
    assert_eq!(inside.to_string(), nobody.to_string());
}

#[tokio::test]
async fn plugins_go_the_same_way() {
    use gatewright_core::outgoing::{NoAnswer, Request};
    let (port, sent) = receiver(b"HTTP/1.1 429 Slow\r\ncontent-length: 2\r\n\r\nno".to_vec()).await;
    let request = |url: String, name, value: &str| Request {
        method: "POST",
        url,
        headers: vec![(name, value.to_owned())],
        body: b"hello".to_vec(),
    };
    let out = outgoing(&["127.0.0.1"], true);
    let way_out: &dyn gatewright_core::outgoing::Outgoing = &out;
    let url = format!("http://127.0.0.1:{port}/sms");
    let answer = way_out.send(request(url.clone(), "x-kind", "sms")).await;
    let answer = answer.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((answer.status, answer.body.as_slice()), (429, &b"no"[..]));
    let sent = sent.await.expect("a request");
    assert!(sent.starts_with("POST /sms HTTP/1.1\r\n") && sent.ends_with("\r\n\r\nhello"), "{sent}");
    assert!(sent.contains("x-kind: sms\r\n"), "{sent}");

    let no = async |out: &Outgoing, request| {
        let way_out: &dyn gatewright_core::outgoing::Outgoing = out;
        way_out.send(request).await.err().expect("no answer")
    };
    for (name, value) in [("x kind", "sms"), ("x-kind", "sms\r\nx-more: 1")] {
        assert!(matches!(no(&out, request(url.clone(), name, value)).await, NoAnswer::Refused(_)));
    }
    assert!(matches!(no(&out, request("ftp://a".to_owned(), "a", "b")).await, NoAnswer::Refused(_)));
    let closed = outgoing(&[], true);
    assert!(matches!(no(&closed, request(url, "a", "b")).await, NoAnswer::Failed(_)));
}
