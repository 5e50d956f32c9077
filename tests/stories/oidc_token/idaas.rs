//! An application that lets its people log in by itself, as the vendor's SDK does.

use super::*;

const IN_APP: &str = "/api/oidc/default/authorizejwt";

/// What names the request.
async fn asked(kit: &Kit, client_id: &str) -> String {
    let fields = [
        ("client_id", client_id),
        ("scope", "openid profile"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    form(kit, IN_APP, &fields).await.expect(200).str("authRequestKey")
}

async fn come(kit: &Kit, client_id: &str, (key, verifier, jwt): (&str, &str, &str)) -> Reply {
    let fields = [("grant_type", "jwt_idaas"), ("code", key), ("jwt", jwt), ("code_verifier", verifier)];
    ask(kit, client_id, &fields).await
}

#[tokio::test]
async fn a_finished_login_becomes_tokens_once() {
    let kit = Kit::memory().await;
    register(&kit, &page()).await;
    let ada = kit.person("ada").await;
    let key = asked(&kit, "page").await;
    let jwt = kit.login("ada").await.access_token;
    let reply = come(&kit, "page", (&key, VERIFIER, &jwt)).await.expect(200);
    let (_, id) = claims(&kit, &reply.str("id_token")).await;
    assert_eq!((&id["sub"], &id["nonce"]), (&ada.id.to_string().into(), &"n-1".into()));
    assert_eq!((&id["aud"], &id["acr"]), (&"page".into(), &"aal1".into()));
    assert!(grant_lives(&kit, &reply.str("access_token")).await);
    refused(&come(&kit, "page", (&key, VERIFIER, &jwt)).await, 400, "invalid_grant");
}

#[tokio::test]
async fn of_two_at_the_same_time_one_gets_tokens() {
    let kit = Arc::new(Kit::sqlite().await);
    register(&kit, &page()).await;
    kit.person("ada").await;
    let jwt = kit.login("ada").await.access_token;
    let key = asked(&kit, "page").await;
    let tries = (0..4).map(|_| {
        let (kit, key, jwt) = (kit.clone(), key.clone(), jwt.clone());
        async move { come(&kit, "page", (&key, VERIFIER, &jwt)).await }
    });
    let replies = crate::stories::parallel::all(tries).await;
    assert_eq!(crate::stories::parallel::count(&replies, 200), 1);
}

#[tokio::test]
async fn what_is_not_a_login_or_not_this_request_is_refused() {
    let kit = Kit::memory().await;
    for client in [shop(), page()] {
        register(&kit, &client).await;
    }
    kit.person("ada").await;
    let login = kit.login("ada").await;
    let jwt = login.access_token.as_str();
    let key = asked(&kit, "page").await;
    let other = VERIFIER.replace('d', "e");
    refused(&come(&kit, "page", (&key, &other, jwt)).await, 400, "invalid_grant");
    refused(&come(&kit, "page", (&key, CHALLENGE, jwt)).await, 400, "invalid_grant");
    refused(&come(&kit, "shop", (&key, VERIFIER, jwt)).await, 400, "invalid_grant");
    refused(
        &come(&kit, "page", ("gwj_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", VERIFIER, jwt)).await,
        400,
        "invalid_grant",
    );
    for bad in [&*login.session_token, "nonsense", &key] {
        refused(&come(&kit, "page", (&key, VERIFIER, bad)).await, 400, "invalid_grant");
    }
    refused(&come(&kit, "page", (&key, "", jwt)).await, 400, "invalid_request");
    // What an application got for her is no login of hers.
    let code = Agreed::again(&kit, "ada", "shop", &["openid"]).await.code(&kit).await;
    let token = redeem(&kit, "shop", &code).await.expect(200).str("access_token");
    refused(&come(&kit, "page", (&key, VERIFIER, &token)).await, 400, "invalid_grant");
    let ended = kit.login("ada").await.access_token;
    let session =
        kit.app.engine.check(&PlainToken::received(&ended).unwrap(), None).await.unwrap().session.id;
    kit.app.engine.store().commit(vec![Write::SessionDelete(session)]).await.unwrap();
    refused(&come(&kit, "page", (&key, VERIFIER, &ended)).await, 400, "invalid_grant");
    come(&kit, "page", (&key, VERIFIER, jwt)).await.expect(200);
    let key = asked(&kit, "page").await;
    kit.advance(std::time::Duration::from_secs(600));
    refused(
        &come(&kit, "page", (&key, VERIFIER, &kit.login("ada").await.access_token)).await,
        400,
        "invalid_grant",
    );
}
