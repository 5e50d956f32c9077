//! Microsoft Entra sends people here for another factor (`docs/decisions/0028-entra.md`).

mod provider;

use super::*;
use gatewright_oauth::client::EntraFlow;
use kit::{PASSWORD, Store, Totp};
use provider::{DIRECTORY, Entra, OBJECT};
use serde_json::{Map, Value, json};
use std::time::Duration;

const ANSWERS: &str = "https://login.microsoftonline.com/common/federation/externalauthprovider";
const APP: &str = "5f0a9d1e-0000-4000-8000-000000000001";
const CLAIMS: &str = r#"{"id_token":{"acr":{"essential":true,"values":["possessionorinherence"]},
    "amr":{"essential":true,"values":["face","fido","fpt","hwk","iris","otp","pop","retina","sc","sms","swk","tel","vbm"]}}}"#;

fn method(entra: &Entra) -> Client {
    Client {
        client_id: APP.to_owned(),
        client_type: ClientType::Public,
        auth_method: AuthMethod::None,
        redirect_uris: vec![ANSWERS.to_owned(), "https://shop.example/callback".to_owned()],
        scopes: vec!["openid".to_owned()],
        entra: Some(EntraFlow { issuer: entra.issuer.clone() }),
        ..Client::default()
    }
}

struct Story {
    kit: Kit,
    entra: Entra,
    totp: Totp,
}

/// Ann has an app for codes, and an account of Entra that is linked to her.
async fn story() -> Story {
    let entra = Entra::start().await;
    let more = "[outgoing]\nallow_networks = [\"127.0.0.0/8\"]\nallow_http = true";
    let kit = Kit::with(Store::Memory).config(more).start().await;
    register(&kit, &method(&entra)).await;
    let ann = kit.person("ann").await;
    let totp = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    kit.advance(Duration::from_secs(600));
    let root = kit.administrator().await;
    assert_eq!(link(&kit, &root, &ann.id.to_string()).await.status, 204);
    Story { kit, entra, totp }
}

async fn link(kit: &Kit, token: &str, person: &str) -> Reply {
    let path = format!("/api/oidc/default/entra-links/{DIRECTORY}/{OBJECT}");
    kit.send(Call::new("PUT", &path).json(&json!({"user_id": person})).bearer(token)).await
}

impl Story {
    /// What Entra has the browser post, with these parameters changed.
    fn asking(&self, hint: &str, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let good = [
            ("client_id", APP),
            ("redirect_uri", ANSWERS),
            ("response_type", "id_token"),
            ("response_mode", "form_post"),
            ("scope", "openid"),
            ("state", "st&te"),
            ("nonce", "n-1"),
            ("claims", CLAIMS),
            ("id_token_hint", hint),
            ("client-request-id", "ignored"),
        ];
        let all = good.iter().chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut asking: BTreeMap<String, String> = all.collect();
        asking.retain(|_, value| !value.is_empty());
        asking
    }

    async fn send(&self, hint: &str, changes: &[(&str, &str)]) -> Reply {
        let call = form(AUTHORIZE, &self.asking(hint, changes));
        self.kit.send(call.header("origin", "https://login.microsoftonline.com")).await
    }

    /// A good hint with these claims changed.
    fn hint(&self, changes: Value) -> String {
        let now = self.kit.now().as_secs();
        let claims = json!({
            "iss": self.entra.issuer, "aud": APP, "tid": DIRECTORY, "oid": OBJECT, "sub": "entra-sub",
            "iat": now, "exp": now - 1, "preferred_username": "root",
        });
        let mut claims = claims.as_object().cloned().unwrap();
        claims.extend(changes.as_object().cloned().unwrap());
        self.entra.sign(&claims)
    }

    async fn begun(&self) -> String {
        name(&self.send(&self.hint(json!({})), &[]).await.expect(303))
    }

