//! What stands in the form, and under which path it is sent.

use super::*;
use gatewright_oauth::client::EntraFlow;

const PATHS: [&str; 3] = ["/api/oidc/token", TOKEN, "/api/oidc/default/oauth2/token"];

#[tokio::test]
async fn the_three_paths_are_one() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let secret = secret("shop");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "shop"),
        ("client_secret", &*secret),
        ("tenant_id", "default"),
    ];
    for path in PATHS {
        let reply = form(&kit, path, &fields).await.expect(200);
        assert_eq!(claims(&kit, &reply.str("access_token")).await.1["iss"], ISSUER, "{path}");
    }
    let elsewhere: Vec<_> =
        fields.iter().map(|(n, v)| if *n == "tenant_id" { (*n, "nowhere") } else { (*n, *v) }).collect();
    form(&kit, PATHS[0], &elsewhere).await.expect(404);
    form(&kit, "/api/oidc/nowhere/token", &fields).await.expect(404);
}

#[tokio::test]
async fn what_every_request_has_is_missed_in_the_words_of_the_contract() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    for path in PATHS {
        let reply = form(&kit, path, &[("scope", "openid")]).await.expect(422);
        let mut missing: Vec<String> = Vec::new();
        for one in reply.json()["detail"].as_array().expect("a list") {
            missing.push(one["loc"][1].as_str().unwrap().to_owned());
            assert_eq!(one["loc"][0], "body");
        }
        let expected = ["grant_type", "client_id", "tenant_id"];
        assert_eq!(missing, expected[..if path == PATHS[0] { 3 } else { 2 }]);
    }
    // Who is named in the header need not be named in the form.
    let basic = data_encoding::BASE64.encode(format!("shop:{}", secret("shop")).as_bytes());
    let call = form_call(TOKEN, &[("grant_type", "password"), ("username", "ada")]);
    let reply = kit.send(call.header("authorization", &format!("Basic {basic}"))).await;
    refused(&reply, 400, "unsupported_grant_type");
}

#[tokio::test]
async fn everything_else_is_refused_in_the_words_of_oauth() {
    let kit = Kit::memory().await;
    let entra = EntraFlow { issuer: "https://login.microsoftonline.com/t/v2.0".into() };
    register(&kit, &shop()).await;
    register(&kit, &Client { entra: Some(entra), ..depot() }).await;
    for word in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "<script>",
        "Client_Credentials",
    ] {
        refused(&ask(&kit, "shop", &[("grant_type", word)]).await, 400, "unsupported_grant_type");
    }
    refused(&ask(&kit, "depot", &[("grant_type", "client_credentials")]).await, 400, "unauthorized_client");
    let wrong = [("grant_type", "client_credentials"), ("client_id", "shop"), ("client_secret", "wrong")];
    let unknown = [("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "wrong")];
    let (wrong, unknown) = (form(&kit, TOKEN, &wrong).await, form(&kit, TOKEN, &unknown).await);
    refused(&wrong, 401, "invalid_client");
    assert_eq!(wrong.text(), unknown.text(), "nobody learns who there is");
    let twice = [("grant_type", "client_credentials"), ("scope", "stock.read"), ("scope", "stock.read")];
    refused(&ask(&kit, "shop", &twice).await, 400, "invalid_request");
    for missing in ["authorization_code", "refresh_token"] {
        refused(&ask(&kit, "shop", &[("grant_type", missing)]).await, 400, "invalid_request");
    }
    let json = serde_json::json!({"grant_type": "client_credentials", "client_id": "shop"});
    refused(&kit.post(TOKEN, &json).await, 400, "invalid_request");
    let long = "x".repeat(200_000);
    let reply = ask(&kit, "shop", &[("grant_type", "refresh_token"), ("refresh_token", &long)]).await;
    assert!(matches!(reply.status.as_u16(), 400 | 413), "{}", reply.text());
}
