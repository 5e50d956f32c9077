//! A device gets tokens when its person has allowed it, once.

use super::*;
use gatewright_core::Origin;
use std::time::Duration;

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");

#[tokio::test]
async fn a_device_that_was_allowed_gets_tokens_once_and_they_end_with_the_session() {
    let kit = Kit::memory().await;
    for client in [shop(), depot()] {
        register(&kit, &client).await;
    }
    kit.person("ada").await;
    let secret = secret("shop");
    let fields = [("client_id", "shop"), ("client_secret", &*secret), ("scope", "openid profile")];
    let shown = form(&kit, "/api/oidc/default/device_authorization", &fields).await.expect(200);
    let code = shown.str("device_code");
    let asking = [GRANT, ("device_code", &*code)];
    refused(&ask(&kit, "shop", &asking).await, 400, "authorization_pending");
    refused(&ask(&kit, "shop", &asking).await, 400, "slow_down");
    let token = PlainToken::received(&kit.login("ada").await.access_token).unwrap();
    let caller = kit.app.engine.check(&token, None).await.unwrap();
    let (provider, origin) = (&kit.app.provider, Origin::local("kit"));
    provider.device_decide(&tenant_id(), &shown.str("user_code"), &caller, true, &origin).await.unwrap();
    kit.advance(Duration::from_secs(20));
    refused(&ask(&kit, "depot", &asking).await, 400, "invalid_grant");
    let reply = ask(&kit, "shop", &asking).await.expect(200);
    let (_, id) = claims(&kit, &reply.str("id_token")).await;
    assert_eq!(id["sub"], caller.session.person.to_string());
    assert_eq!(outcomes(&kit, "grant.begun").await, ["success"]);
    refused(&ask(&kit, "shop", &asking).await, 400, "invalid_grant");
    let next = refresh(&kit, "shop", &reply.str("refresh_token")).await.expect(200);
    kit.app.engine.store().commit(vec![Write::SessionDelete(caller.session.id)]).await.unwrap();
    refused(&refresh(&kit, "shop", &next.str("refresh_token")).await, 400, "invalid_grant");
}
