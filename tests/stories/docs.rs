//! A client developer reads the API reference.

use kit::{Call, Kit, Reply};

async fn page(kit: &Kit, path: &str) -> Reply {
    kit.get(path).await.expect(200)
}

#[tokio::test]
async fn the_front_page_leads_to_the_reference() {
    let kit = Kit::memory().await;
    assert_eq!(kit.get("/").await.expect(307).header("location"), Some("/docs"));
    let docs = page(&kit, "/docs").await;
    assert_eq!(docs.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = docs.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http"), "{policy}");
}

#[tokio::test]
async fn all_that_the_page_loads_is_here() {
    let kit = Kit::memory().await;
    let html = page(&kit, "/docs").await.text();
    let start = page(&kit, "/docs/assets/start.js").await.text();
    let both = format!("{html}{start}");
    let wanted: Vec<&str> = both.split('"').filter(|word| word.starts_with("/docs/assets/")).collect();
    assert!(wanted.len() >= 4, "{wanted:?}");
    for path in wanted {
        let file = page(&kit, path).await;
        assert!(!file.bytes.is_empty(), "{path}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    for word in ["https://", "http://"] {
        assert!(!both.contains(word), "the page names another host");
    }
}

#[tokio::test]
async fn the_large_script_travels_packed() {
    let kit = Kit::memory().await;
    let script = page(&kit, "/docs/assets/scalar.js").await;
    assert_eq!(script.header("content-encoding"), Some("gzip"));
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.bytes[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn who_has_the_newest_version_is_not_sent_it_again() {
    let kit = Kit::memory().await;
    for path in
        ["/docs", "/docs/assets/docs.css", "/openapi.json", "/openapi.yaml", "/openapi/plugins/me.json"]
    {
        let tag = page(&kit, path).await.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "{path}: a strong tag");
        let known = kit.send(Call::get(path).header("if-none-match", &tag)).await.expect(304);
        assert!(known.bytes.is_empty() && known.header("etag") == Some(&tag), "{path}");
        kit.send(Call::get(path).header("if-none-match", "\"old\"")).await.expect(200);
        let head = kit.send(Call::new("HEAD", path)).await.expect(200);
        assert!(head.bytes.is_empty() && head.header("etag") == Some(&tag), "{path}");
    }
}

#[tokio::test]
async fn the_documents_are_the_composed_one_whole_and_in_parts() {
    let kit = Kit::memory().await;
    assert_eq!(page(&kit, "/openapi.json").await.json(), *kit.app.document());
    let yaml = page(&kit, "/openapi.yaml").await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    assert!(yaml.text().starts_with("openapi:"), "{}", &yaml.text()[..40]);

    let list = page(&kit, "/openapi/plugins.json").await.json();
    let me = list.as_array().unwrap().iter().find(|p| p["id"] == "me").unwrap();
    let part = page(&kit, me["url"].as_str().unwrap()).await.json();
    let paths: Vec<&String> = part["paths"].as_object().unwrap().keys().collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| path.starts_with("/auth/v1/me")), "{paths:?}");
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let kit = Kit::memory().await;
    for path in [
        "/openapi/plugins/nothing.json",
        "/openapi/plugins/me",
        "/docs/assets/nothing.js",
        "/docs/assets/../Cargo.toml",
        "/docs/assets/%2e%2e/Cargo.toml",
        "/docs/assets/VENDOR.md",
        "/docs/assets/",
    ] {
        let refused = kit.get(path).await.expect(404);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{path}");
    }
}
