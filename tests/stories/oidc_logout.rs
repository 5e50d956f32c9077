//! Somebody logs out, and every application that knew the session hears of it; and whom nobody may log out.

mod asked;
mod contract;
mod frames;
mod refused;
mod told;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright::logouts;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken,
    audit::Filter,
    store::{Record, Write},
};
use gatewright_oauth::{
    Client,
    client::{AccessTokenFormat, AuthMethod, CLIENT, ClientSecret, Consent, LogoutUris},
};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use kit::{Browser, Call, Kit, Receiver, Reply, Store};
use serde_json::Value;
use url::{Url, form_urlencoded};
use uuid::Uuid;

const LOGOUT: &str = "/api/oidc/default/logout";
const ISSUER: &str = "http://localhost:8080/api/oidc/default";
const BYE: &str = "https://shop.example/bye?from=here";
const SECRET: &str = "a-secret-of-applications-which-nobody-guesses";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Requests may go to this machine.
const LOCAL: &str = "[outgoing]\nallow_http = true\nallow_networks = [\"127.0.0.0/8\"]\n";

/// Ann, in a house whose requests may go to this machine.
async fn house(store: Store) -> Kit {
    let kit = Kit::with(store).config(LOCAL).start().await;
    kit.person("ann").await;
    kit
}

fn callback(id: &str) -> String {
    format!("https://{id}.example/callback")
}

/// An application that asks nobody for consent.
fn app(id: &str, logout: LogoutUris) -> Client {
    let hash = HEXLOWER.encode(&HashedToken::of(SECRET.as_bytes()).0);
    Client {
        client_id: id.to_owned(),
        name: id.to_owned(),
        auth_method: AuthMethod::ClientSecretPost,
        secrets: vec![ClientSecret { hash, created: Timestamp(0), expires: None }],
        redirect_uris: vec![callback(id)],
        scopes: vec!["openid".to_owned()],
        access_token: AccessTokenFormat::Jwt,
        consent: Consent::Skip,
        logout: LogoutUris { redirect_uris: vec![BYE.replace("shop", id)], ..logout },
        ..Client::default()
    }
}

/// One that is told by a request.
fn told_at(id: &str, receiver: &Receiver) -> Client {
    app(id, LogoutUris { back_channel: Some(receiver.url()), ..LogoutUris::default() })
}

async fn register(kit: &Kit, client: &Client) {
    let id = Uuid::from_slice(&HashedToken::of(client.client_id.as_bytes()).0[..16]).unwrap();
    let mut record = Record::new(&TenantId::default_tenant(), CLIENT, id, kit.now(), client).unwrap();
    record.key = Some(client.client_id.clone());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

async fn logged_in<'a>(kit: &'a Kit, username: &str) -> Browser<'a> {
    let browser = Browser::new(kit);
    browser.login(username).await;
    browser
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn form(path: &str, pairs: &[(&str, &str)]) -> Call {
    Call::post(path).raw("application/x-www-form-urlencoded", encoded(pairs).into_bytes())
}

#[track_caller]
fn location(reply: &Reply) -> String {
    let found = reply.header("location");
    found.unwrap_or_else(|| panic!("no Location: {} {}", reply.status, reply.text())).to_owned()
}

/// Whoever is logged in in this browser enters an application, which gets its tokens.
async fn enter(browser: &Browser<'_>, kit: &Kit, id: &str) -> Value {
    let asking = encoded(&[
        ("client_id", id),
        ("redirect_uri", &callback(id)),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let begun = browser.get(&format!("/api/oidc/default/authorize?{asking}")).await.expect(302);
    let back = browser.get(&location(&begun)).await;
    let code = Url::parse(&location(&back)).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    let tokens = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("client_secret", SECRET),
        ("code", &code.unwrap_or_else(|| panic!("no code: {}", location(&back)))),
        ("redirect_uri", &callback(id)),
        ("code_verifier", VERIFIER),
    ];
    kit.send(form("/api/oidc/default/token", &tokens)).await.expect(200).json()
}

async fn id_token(browser: &Browser<'_>, kit: &Kit, id: &str) -> String {
    enter(browser, kit, id).await["id_token"].as_str().expect("an ID token").to_owned()
}

/// What a JWT says, whoever has signed it.
fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap()
}

/// Whether the browser is still logged in.
async fn is_in(browser: &Browser<'_>) -> bool {
    match browser.get("/auth/v1/me").await.status.as_u16() {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

async fn log_out(browser: &Browser<'_>, pairs: &[(&str, &str)]) -> Reply {
    browser.get(&format!("{LOGOUT}?{}", encoded(pairs))).await
}

/// The logout tokens that have come, as they are verified with the published keys.
async fn heard(kit: &Kit, receiver: &Receiver, id: &str) -> Vec<Value> {
    logouts::round(&kit.app.provider).await;
    let set = kit.get("/api/oidc/default/.well-known/jwks").await.expect(200).json();
    let set: JwkSet = serde_json::from_value(set).unwrap();
    let read = |body: String| {
        let token = body.strip_prefix("logout_token=").expect("a logout token").to_owned();
        let head = decode_header(&token).unwrap();
        assert_eq!(head.typ.as_deref(), Some("logout+jwt"));
        let key = DecodingKey::from_jwk(set.find(head.kid.as_deref().unwrap()).expect("published")).unwrap();
        let mut rules = Validation::new(head.alg);
        rules.set_audience(&[id]);
        rules.set_issuer(&[ISSUER]);
        rules.validate_exp = false;
        decode::<Value>(&token, &key, &rules).expect("verifies").claims
    };
    receiver
        .take()
        .into_iter()
        .map(|one| {
            assert_eq!(one.headers["content-type"], "application/x-www-form-urlencoded");
            read(one.body)
        })
        .collect()
}

/// Kinds and outcomes of the lines of the audit log, newest first.
async fn audited(kit: &Kit) -> Vec<String> {
    let lines = kit.app.engine.store().audit(&TenantId::default_tenant(), &Filter::default(), 50).await;
    lines.unwrap().into_iter().map(|line| format!("{} {}", line.event.kind, line.event.outcome)).collect()
}
