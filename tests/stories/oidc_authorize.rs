//! Applications send people here to log in: what they may ask, what they are answered, and what they must not get.

mod answers;
mod code;
mod entra;
mod in_app;
mod prompts;
mod pushed;
mod refused;
mod sign_in;
mod signed;

use gatewright_contract::TenantId;
use gatewright_core::{
    Origin, PlainToken, Tenant,
    session::Caller,
    store::{Record, Write},
};
use gatewright_oauth::{
    Client,
    client::{AuthMethod, CLIENT, ClientSecret, ClientType, Consent, GrantType},
};
use kit::{Browser, Call, Kit, Reply};
use std::{collections::BTreeMap, sync::Arc};
use url::{Url, form_urlencoded};
use uuid::Uuid;

const AUTHORIZE: &str = "/api/oidc/default/authorize";
const ISSUER: &str = "http://localhost:8080/api/oidc/default";
pub(super) const CALLBACK: &str = "https://shop.example/callback";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const SECRET: &str = "s3cret-of-the-shop";

fn tenant_id() -> TenantId {
    TenantId::default_tenant()
}

async fn tenant(kit: &Kit) -> Arc<Tenant> {
    kit.app.engine.tenant(&tenant_id()).await.unwrap()
}

/// A shop that asks for consent, and has a secret.
fn shop() -> Client {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let hash = data_encoding::HEXLOWER.encode(&gatewright_core::HashedToken::of(SECRET.as_bytes()).0);
    Client {
        client_id: "shop".to_owned(),
        name: "Shop".to_owned(),
        auth_method: AuthMethod::ClientSecretPost,
        secrets: vec![ClientSecret { hash, created: gatewright_contract::Timestamp(0), expires: None }],
        redirect_uris: words(&[CALLBACK, "http://127.0.0.1/app", "com.example.shop:/cb"]),
        scopes: words(&["openid", "email", "profile", "offline_access"]),
        resources: words(&["https://api.shop.example"]),
        grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::JwtIdaas],
        ..Client::default()
    }
}

/// The same, of the tenant itself: it asks nobody.
pub(super) fn own_shop() -> Client {
    Client { consent: Consent::Skip, ..shop() }
}

/// The same, without a secret.
fn public_shop() -> Client {
    let (client_type, auth_method) = (ClientType::Public, AuthMethod::None);
    Client { client_type, auth_method, secrets: Vec::new(), ..own_shop() }
}

pub(super) async fn register(kit: &Kit, client: &Client) {
    let id = Uuid::from_u128(u128::from(client.client_id.len() as u64) + 77);
    let mut record = Record::new(&tenant_id(), CLIENT, id, kit.now(), client).unwrap();
    record.key = Some(client.client_id.clone());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

/// Ann, and the shop.
async fn kit_with(client: &Client) -> Kit {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    register(&kit, client).await;
    kit
}

/// A good request with these parameters changed; an empty one is left out.
fn asking(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let good = [
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "st<a>te"),
        ("nonce", "n-0S6"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let all = good.iter().chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut asking: BTreeMap<String, String> = all.collect();
    asking.retain(|_, value| !value.is_empty());
    asking
}

fn encoded(pairs: &BTreeMap<String, String>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn send(kit: &Kit, changes: &[(&str, &str)]) -> Reply {
    kit.get(&format!("{AUTHORIZE}?{}", encoded(&asking(changes)))).await
}

#[track_caller]
fn location(reply: &Reply) -> String {
    let found = reply.header("location");
    found.unwrap_or_else(|| panic!("no Location: {} {}", reply.status, reply.text())).to_owned()
}

/// What is told to the client in the query of its redirect URI.
#[track_caller]
pub(super) fn told(reply: &Reply) -> BTreeMap<String, String> {
    let location = location(reply);
    assert!(location.starts_with(&format!("{CALLBACK}?")), "{location}");
    Url::parse(&location).unwrap().query_pairs().into_owned().collect()
}

/// The error that is told to the client.
#[track_caller]
fn error(reply: &Reply) -> String {
    told(reply).get("error").cloned().unwrap_or_default()
}

/// The `auth_req_id` of a request that was taken.
#[track_caller]
fn name(reply: &Reply) -> String {
    let at = location(reply);
    at.strip_prefix(&format!("{AUTHORIZE}/resume?auth_req_id=")).unwrap_or_else(|| panic!("{at}")).to_owned()
}

/// Begins a request and returns its name.
pub(super) async fn begun(kit: &Kit, changes: &[(&str, &str)]) -> String {
    name(&send(kit, changes).await.expect(302))
}

async fn resume(browser: &Browser<'_>, name: &str) -> Reply {
    browser.get(&format!("{AUTHORIZE}/resume?auth_req_id={name}")).await
}

/// The page that is due, without the name of the request.
#[track_caller]
fn page(reply: &Reply) -> String {
    let at = location(reply);
    at.split_once("?auth_req_id=").map(|(page, _)| page.to_owned()).unwrap_or(at)
}

async fn caller(kit: &Kit, browser: &Browser<'_>) -> Caller {
    let token = PlainToken::received(&browser.cookie("gatewright_session").expect("a session")).unwrap();
    kit.app.engine.check_session(&token).await.unwrap()
}

/// The person agrees on the consent page.
async fn agree(kit: &Kit, browser: &Browser<'_>, name: &str, scopes: &[&str]) {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let (name, caller) = (PlainToken::received(name).unwrap(), caller(kit, browser).await);
    kit.app.provider.agree(&name, &caller, &scopes, &Origin::local("kit")).await.unwrap();
}

async fn logged_in<'a>(kit: &'a Kit, username: &str) -> Browser<'a> {
    let browser = Browser::new(kit);
    browser.login(username).await;
    browser
}

fn form(path: &str, pairs: &BTreeMap<String, String>) -> Call {
    Call::post(path).raw("application/x-www-form-urlencoded", encoded(pairs).into_bytes())
}

/// Kinds of the lines of the audit log, newest first.
async fn audited(kit: &Kit) -> Vec<String> {
    let lines =
        kit.app.engine.store().audit(&tenant_id(), &gatewright_core::audit::Filter::default(), 20).await;
    lines.unwrap().into_iter().map(|line| format!("{} {}", line.event.kind, line.event.outcome)).collect()
}