    /// Logs in with the password, and the code of the app.
    async fn login<'a>(&'a self, browser: &Browser<'a>) {
        self.kit.advance(Duration::from_secs(30));
        let body = json!({"username": "ann", "cookie": true});
        let begun = browser.post("/auth/v1/login", &body).await.expect(200);
        let body = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
        let next = browser.post("/auth/v1/login/password", &body).await.expect(200);
        let code = json!({"code": self.totp.code(&self.kit)});
        let body = json!({"transaction": next.str("transaction"), "answer": code});
        assert_eq!(browser.post("/auth/v1/login/totp", &body).await.expect(200).str("status"), "done");
    }

    async fn claims(&self, reply: &Reply) -> Map<String, Value> {
        let token = field(reply, "id_token").unwrap_or_else(|| panic!("{}", reply.text()));
        let read = self.kit.app.provider.own_jwt(&tenant_id(), &token, Some("jwt")).await.unwrap();
        let header =
            data_encoding::BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "RS256", "Entra knows no other");
        read.expect("signed by the tenant")
    }
}

/// A field of the form that is posted to the client.
fn field(reply: &Reply, name: &str) -> Option<String> {
    let html = reply.text();
    let rest = html.split_once(&format!("name=\"{name}\" value=\""))?.1;
    rest.split('"').next().map(|value| value.replace("&amp;", "&"))
}

#[tokio::test]
async fn a_code_of_the_app_is_told_as_one() {
    let story = story().await;
    let name = story.begun().await;
    let browser = Browser::new(&story.kit);
    assert_eq!(page(&resume(&browser, &name).await.expect(303)), "/ui/default/login");
    story.login(&browser).await;
    let reply = resume(&browser, &name).await.expect(200);
    assert!(reply.text().contains(&format!("action=\"{ANSWERS}\"")), "{}", reply.text());
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action https://login.microsoftonline.com"), "{policy}");
    assert_eq!((field(&reply, "state").as_deref(), field(&reply, "code")), (Some("st&te"), None));
    let claims = story.claims(&reply).await;
    assert_eq!(claims["sub"], "entra-sub", "what Entra calls her");
    assert_eq!(
        (&claims["aud"], &claims["nonce"], &claims["iss"]),
        (&json!(APP), &json!("n-1"), &json!(ISSUER))
    );
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("possessionorinherence"), &json!(["otp"])));
    assert_eq!(resume(&browser, &name).await.status, 400, "once");
}

#[tokio::test]
async fn what_was_proven_before_does_not_count() {
    let story = story().await;
    let browser = Browser::new(&story.kit);
    story.login(&browser).await;
    story.kit.advance(Duration::from_secs(1));
    let name = story.begun().await;
    assert_eq!(page(&resume(&browser, &name).await.expect(303)), "/ui/default/login");
}

#[tokio::test]
async fn a_password_is_nothing_new_to_entra() {
    let story = story().await;
    let bob = story.kit.person("bob").await;
    let root = story.kit.login("root").await.access_token;
    let path = format!("/api/oidc/default/entra-links/{DIRECTORY}/{OBJECT}");
    story.kit.delete_as(&root, &path).await.expect(204);
    link(&story.kit, &root, &bob.id.to_string()).await.expect(204);
    let name = story.begun().await;
    let browser = logged_in(&story.kit, "bob").await;
    let reply = resume(&browser, &name).await.expect(200);
    assert_eq!(field(&reply, "error").as_deref(), Some("access_denied"));
    assert_eq!((field(&reply, "id_token"), field(&reply, "state").as_deref()), (None, Some("st&te")));
}

