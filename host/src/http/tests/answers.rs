//! What every answer has, and what is answered where no handler answers.

use super::kit::{config, start};

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = start(config()).await;
    for path in ["/hello", "/nothing", "/panic"] {
        let answer = server.get(path, "").await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(
            answer.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("strict-transport-security"), None, "over plain HTTP it means nothing");
        assert_eq!(answer.header("x-request-id").unwrap().len(), 32);
    }
}

#[tokio::test]
async fn a_handler_may_set_its_own_policy_for_content_and_caching() {
    let server = start(config()).await;
    let answer = server.get("/own", "").await;
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'self'"));
    assert_eq!(answer.header("cache-control"), Some("max-age=60"));
    assert_eq!(answer.head.to_ascii_lowercase().matches("cache-control").count(), 1);
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let server = start(config()).await;
    assert_eq!(server.get("/nothing", "").await.problem(), (404, "not_found".into()));
    let answer = server.get("/echo", "").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".into()));
    assert_eq!(answer.header("allow"), Some("POST, PUT"));
    assert_eq!(server.get("/teapot", "").await.problem(), (418, "im_a_teapot".into()));
}

#[tokio::test]
async fn an_error_inside_is_told_without_detail() {
    let server = start(config()).await;
    let answer = server.get("/fail", "").await;
    assert_eq!(answer.problem(), (500, "internal_error".into()));
    assert!(!answer.body.contains("4711"), "{}", answer.body);
}

#[tokio::test]
async fn an_error_that_is_a_whole_answer_passes_as_it_is() {
    let server = start(config()).await;
    let answer = server.get("/shaped", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "taken"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    let answer = server.get("/dialect", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, r#"{"errorCode":7}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_panic_costs_one_request_and_not_the_connection() {
    let server = start(config()).await;
    let mut client = server.connect().await;
    client.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.problem(), (500, "internal_error".into()));
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "hello");
}

#[tokio::test]
async fn head_and_options_are_answered() {
    let server = start(config()).await;
    let mut client = server.connect().await;
    for (request, status) in [
        ("HEAD /hello", 200),
        ("HEAD /nothing", 404),
        ("HEAD /panic", 500),
        ("OPTIONS /echo", 405),
        ("OPTIONS /nothing", 404),
    ] {
        client.send(&format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        // A body after HEAD would be taken for the next answer.
        let head_only = request.starts_with("HEAD");
        let answer = if head_only { client.head().await } else { client.answer().await };
        assert_eq!(answer.status, status, "{request}");
    }
    assert_eq!(server.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn methods_that_make_a_server_a_proxy_or_a_mirror_are_not_implemented() {
    let server = start(config()).await;
    assert_eq!(server.ask("TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 501);
    assert_eq!(server.ask("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").await.status, 501);
}

#[tokio::test]
async fn the_host_must_be_one_and_well_formed() {
    let server = start(config()).await;
    for (lines, status) in [
        ("GET /hello HTTP/1.1\r\nHost: id.example:8443\r\n\r\n", 200),
        ("GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
        ("GET http://id.example/hello HTTP/1.1\r\nHost: id.example\r\n\r\n", 200),
        ("GET /hello HTTP/1.0\r\n\r\n", 200),
        ("GET /hello HTTP/1.1\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a:\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nHost: [::g]\r\n\r\n", 400),
        ("GET http://id.example/hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        ("GET http://a@id.example/hello HTTP/1.1\r\nHost: id.example\r\n\r\n", 400),
    ] {
        assert_eq!(server.ask(lines).await.status, status, "{lines}");
    }
}

#[tokio::test]
async fn targets_have_a_length() {
    let server = start(config()).await;
    let long = "q".repeat(8 * 1024);
    assert_eq!(server.get(&format!("/hello?{long}"), "").await.problem(), (414, "uri_too_long".into()));
    assert_eq!(server.get(&format!("/hello?{}", &long[10..]), "").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_method_route_and_status() {
    let server = start(config()).await;
    server.get("/hello", "").await;
    server.get("/hello", "").await;
    server.get("/nothing?secret=1", "").await;
    server.ask("BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.get("/teapot", "").await;
    let text = server.metrics.render();
    for line in [
        r#"gatewright_http_requests_total{method="GET",route="/teapot",status="418"} 1"#,
        r#"gatewright_http_requests_total{method="GET",route="/hello",status="200"} 2"#,
        r#"gatewright_http_requests_total{method="GET",route="-",status="404"} 1"#,
        r#"gatewright_http_requests_total{method="OTHER",route="-",status="405"} 1"#,
        r#"gatewright_http_request_seconds_count{route="/hello"} 2"#,
        "gatewright_http_refused_connections_total 0",
        "process_start_time_seconds 1000",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
    }
    assert!(!text.contains("secret") && !text.contains("BREW"));
}
