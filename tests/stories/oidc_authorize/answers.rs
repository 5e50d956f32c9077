//! How the answer reaches the client: in a query, a form or a message.

use super::*;
use data_encoding::BASE64;
use gatewright_core::HashedToken;

/// The one script of a page, and that its policy lets it run and no other.
fn script(reply: &Reply) -> String {
    let (html, policy) = (reply.text(), reply.header("content-security-policy").unwrap().to_owned());
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    let script = html.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let hash = BASE64.encode(&HashedToken::of(script.as_bytes()).0);
    assert!(policy.contains(&format!("script-src 'sha256-{hash}';")), "{policy}");
    for word in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(word), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    script.to_owned()
}

async fn answer(mode: &str, changes: &[(&str, &str)]) -> Reply {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let changes: Vec<_> = [("response_mode", mode)].into_iter().chain(changes.iter().copied()).collect();
    let name = begun(&kit, &changes).await;
    resume(&browser, &name).await.expect(200)
}

#[tokio::test]
async fn a_form_is_posted_to_the_redirect_uri_and_nowhere_else() {
    let reply = answer("form_post", &[]).await;
    let html = reply.text();
    assert!(html.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")), "{html}");
    assert!(html.contains("name=\"code\" value=\"gwc_"), "{html}");
    assert!(html.contains("name=\"state\" value=\"st&lt;a&gt;te\""), "{html}");
    assert!(html.contains(&format!("name=\"iss\" value=\"{ISSUER}\"")), "{html}");
    assert!(html.contains("<button type=\"submit\">"), "without scripts there is a button");
    script(&reply);
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action https://shop.example"), "{policy}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_message_goes_to_the_origin_of_the_redirect_uri() {
    let reply = answer("web_message", &[("state", "</script><script>alert(1)</script>\"'")]).await;
    let html = reply.text();
    assert!(html.contains("data-origin=\"https://shop.example\""), "{html}");
    assert!(html.contains("&quot;code&quot;:&quot;gwc_"), "{html}");
    let script = script(&reply);
    assert!(script.contains("postMessage(") && script.contains("d.origin"), "{script}");
    assert!(!script.contains("'*'"), "{script}");
    assert!(reply.header("content-security-policy").unwrap().ends_with("form-action 'none'"));
}

#[tokio::test]
async fn what_is_wrong_comes_the_same_way() {
    let kit = kit_with(&own_shop()).await;
    let reply = send(&kit, &[("response_mode", "form_post"), ("scope", "openid admin")]).await.expect(200);
    assert!(reply.text().contains("name=\"error\" value=\"invalid_scope\""), "{}", reply.text());
    let reply = send(&kit, &[("response_mode", "web_message"), ("prompt", "none"), ("max_age", "x")])
        .await
        .expect(200);
    assert!(reply.text().contains("&quot;error&quot;:&quot;invalid_request&quot;"), "{}", reply.text());
}