#[tokio::test]
async fn somebody_else_who_logs_in_is_not_her() {
    let story = story().await;
    let name = story.begun().await;
    let browser = logged_in(&story.kit, "root").await;
    assert_eq!(field(&resume(&browser, &name).await.expect(200), "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_hint_that_is_not_good_is_none() {
    let story = story().await;
    let now = story.kit.now().as_secs();
    let stranger = Entra::start().await;
    let claims = json!({"iss": story.entra.issuer, "aud": APP, "tid": DIRECTORY, "oid": OBJECT, "sub": "s", "iat": now});
    let forged = stranger.sign(claims.as_object().unwrap());
    let unsigned = format!("{}.e30.", data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#));
    for (hint, expected) in [
        (forged, "invalid_request"),
        (unsigned, "invalid_request"),
        ("x".to_owned(), "invalid_request"),
        (story.hint(json!({"iat": now - 601})), "invalid_request"),
        (story.hint(json!({"iat": now + 61})), "invalid_request"),
        (story.hint(json!({"aud": "others"})), "invalid_request"),
        (story.hint(json!({"iss": stranger.issuer})), "invalid_request"),
        (story.hint(json!({"tid": OBJECT})), "invalid_request"),
        (story.hint(json!({"oid": DIRECTORY})), "access_denied"),
    ] {
        let reply = story.send(&hint, &[]).await.expect(200);
        assert_eq!(field(&reply, "error").as_deref(), Some(expected), "{}", reply.text());
        assert_eq!(field(&reply, "state").as_deref(), Some("st&te"));
    }
    name(&story.send(&story.hint(json!({"iat": now - 600, "exp": now - 300})), &[]).await.expect(303));
}

#[tokio::test]
async fn only_this_request_is_answered_and_only_to_entra() {
    let story = story().await;
    let hint = story.hint(json!({}));
    for (change, expected) in [
        (("response_type", "code"), "unsupported_response_type"),
        (("scope", "email"), "invalid_scope"),
        (("nonce", ""), "invalid_request"),
        (("claims", ""), "invalid_request"),
        (("claims", "{}"), "invalid_request"),
        (("id_token_hint", ""), "invalid_request"),
    ] {
        let reply = story.send(&hint, &[change]).await.expect(200);
        assert_eq!(field(&reply, "error").as_deref(), Some(expected), "{change:?}");
    }
    let reply = story.send(&hint, &[("response_mode", "query")]).await.expect(303);
    assert!(location(&reply).contains("error=invalid_request"));
    let reply = story.send(&hint, &[("redirect_uri", CALLBACK)]).await.expect(200);
    assert_eq!(field(&reply, "error").as_deref(), Some("invalid_request"), "registered, and not of Entra");
    story.send(&hint, &[("redirect_uri", &format!("{ANSWERS}/"))]).await.expect(400);

    register(&story.kit, &own_shop()).await;
    let reply = send(&story.kit, &[("response_type", "id_token"), ("id_token_hint", &hint)]).await;
    assert_eq!(error(&reply), "unsupported_response_type");
}

#[tokio::test]
async fn keys_that_can_not_be_had_are_no_reason_to_believe() {
    let story = story().await;
    story.entra.close();
    let reply = story.send(&story.hint(json!({})), &[]).await.expect(200);
    assert_eq!(field(&reply, "error").as_deref(), Some("temporarily_unavailable"));
}

#[tokio::test]
async fn only_an_administrator_says_whose_account_it_is() {
    let story = story().await;
    let bob = story.kit.person("bob").await.id.to_string();
    let path = format!("/api/oidc/default/entra-links/{DIRECTORY}/{OBJECT}");
    let token = story.kit.login("bob").await.access_token;
    link(&story.kit, &token, &bob).await.expect(403);
    story.kit.delete_as(&token, &path).await.expect(403);
    story.kit.send(Call::new("PUT", &path).json(&json!({"user_id": bob}))).await.expect(401);
    let root = story.kit.login("root").await.access_token;
    link(&story.kit, &root, &bob).await.expect(409);
    link(&story.kit, &root, "019b3c5e-8f2a-7c11-9d53-0a1b2c3d4e5f").await.expect(404);
    link(&story.kit, &root, "bob").await.expect(422);
    story.kit.delete_as(&root, &path).await.expect(204);
    story.kit.delete_as(&root, &path).await.expect(404);
    let reply = story.send(&story.hint(json!({})), &[]).await.expect(200);
    assert_eq!(field(&reply, "error").as_deref(), Some("access_denied"));
    link(&story.kit, &root, &bob).await.expect(204);
    link(&story.kit, &root, &bob).await.expect(204);
    let audited = audited(&story.kit).await;
    for kind in ["entra.linked success", "entra.unlinked success"] {
        assert!(audited.iter().any(|line| line == kind), "{kind}: {audited:?}");
    }
}
