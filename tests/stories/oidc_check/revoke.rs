//! A client takes its tokens back.

use super::*;

async fn revoke(kit: &Kit, client_id: &str, token: &str) {
    let reply = ask(kit, client_id, "revoke", &[("token", token)]).await.expect(200);
    assert!(reply.bytes.is_empty());
}

#[tokio::test]
async fn an_access_token_ends_alone() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
        let other = tokens(&kit, "shop", "alice", &["openid"]).await;
        revoke(&kit, "shop", &held.access).await;
        revoke(&kit, "shop", &held.access).await;
        assert!(!is_good(&kit, "shop", &held.access).await);
        assert!(is_good(&kit, "shop", &other.access).await, "the other is of another grant");
        kit.get_as(&held.access, &format!("{BASE}/userinfo")).await.expect(401);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*held.refresh)];
        let again = ask(&kit, "shop", "token", &fields).await.expect(200).str("access_token");
        assert!(is_good(&kit, "shop", &again).await);
    }
}

#[tokio::test]
async fn with_a_refresh_token_ends_everything_of_its_grant() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*held.refresh)];
        let next = ask(&kit, "shop", "token", &fields).await.expect(200);
        let (access, refresh) = (next.str("access_token"), next.str("refresh_token"));
        // The one before shows as well that it is theirs.
        revoke(&kit, "shop", &held.refresh).await;
        for token in [&held.access, &access, &refresh] {
            assert!(!is_good(&kit, "shop", token).await, "{access_token:?}");
        }
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        refused(&ask(&kit, "shop", "token", &fields).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn what_is_not_theirs_nobody_takes_back_and_nobody_hears_of_it() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        register(&kit, &client("thief")).await;
        let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
        let engines = kit.login("alice").await.access_token;
        for token in
            [&held.access, &held.refresh, &held.id, &engines, "gwo_unknown", "gwr_unknown", "..", "x"]
        {
            revoke(&kit, "thief", token).await;
        }
        assert!(is_good(&kit, "shop", &held.access).await && is_good(&kit, "shop", &held.refresh).await);
        kit.get_as(&engines, "/auth/v1/me").await.expect(200);
        // A refresh token of the same grant that was never issued.
        let mut bytes =
            BASE64URL_NOPAD.decode(held.refresh.strip_prefix("gwr_").unwrap().as_bytes()).unwrap();
        bytes[20] ^= 1;
        revoke(&kit, "shop", &format!("gwr_{}", BASE64URL_NOPAD.encode(&bytes))).await;
        assert!(is_good(&kit, "shop", &held.refresh).await);
        refused(&kit.send(form_call("revoke", &[("token", &held.access)])).await, 401, "invalid_client");
        refused(&ask(&kit, "shop", "revoke", &[]).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn a_page_takes_its_tokens_back_without_a_secret() {
    let kit = Kit::memory().await;
    register(&kit, &public("page")).await;
    let access = tokens(&kit, "page", "alice", &["openid"]).await.access;
    let fields = [("client_id", "page"), ("token", access.as_str())];
    kit.send(form_call("revoke", &fields)).await.expect(200);
    kit.get_as(&access, &format!("{BASE}/userinfo")).await.expect(401);
}
