//! Applications that are told in a frame of the page.

use super::{BYE, Call, LogoutUris, Store, app, house, id_token, log_out, logged_in, register};

#[tokio::test]
async fn the_page_loads_those_that_knew_the_session() {
    let kit = house(Store::Sqlite).await;
    let framed = |uri: &str, needs| LogoutUris {
        front_channel: Some(uri.to_owned()),
        front_channel_session: needs,
        ..LogoutUris::default()
    };
    register(&kit, &app("shop", framed("https://shop.example/out?x=<b>", true))).await;
    register(&kit, &app("depot", framed("https://depot.example:8443/out", false))).await;
    register(&kit, &app("stranger", framed("https://stranger.example/out", false))).await;
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    id_token(&browser, &kit, "depot").await;
    let sid = super::claims(&hint)["sid"].as_str().unwrap().to_owned();
    let wish = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE)];
    let page = log_out(&browser, &wish).await.expect(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.ends_with("frame-src https://depot.example:8443 https://shop.example"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("refresh").unwrap(), format!("3; url={BYE}"));
    let html = page.text();
    let iss = "iss=http%3A%2F%2Flocalhost%3A8080%2Fapi%2Foidc%2Fdefault";
    assert!(
        html.contains(&format!("src=\"https://shop.example/out?x=%3Cb%3E&amp;{iss}&amp;sid={sid}\"")),
        "{html}"
    );
    assert!(html.contains("src=\"https://depot.example:8443/out\"") && !html.contains("stranger"), "{html}");
    assert_eq!(browser.cookie("gatewright_session"), None);
}

#[tokio::test]
async fn somebody_who_looks_gets_a_page() {
    let kit = house(Store::Memory).await;
    let page = kit.send(Call::get(super::LOGOUT).header("accept", "text/html,*/*;q=0.8")).await.expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.header("content-security-policy").unwrap().ends_with("frame-src 'none'"));
}
