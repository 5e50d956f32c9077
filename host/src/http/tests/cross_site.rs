//! What pages of other sites may do where an operation is open to them.

use super::super::CertificateHeader;
use super::kit::{Answer, Server, config, start};

const EVIL: &str = "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
const OWN: &str = "Origin: http://id.example\r\n";

async fn send(server: &Server, method: &str, path: &str, lines: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: id.example\r\nContent-Length: 0\r\n{lines}\r\n");
    server.ask(&request).await
}

#[tokio::test]
async fn cookies_of_a_browser_do_not_come_with_a_request_of_another_site() {
    let server = start(config()).await;
    let basic = "Authorization: Basic abc\r\n";
    for (method, path, lines, said) in [
        ("POST", "/form", format!("Cookie: a=b\r\n{OWN}"), "cookie=true password=false certificates=0"),
        ("POST", "/form", "Cookie: a=b\r\n".to_owned(), "cookie=true password=false certificates=0"),
        ("POST", "/form", format!("Cookie: a=b\r\n{EVIL}"), "cookie=false password=false certificates=0"),
        (
            "POST",
            "/form",
            "Cookie: a=b\r\nOrigin: null\r\n".to_owned(),
            "cookie=false password=false certificates=0",
        ),
        (
            "POST",
            "/form",
            format!("Cookie: a=b\r\nCookie: c=d\r\n{EVIL}"),
            "cookie=false password=false certificates=0",
        ),
        (
            "POST",
            "/shared",
            format!("Cookie: a=b\r\n{basic}{EVIL}"),
            "cookie=false password=true certificates=0",
        ),
        ("POST", "/shared", format!("{basic}{EVIL}"), "cookie=false password=true certificates=0"),
        ("GET", "/shared", format!("Cookie: a=b\r\n{EVIL}"), "cookie=false password=false certificates=0"),
        ("GET", "/shared", format!("Cookie: a=b\r\n{OWN}"), "cookie=true password=false certificates=0"),
        // What is not open stays as it was.
        ("GET", "/form", format!("Cookie: a=b\r\n{EVIL}"), "cookie=true password=false certificates=0"),
    ] {
        let answer = send(&server, method, path, &lines).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, said), "{method} {path} {lines}");
    }
    for (method, path) in [("PUT", "/form"), ("DELETE", "/shared"), ("POST", "/hello")] {
        let answer = send(&server, method, path, &format!("Cookie: a=b\r\n{EVIL}")).await;
        assert_eq!(answer.problem(), (403, "cross_site".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn the_certificate_of_a_browser_does_not_come_either() {
    let mut config = config();
    config.trusted_proxies = vec!["127.0.0.1".into()];
    config.client_certificate_header = Some(CertificateHeader::Rfc9440);
    let server = start(config).await;
    for (origin, count) in [(OWN, 1), (EVIL, 0)] {
        let answer = send(&server, "POST", "/shared", &format!("Client-Cert: :MAA=:\r\n{origin}")).await;
        assert_eq!(answer.body, format!("cookie=false password=false certificates={count}"), "{origin}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told() {
    let server = start(config()).await;
    let asking = |method: &str| format!("{EVIL}Access-Control-Request-Method: {method}\r\n");
    let told = send(&server, "OPTIONS", "/shared", &asking("POST")).await;
    assert_eq!((told.status, told.body.as_str()), (204, ""));
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "Authorization, Content-Type, DPoP"),
        ("access-control-max-age", "7200"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(told.header(name), Some(value), "{name}");
    }
    assert_eq!(told.header("access-control-allow-credentials"), None);
    for (path, method) in [("/shared", "DELETE"), ("/form", "POST"), ("/hello", "GET"), ("/nowhere", "GET")] {
        let answer = send(&server, "OPTIONS", path, &asking(method)).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("access-control-allow-methods"), None, "{path}");
    }
}

/// Else a script learns nothing of why.
#[tokio::test]
async fn what_the_door_refuses_is_seen_where_the_operation_is() {
    let server = start(config()).await;
    let large = "Content-Length: 999999999\r\n";
    for (path, seen) in [("/shared", Some("*")), ("/echo", None)] {
        let request = format!("POST {path} HTTP/1.1\r\nHost: id.example\r\n{large}{EVIL}\r\n");
        let answer = server.ask(&request).await;
        assert_eq!(answer.status, 413, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), seen, "{path}");
    }
}
