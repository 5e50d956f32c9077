//! In the words of the vault contract.

use super::{ask, default_tenant, grant, grants, is_let_in};
use kit::{Call, Kit};
use serde_json::{Value, json};

const CLIENTS: &str = "/api/oidc/clients";
const ALL: &str = "/api/oidc/clients?tenant_id=default";

fn shop() -> Value {
    json!({
        "client_id": "shop",
        "name": "Shop",
        "tenant_id": "default",
        "redirect_uris": ["https://shop.example/callback"],
        "post_logout_redirect_uri": ["https://shop.example/"],
        "op_policy_url": "https://shop.example/policy",
        "register_enable": true,
    })
}

#[tokio::test]
async fn a_client_is_made_with_200_and_its_secret_is_shown_once() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let made = kit.post_as(&root, CLIENTS, &shop()).await.expect(200);
    let secret = made.str("client_secret");
    let body = made.json();
    assert_eq!((&body["sing_alg"], &body["client_type"]), (&json!("EdDSA"), &json!("confidential")));
    assert_eq!(body["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(body["allowed_scopes"], json!(["openid", "profile", "email"]));
    assert_eq!(body["post_logout_redirect_uri"], json!(["https://shop.example/"]));
    assert_eq!((&body["is_lock"], &body["register_enable"]), (&json!(false), &json!(true)));
    let kept = kit.app.provider.client(&default_tenant(), "shop").await.unwrap().unwrap();
    assert!(kept.is_secret(&secret, kit.now()));

    let list = kit.get_as(&root, ALL).await.expect(200);
    assert!(!list.text().contains("gwcs_") && list.json()["clients"][0].get("client_secret").is_none());
    assert_eq!(list.json()["clients"].as_array().unwrap().len(), 1);
    let beyond = kit.get_as(&root, &format!("{ALL}&skip=1")).await.expect(200).json();
    assert_eq!(beyond["clients"], json!([]));
    kit.post_as(&root, CLIENTS, &shop()).await.expect(409);
}

#[tokio::test]
async fn what_is_left_out_takes_its_default_and_what_has_no_word_stays() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let secret = kit.post_as(&root, CLIENTS, &shop()).await.expect(200).str("client_secret");
    let native = "/auth/v1/tenants/default/clients/shop";
    let mut settings = kit.get_as(&root, native).await.expect(200).json()["settings"].clone();
    settings["auth_method"] = json!("client_secret_basic");
    settings["require_pushed_requests"] = json!(true);
    settings["algorithm"] = json!("ES256");
    ask(&kit, &root, "PUT", native, settings).await.expect(200);

    let other = json!({
        "client_id": "shop", "name": "Shop 2", "tenant_id": "default",
        "redirect_uris": ["https://shop.example/callback"], "client_secret": secret,
    });
    let done = ask(&kit, &root, "PUT", "/api/oidc/clients/shop", other).await.expect(200);
    assert_eq!(done.text(), "null");
    let now = kit.get_as(&root, native).await.expect(200).json()["settings"].clone();
    assert_eq!((&now["name"], &now["require_pushed_requests"]), (&json!("Shop 2"), &json!(true)));
    assert_eq!((&now["auth_method"], &now["algorithm"]), (&json!("client_secret_basic"), &json!("ES256")));
    assert_eq!(now["about"].get("policy_uri"), None, "left out: gone");
    assert_eq!(now["logout"]["redirect_uris"], json!([]));
    assert!(is_let_in(&kit, "shop", &secret).await);
    let listed = kit.get_as(&root, ALL).await.json()["clients"][0].clone();
    assert_eq!(listed.get("token_endpoint_auth_method"), None, "the contract has no word for basic");
}

