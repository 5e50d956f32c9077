//! Clients that register themselves.

use super::{ask, is_let_in, noted};
use kit::{Call, Kit, Reply, Store};
use serde_json::{Value, json};

const REGISTER: &str = "/api/oidc/default/register";
const ON: &str = "[login.oidc]\nregistration = \"token\"\n";

async fn house() -> (Kit, String) {
    let kit = Kit::with(Store::Memory).config(ON).start().await;
    let token = kit.administrator().await;
    (kit, token)
}

fn metadata() -> Value {
    json!({
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid email",
        "tls_client_auth_san_uri": null,
        "a_member_of_tomorrow": {"any": "thing"},
    })
}

async fn own(kit: &Kit, method: &str, made: &Value, body: Value) -> Reply {
    let place = made["registration_client_uri"].as_str().unwrap();
    let path = place.split_once("/api/").unwrap().1;
    let token = made["registration_access_token"].as_str().unwrap();
    ask(kit, token, method, &format!("/api/{path}"), body).await
}

#[tokio::test]
async fn it_is_off_until_a_tenant_says_otherwise() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let said = ask(&kit, &root, "POST", REGISTER, metadata()).await.expect(403).json();
    assert!(said["error_description"].as_str().unwrap().contains("off"), "{said}");
    ask(&kit, &root, "POST", "/api/oidc/nowhere/register", metadata()).await.expect(404);
}

#[tokio::test]
async fn a_client_registers_looks_changes_and_goes() {
    let (kit, root) = house().await;
    let made = ask(&kit, &root, "POST", REGISTER, metadata()).await.expect(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.json();
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    assert_eq!(made["client_secret_expires_at"], 0);
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(made["id_token_signed_response_alg"], "RS256", "the default of the specification");
    assert_eq!((&made["scope"], &made["response_types"]), (&json!("openid email"), &json!(["code"])));
    assert!(made.get("a_member_of_tomorrow").is_none());
    assert!(is_let_in(&kit, id, secret).await);

    let shown = own(&kit, "GET", &made, Value::Null).await.expect(200).json();
    assert_eq!((&shown["client_id"], shown.get("client_secret")), (&made["client_id"], None));
    assert_eq!(shown["registration_access_token"], made["registration_access_token"]);

    let mut change = metadata();
    change["client_id"] = made["client_id"].clone();
    change["client_secret"] = made["client_secret"].clone();
    change["redirect_uris"] = json!(["https://shop.example/other"]);
    let now = own(&kit, "PUT", &made, change.clone()).await.expect(200).json();
    assert_ne!(now["registration_access_token"], made["registration_access_token"]);
    own(&kit, "GET", &made, Value::Null).await.expect(401);
    own(&kit, "PUT", &made, change).await.expect(401);
    let shown = own(&kit, "GET", &now, Value::Null).await.expect(200).json();
    assert_eq!(shown["redirect_uris"], json!(["https://shop.example/other"]));
    assert!(is_let_in(&kit, id, secret).await);

    own(&kit, "DELETE", &now, Value::Null).await.expect(204);
    own(&kit, "GET", &now, Value::Null).await.expect(401);
    assert!(!is_let_in(&kit, id, secret).await);
    let kinds: Vec<String> = noted(&kit).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["client.registered", "client.changed", "client.deleted"]);
}

#[tokio::test]
async fn who_may_not_registers_nothing() {
    let (kit, root) = house().await;
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    let refused = ask(&kit, &ann, "POST", REGISTER, metadata()).await.expect(403);
    assert_eq!(refused.str("error"), "insufficient_scope");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"insufficient_scope\""));
    let refused = kit.send(Call::post(REGISTER).json(&metadata())).await.expect(401);
    assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    ask(&kit, "gwa_nothing-of-ours-at-all", "POST", REGISTER, metadata()).await.expect(401);
    // The token of one is not that of another, nor an administrator's.
    let one = ask(&kit, &root, "POST", REGISTER, metadata()).await.expect(201).json();
    let two = ask(&kit, &root, "POST", REGISTER, metadata()).await.expect(201).json();
    let path = format!("{REGISTER}/{}", one["client_id"].as_str().unwrap());
    ask(&kit, two["registration_access_token"].as_str().unwrap(), "GET", &path, Value::Null)
        .await
        .expect(401);
    ask(&kit, &root, "DELETE", &path, Value::Null).await.expect(401);
    own(&kit, "GET", &one, Value::Null).await.expect(200);
}

