//! The paths of the vault contract, whose tenant is that of the hint; and what scripts of other sites may call.

use super::{BYE, Call, LogoutUris, Store, app, form, house, id_token, is_in, location, logged_in, register};
use serde_json::Value;

const PATH: &str = "/api/oidc/logout";

#[tokio::test]
async fn by_link() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    let missing = browser.get(PATH).await.expect(422);
    assert!(
        missing.json()["detail"].is_array() || missing.json()["detail"].is_string(),
        "{}",
        missing.text()
    );
    for empty in ["", "null"] {
        let asked = browser.get(&format!("{PATH}?id_token_hint={empty}")).await.expect(302);
        assert!(location(&asked).starts_with("/ui/default/logout"), "{}", location(&asked));
        // Nobody is there: nothing has to end.
        let reply = kit.get(&format!("{PATH}?id_token_hint={empty}")).await.expect(200);
        assert_eq!((reply.json(), reply.text().as_str()), (Value::Null, "null"));
    }
    let foreign =
        super::encoded(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")]);
    let refused = browser.get(&format!("{PATH}?{foreign}")).await.expect(400);
    assert_eq!((refused.str("error").as_str(), refused.header("location")), ("invalid_request", None));
    browser.get(&format!("{PATH}?id_token_hint=a.b.c")).await.expect(400);
    assert!(is_in(&browser).await);
    let wish = super::encoded(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "s")]);
    let reply = browser.get(&format!("{PATH}?{wish}")).await.expect(302);
    assert_eq!(location(&reply), format!("{BYE}&state=s"));
    assert!(!is_in(&browser).await);
}

#[tokio::test]
async fn by_form() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    kit.send(form(PATH, &[("state", "x")])).await.expect(422);
    for bad in ["", "null", "a.b.c"] {
        let refused =
            browser.send(form(PATH, &[("id_token_hint", bad)]).header("origin", "http://id.example")).await;
        assert_eq!(refused.expect(401).str("error"), "invalid_token", "{bad}");
    }
    let foreign = [("id_token_hint", &*hint), ("post_logout_redirect_uri", "https://evil.example/")];
    kit.send(form(PATH, &foreign)).await.expect(400);
    assert!(is_in(&browser).await);
    let reply = kit.send(form(PATH, &[("id_token_hint", &hint)])).await.expect(200);
    assert_eq!(reply.text(), "null");
    assert!(!is_in(&browser).await);
}

/// Scripts of any site may ask for tokens and keys, and none may log anybody out unseen.
#[tokio::test]
async fn what_scripts_of_other_sites_may_call() {
    let kit = house(Store::Memory).await;
    let base = "/api/oidc/default";
    for (method, path, open) in [
        ("GET", format!("{base}/.well-known/jwks"), true),
        ("GET", format!("{base}/.well-known/openid-configuration"), true),
        ("POST", format!("{base}/token"), true),
        ("POST", "/api/oidc/token".to_owned(), true),
        ("POST", format!("{base}/oauth2/token"), true),
        ("GET", format!("{base}/userinfo"), true),
        ("POST", format!("{base}/userinfo"), true),
        ("POST", format!("{base}/revoke"), true),
        ("POST", format!("{base}/device_authorization"), true),
        ("POST", format!("{base}/register"), true),
        ("POST", format!("{base}/introspect"), false),
        ("GET", format!("{base}/authorize"), false),
        ("POST", format!("{base}/authorize"), false),
        ("POST", format!("{base}/logout"), false),
        ("POST", "/auth/v1/login".to_owned(), false),
    ] {
        let ask = Call::new("OPTIONS", &path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "authorization,dpop");
        let reply = kit.send(ask).await;
        let told = (reply.status.as_u16() == 204, reply.header("access-control-allow-origin"));
        assert_eq!(told, (open, open.then_some("*")), "{method} {path}: {}", reply.status);
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
    let keys = kit.send(Call::get(&format!("{base}/.well-known/jwks"))).await.expect(200);
    assert_eq!(keys.header("access-control-allow-origin"), Some("*"), "also where nobody asks: it is kept");
    // A form with a browser's cookies is taken where it may come from anywhere, and the cookies stay outside.
    for (path, open) in [
        (format!("{base}/authorize"), true),
        (format!("{base}/token"), true),
        (format!("{base}/par"), true),
        (format!("{base}/introspect"), true),
        (format!("{base}/revoke"), true),
        (format!("{base}/logout"), true),
        (PATH.to_owned(), true),
        ("/auth/v1/login".to_owned(), false),
    ] {
        let call = form(&path, &[("x", "y")])
            .header("origin", "https://app.example")
            .header("cookie", "gatewright_session=x");
        let refused = kit.send(call).await.status.as_u16() == 403;
        assert_eq!(refused, !open, "{path}");
    }
}
