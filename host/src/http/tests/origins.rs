//! Who may change something with a browser's cookies.

use super::kit::{Server, config, start};

const COOKIE: &str = "Cookie: session=1\r\n";

async fn post(server: &Server, lines: &str) -> u16 {
    let answer = server.post(lines).await;
    if answer.status == 403 {
        assert_eq!(answer.problem().1, "cross_site");
    }
    answer.status
}

#[tokio::test]
async fn pages_of_other_sites_can_not_use_the_cookies_of_a_browser() {
    let server = start(config()).await;
    for (lines, status) in [
        ("Origin: http://id.example\r\n", 200),
        ("Origin: http://ID.example:80\r\n", 200),
        ("Origin: http://id.example\r\nSec-Fetch-Site: same-origin\r\n", 200),
        // Another scheme or port is another origin (RFC 6454 section 5), and so is a neighbour.
        ("Origin: https://id.example\r\n", 403),
        ("Origin: http://id.example:8080\r\n", 403),
        ("Origin: http://app.id.example\r\n", 403),
        ("Origin: http://id.example.evil.example\r\n", 403),
        ("Origin: https://evil.example\r\n", 403),
        ("Origin: \r\n", 403),
        ("Origin: http://id.example/\r\n", 403),
        ("Origin: http://id.example\r\nOrigin: http://id.example\r\n", 403),
        // A sandboxed frame or a redirect from elsewhere; our own form under `no-referrer`.
        ("Origin: null\r\n", 403),
        ("Origin: null\r\nSec-Fetch-Site: cross-site\r\n", 403),
        ("Origin: null\r\nSec-Fetch-Site: same-site\r\n", 403),
        ("Origin: null\r\nSec-Fetch-Site: same-origin\r\n", 200),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Sec-Fetch-Site: same-origin\r\n", 200),
        ("Sec-Fetch-Site: none\r\n", 200),
        // Not a browser.
        ("", 200),
    ] {
        assert_eq!(post(&server, &format!("{COOKIE}{lines}")).await, status, "{lines}");
    }
}

#[tokio::test]
async fn what_a_browser_adds_by_itself_counts_like_a_cookie() {
    let server = start(config()).await;
    let evil = "Origin: https://evil.example\r\n";
    for (lines, status) in [
        ("", 200),
        ("Authorization: Bearer abc\r\n", 200),
        ("Authorization: Basic abc\r\n", 403),
        ("Authorization: bAsIc abc\r\n", 403),
        ("Authorization: Negotiate abc\r\n", 403),
    ] {
        assert_eq!(post(&server, &format!("{lines}{evil}")).await, status, "{lines}");
    }
}

#[tokio::test]
async fn safe_methods_may_come_from_anywhere() {
    let server = start(config()).await;
    let lines = "Cookie: a=b\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    assert_eq!(server.get("/hello", lines).await.status, 200);
    for method in ["PUT", "DELETE", "PATCH", "BREW"] {
        let request = format!("{method} /hello HTTP/1.1\r\nHost: id.example\r\n{lines}\r\n");
        assert_eq!(server.ask(&request).await.status, 403, "{method}");
    }
}

#[tokio::test]
async fn configured_origins_and_the_public_url_are_known() {
    let mut config = config();
    config.public_url = Some("https://id.example/auth".into());
    config.allowed_origins = vec!["https://app.example:8443".into()];
    let server = start(config).await;
    for (origin, status) in [
        ("https://id.example", 200),
        ("https://app.example:8443", 200),
        ("https://APP.example:8443", 200),
        ("https://app.example", 403),
        ("http://app.example:8443", 403),
        ("https://id.example:444", 403),
    ] {
        assert_eq!(post(&server, &format!("{COOKIE}Origin: {origin}\r\n")).await, status, "{origin}");
    }
}

#[tokio::test]
async fn behind_a_proxy_the_scheme_is_what_the_proxy_says() {
    let mut config = config();
    config.trusted_proxies = vec!["127.0.0.1".into()];
    let server = start(config).await;
    let https = "X-Forwarded-Proto: https\r\n";
    assert_eq!(post(&server, &format!("{COOKIE}{https}Origin: https://id.example\r\n")).await, 200);
    assert_eq!(post(&server, &format!("{COOKIE}{https}Origin: http://id.example\r\n")).await, 403);
}