#[tokio::test]
async fn nobody_chooses_a_secret_and_the_path_names_the_client() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let mut chosen = shop();
    chosen["client_secret"] = json!("correct horse battery staple");
    let said = kit.post_as(&root, CLIENTS, &chosen).await.expect(422);
    assert!(
        said.json()["detail"][0]["msg"].as_str().unwrap().contains("made by the server"),
        "{}",
        said.text()
    );
    assert!(!said.text().contains("horse"));
    kit.post_as(&root, CLIENTS, &shop()).await.expect(200);
    ask(&kit, &root, "PUT", "/api/oidc/clients/shop", chosen).await.expect(422);
    ask(&kit, &root, "PUT", "/api/oidc/clients/other", shop()).await.expect(422);
    let mut elsewhere = shop();
    elsewhere["tenant_id"] = json!("nowhere");
    ask(&kit, &root, "PUT", "/api/oidc/clients/shop", elsewhere).await.expect(404);
    let mut unknown = shop();
    unknown["client_id"] = json!("unknown");
    ask(&kit, &root, "PUT", "/api/oidc/clients/unknown", unknown).await.expect(404);
}

#[tokio::test]
async fn a_public_client_has_no_secret_and_an_entra_client_signs_with_rsa() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let mut page = shop();
    page["client_type"] = json!("public");
    page["token_endpoint_auth_method"] = json!("client_secret_post");
    let made = kit.post_as(&root, CLIENTS, &page).await.expect(200).json();
    assert_eq!((made.get("client_secret"), &made["auth_method"]), (None, &json!("none")));
    let entra = json!({
        "client_id": "5f3b1b0e-0000-4222-8333-444455556666", "name": "Entra", "tenant_id": "default",
        "flow": {
            "type": "microsoft-mfa",
            "issuer": "https://login.microsoftonline.com/5f3b1b0e-1111-4222-8333-444455556666/v2.0",
        },
    });
    let made = kit.post_as(&root, CLIENTS, &entra).await.expect(200).json();
    assert_eq!(made["sing_alg"], "RS256", "though the default is EdDSA");
    assert_eq!(made["redirect_uris"].as_array().unwrap().len(), 3);
    let mut wrong = entra.clone();
    wrong["client_id"] = json!("other");
    wrong["redirect_uris"] = json!(["https://shop.example/callback"]);
    kit.post_as(&root, CLIENTS, &wrong).await.expect(422);
}

#[tokio::test]
async fn everybody_may_know_what_a_login_page_shows_and_nothing_else() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let mut scripted = shop();
    scripted["name"] = json!("<script>alert(1)</script>");
    kit.post_as(&root, CLIENTS, &scripted).await.expect(200);
    let shown = kit.get("/api/oidc/client?client_id=shop&tenant_id=default").await.expect(200);
    assert_eq!(shown.json()["name"], "<script>alert(1)</script>", "as JSON it is only text");
    assert_eq!(shown.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(shown.json()["op_policy_url"], "https://shop.example/policy");
    for secret in ["secret", "callback", "redirect", "hash"] {
        assert!(!shown.text().contains(secret), "{}", shown.text());
    }
    let both = kit.get("/api/oidc/client-tenant?client_id=shop&tenant_id=default").await.expect(200).json();
    assert_eq!(both["client"]["client_id"], "shop");
    assert_eq!((&both["tenant"]["patter_size"], &both["tenant"]["pin_size"]), (&json!(3), &json!(6)));
    assert_eq!(both["tenant"].get("is_2fa"), None);
    for path in
        ["client_id=none&tenant_id=default", "client_id=shop&tenant_id=none", "client_id=shop&tenant_id=%00"]
    {
        kit.get(&format!("/api/oidc/client?{path}")).await.expect(404);
    }
    let missing = kit.get("/api/oidc/client?client_id=shop").await.expect(422).json();
    assert!(missing["detail"].is_array(), "{missing}");
}

#[tokio::test]
async fn what_people_gave_it_ends_when_it_is_switched_off_here_too() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    kit.post_as(&root, CLIENTS, &shop()).await.expect(200);
    grant(&kit, "shop", 7).await;
    let mut off = shop();
    off["disabled"] = json!(true);
    ask(&kit, &root, "PUT", "/api/oidc/clients/shop", off).await.expect(200);
    assert!(grants(&kit).await.is_empty());
    let odd = Call::new("PUT", "/api/oidc/clients/shop").bearer(&root).raw("text/plain", b"{}".to_vec());
    kit.send(odd).await.expect(422);
}