#[tokio::test]
async fn what_can_not_be_registered_is_said() {
    let (kit, root) = house().await;
    let with = |name: &str, value: Value| {
        let mut sent = metadata();
        sent[name] = value;
        sent
    };
    let statement = with("software_statement", json!("eyJhbGciOiJub25lIn0.e30."));
    let refused = ask(&kit, &root, "POST", REGISTER, statement).await.expect(400);
    assert_eq!(refused.str("error"), "unapproved_software_statement");
    for uri in
        ["javascript:alert(1)", "http://shop.example/cb", "https://shop.example/a/../b", "data:text/html,x"]
    {
        let refused =
            ask(&kit, &root, "POST", REGISTER, with("redirect_uris", json!([uri]))).await.expect(400);
        assert_eq!(refused.str("error"), "invalid_redirect_uri", "{uri}");
    }
    for (name, value) in [
        ("redirect_uris", json!("https://shop.example/callback")),
        ("client_name", json!("A\u{202e}B")),
        ("client_name", json!(7)),
        ("scope", json!("openid admin")),
        ("scope", json!("openid clients.write")),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["password"])),
        ("grant_types", json!(["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"])),
        ("response_types", json!(["token"])),
        ("response_types", json!(["code id_token"])),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("logo_uri", json!("http://169.254.169.254/latest/")),
        ("jwks_uri", json!("http://127.0.0.1/jwks")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("sector_identifier_uri", json!("https://shop.example/sector.json")),
        ("jwks", json!({"keys": [{"kty": "oct", "k": "aHVudGVyMg"}]})),
    ] {
        let refused = ask(&kit, &root, "POST", REGISTER, with(name, value.clone())).await.expect(400);
        assert_eq!(refused.str("error"), "invalid_client_metadata", "{name} {value}");
        assert!(!refused.text().contains("aHVudGVyMg"));
    }
    let form = Call::post(REGISTER).bearer(&root).raw("application/x-www-form-urlencoded", b"a=b".to_vec());
    kit.send(form).await.expect(400);
    let long = Call::post(REGISTER).bearer(&root).raw("application/json", vec![b' '; 70_000]);
    assert!(kit.send(long).await.status.is_client_error());
}

#[tokio::test]
async fn a_client_gives_itself_no_more_than_it_could_register_for() {
    let (kit, root) = house().await;
    let made = ask(&kit, &root, "POST", REGISTER, metadata()).await.expect(201).json();
    let native = format!("/auth/v1/tenants/default/clients/{}", made["client_id"].as_str().unwrap());
    let mut settings = kit.get_as(&root, &native).await.expect(200).json()["settings"].clone();
    assert_eq!(settings["consent"], "ask");
    settings["consent"] = json!("skip");
    settings["locked"] = json!(true);
    settings["resources"] = json!(["https://api.example/"]);
    ask(&kit, &root, "PUT", &native, settings).await.expect(200);

    let mut change = metadata();
    change["client_id"] = made["client_id"].clone();
    for (name, value) in
        [("scope", json!("openid admin")), ("client_secret", json!("gwcs_chosen-by-the-client"))]
    {
        let mut bad = change.clone();
        bad[name] = value;
        own(&kit, "PUT", &made, bad).await.expect(400);
    }
    let mut other = change.clone();
    other["client_id"] = json!("another");
    own(&kit, "PUT", &made, other).await.expect(400);
    let mut told = change.clone();
    told["client_id_issued_at"] = json!(1);
    own(&kit, "PUT", &made, told).await.expect(400);

    // Of two at once one wins, and the other has the wrong token from then on.
    let (a, b) = tokio::join!(own(&kit, "PUT", &made, change.clone()), own(&kit, "PUT", &made, change));
    let won = [&a, &b].into_iter().filter(|reply| reply.status.is_success()).count();
    assert_eq!(won, 1, "{} {}", a.status, b.status);
    let now = if a.status.is_success() { a.json() } else { b.json() };
    own(&kit, "DELETE", &now, Value::Null).await.expect(403);
    let kept = kit.get_as(&root, &native).await.expect(200).json();
    assert_eq!((&kept["settings"]["consent"], &kept["registered_itself"]), (&json!("ask"), &json!(true)));
    assert_eq!(kept["settings"]["resources"], json!(["https://api.example/"]), "no word for it: it stays");
}
