//! Who is calling, and how the request is called.

use super::super::config::ProxyHeaders;
use super::kit::{Server, config, start};

async fn behind(proxies: &[&str]) -> Server {
    let mut config = config();
    config.trusted_proxies = proxies.iter().map(|p| (*p).to_owned()).collect();
    start(config).await
}

async fn who(server: &Server, lines: &str) -> String {
    let body = server.get("/who", lines).await.body;
    body.split(" id=").next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_is_believed_who_is_not_trusted() {
    let lines = "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7;proto=https\r\nX-Forwarded-Proto: https\r\n";
    for proxies in [&[][..], &["10.0.0.0/8"], &["127.0.0.2"]] {
        assert_eq!(who(&behind(proxies).await, lines).await, "127.0.0.1 secure=false", "{proxies:?}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_caller() {
    let server = behind(&["127.0.0.1", "10.0.0.0/8", "fd00::/8"]).await;
    for (lines, seen) in [
        ("", "127.0.0.1 secure=false"),
        ("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n", "203.0.113.7 secure=true"),
        ("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http\r\n", "203.0.113.7 secure=false"),
        // One of two hops was in the clear.
        ("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https, http\r\n", "203.0.113.7 secure=false"),
        // What the caller wrote himself stands left of what the proxies wrote.
        ("X-Forwarded-For: 10.0.0.9, 203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("X-Forwarded-For: 127.0.0.1, 192.0.2.1, 203.0.113.7, 10.0.0.9\r\n", "203.0.113.7 secure=false"),
        // Two lines are one list (RFC 9110 section 5.2).
        (
            "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 203.0.113.7, 10.1.1.1\r\n",
            "203.0.113.7 secure=false",
        ),
        // Trusted all the way: the request began at the outermost proxy.
        ("X-Forwarded-For: 10.0.0.9, 10.0.0.8\r\n", "10.0.0.9 secure=false"),
        // Not an address: as far as it can be followed.
        ("X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.8\r\n", "10.0.0.8 secure=false"),
        ("X-Forwarded-For: \u{e9}, 203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("X-Forwarded-For: \u{e9}\r\nX-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("X-Forwarded-For: \u{e9}, 10.0.0.8\r\n", "10.0.0.8 secure=false"),
        ("X-Forwarded-For: 203.0.113.7:4711\r\n", "203.0.113.7 secure=false"),
        ("X-Forwarded-For: [2001:db8::7]:4711, fd00::1\r\n", "2001:db8::7 secure=false"),
        ("X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7 secure=false"),
        // The other header family is not what this proxy writes, so the caller may have written it.
        ("Forwarded: for=192.0.2.1;proto=https\r\n", "127.0.0.1 secure=false"),
    ] {
        assert_eq!(who(&server, lines).await, seen, "{lines}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_caller_in_forwarded() {
    let mut config = config();
    config.trusted_proxies = vec!["127.0.0.1".into(), "10.0.0.0/8".into()];
    config.proxy_headers = ProxyHeaders::Forwarded;
    let server = start(config).await;
    for (lines, seen) in [
        ("Forwarded: for=203.0.113.7;proto=https;by=10.0.0.1\r\n", "203.0.113.7 secure=true"),
        ("Forwarded: For=\"[2001:db8::7]:4711\";Proto=HTTPS\r\n", "2001:db8::7 secure=true"),
        ("Forwarded: for=192.0.2.1;proto=https, for=203.0.113.7;proto=http\r\n", "203.0.113.7 secure=false"),
        (
            "Forwarded: for=192.0.2.1, for=203.0.113.7;proto=https, for=10.0.0.9\r\n",
            "203.0.113.7 secure=true",
        ),
        // A quoted comma is none.
        ("Forwarded: for=\"192.0.2.1, for=192.0.2.2\", for=203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("Forwarded: for=192.0.2.1, for=_hidden, for=10.0.0.9\r\n", "10.0.0.9 secure=false"),
        // What is malformed further left does not matter.
        ("Forwarded: for=\"192.0.2.1, for=203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("Forwarded: \u{e9}, for=203.0.113.7;proto=https\r\n", "203.0.113.7 secure=true"),
        ("Forwarded: for=\"\r\nForwarded: for=203.0.113.7\r\n", "203.0.113.7 secure=false"),
        ("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1 secure=false"),
    ] {
        assert_eq!(who(&server, lines).await, seen, "{lines}");
    }
}

/// Counted as the proxy's own request, it would be one from this machine.
#[tokio::test]
async fn who_is_named_and_can_not_be_read_is_refused() {
    let mut config = config();
    config.trusted_proxies = vec!["127.0.0.1".into(), "10.0.0.0/8".into()];
    let server = start(config.clone()).await;
    for value in ["192.0.2.1, ", "", "unknown", "192.0.2.1, \u{e9}", "203.0.113.7, unknown, 127.0.0.1"] {
        let answer = server.get("/who", &format!("X-Forwarded-For: {value}\r\n")).await;
        assert_eq!(answer.problem(), (400, "bad_forwarded".to_owned()), "{value}");
    }
    config.proxy_headers = ProxyHeaders::Forwarded;
    let server = start(config).await;
    for value in
        ["for=192.0.2.1, for=_hidden", "proto=https", "for=192.0.2.1;for=192.0.2.2", "", "for=\"[::1]"]
    {
        let answer = server.get("/who", &format!("Forwarded: {value}\r\n")).await;
        assert_eq!(answer.problem(), (400, "bad_forwarded".to_owned()), "{value}");
    }
}

#[tokio::test]
async fn a_client_that_came_to_the_proxy_over_tls_gets_hsts() {
    let server = behind(&["127.0.0.1"]).await;
    let answer = server.get("/hello", "X-Forwarded-Proto: https\r\n").await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn a_request_is_named_by_the_server_or_a_trusted_proxy() {
    let given = "X-Request-Id: proxy-7.a_B\r\n";
    let answer = behind(&["127.0.0.1"]).await.get("/who", given).await;
    assert_eq!(answer.header("x-request-id"), Some("proxy-7.a_B"));
    assert!(answer.body.contains("id=proxy-7.a_B"), "{}", answer.body);

    let server = start(config()).await;
    let (first, second) = (server.get("/who", given).await, server.get("/who", given).await);
    let id = first.header("x-request-id").unwrap();
    assert_eq!(id.len(), 32);
    assert!(first.body.contains(id));
    assert_ne!(Some(id), second.header("x-request-id"));
}

#[tokio::test]
async fn a_name_that_could_break_a_log_line_is_not_taken() {
    let server = behind(&["127.0.0.1"]).await;
    let long = "a".repeat(65);
    for bad in ["a b", "a\"b", "ä", "", &long] {
        let answer = server.get("/who", &format!("X-Request-Id: {bad}\r\n")).await;
        assert_eq!(answer.header("x-request-id").unwrap().len(), 32, "{bad}");
    }
    let most = "a".repeat(64);
    let answer = server.get("/who", &format!("X-Request-Id: {most}\r\n")).await;
    assert_eq!(answer.header("x-request-id"), Some(most.as_str()));
}
