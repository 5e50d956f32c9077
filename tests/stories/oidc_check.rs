//! What a token is worth, and who may know: introspection, revocation, userinfo, the vault's operations; what the provider says of
//! itself; devices without a keyboard.

mod api;
mod device;
mod discovery;
mod introspect;
mod revoke;
mod userinfo;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken, Origin, PlainToken, Tenant,
    session::Caller,
    store::{Record, Write},
};
use gatewright_oauth::{
    Client,
    client::{AccessTokenFormat, AuthMethod, CLIENT, ClientSecret, ClientType, GrantType},
    code::Code,
    grant::Terms,
};
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};
use std::sync::Arc;

const BASE: &str = "/api/oidc/default";
const ISSUER: &str = "http://localhost:8080/api/oidc/default";
const CALLBACK: &str = "https://shop.example/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Both forms of access tokens.
const FORMATS: [AccessTokenFormat; 2] = [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque];

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

async fn tenant(kit: &Kit) -> Arc<Tenant> {
    kit.app.engine.tenant(&TenantId::default_tenant()).await.unwrap()
}

fn secret(client_id: &str) -> String {
    format!("secret-of-{client_id}-which-nobody-guesses")
}

/// A server that keeps a secret.
fn client(id: &str) -> Client {
    let hash = HEXLOWER.encode(&HashedToken::of(secret(id).as_bytes()).0);
    Client {
        client_id: id.into(),
        name: id.into(),
        secrets: vec![ClientSecret { hash, created: Timestamp(0), expires: None }],
        redirect_uris: words(&[CALLBACK]),
        scopes: words(&["openid", "profile", "email", "offline_access", "account", "admin", "stock.read"]),
        grants: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::DeviceCode,
        ],
        resources: words(&["https://stock.example/"]),
        ..Client::default()
    }
}

/// A page: it keeps nothing secret.
fn public(id: &str) -> Client {
    Client {
        client_type: ClientType::Public,
        auth_method: AuthMethod::None,
        secrets: Vec::new(),
        ..client(id)
    }
}

async fn register(kit: &Kit, client: &Client) {
    let now = kit.now();
    let id = kit.app.engine.person_id(now).unwrap().0;
    let mut record = Record::new(&TenantId::default_tenant(), CLIENT, id, now, client).unwrap();
    record.key = Some(client.client_id.clone());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

/// Registers anew what is registered.
async fn change(kit: &Kit, id: &str, change: impl FnOnce(&mut Client)) {
    let tenant = TenantId::default_tenant();
    let (known, record) = kit.app.provider.client_record(&tenant, id).await.unwrap().unwrap();
    let mut client = (*known).clone();
    change(&mut client);
    let write = Write::RecordReplace(record.next(&client).unwrap());
    kit.app.engine.store().commit(vec![write]).await.unwrap();
}

fn form_call(path: &str, fields: &[(&str, &str)]) -> Call {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Call::post(&format!("{BASE}/{path}")).raw("application/x-www-form-urlencoded", body.into_bytes())
}

/// Sends a form as this client, with its secret.
async fn ask(kit: &Kit, client_id: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
    let secret = secret(client_id);
    let mut all = vec![("client_id", client_id), ("client_secret", &*secret)];
    all.extend(fields);
    kit.send(form_call(path, &all)).await
}

/// Whoever logs in with this token of the engine.
async fn caller(kit: &Kit, access_token: &str) -> Caller {
    kit.app.engine.check(&PlainToken::received(access_token).unwrap(), None).await.unwrap()
}

/// Somebody who has logged in, and what an application has got.
struct Held {
    caller: Caller,
    access: String,
    refresh: String,
    id: String,
}

/// Logs somebody in and gets tokens for this client.
async fn tokens(kit: &Kit, client_id: &str, username: &str, scopes: &[&str]) -> Held {
    if kit.app.engine.find_person(&TenantId::default_tenant(), username).await.unwrap().is_none() {
        kit.person(username).await;
    }
    let login = kit.login(username).await;
    let caller = caller(kit, &login.access_token).await;
    let reply = redeem(kit, client_id, &caller, scopes, &[], None).await.expect(200).json();
    let text = |name: &str| reply[name].as_str().unwrap_or_default().to_owned();
    Held { caller, access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
}

/// The reply of the token endpoint to a code of this person.
async fn redeem(
    kit: &Kit,
    client_id: &str,
    caller: &Caller,
    scopes: &[&str],
    resources: &[&str],
    proof: Option<&str>,
) -> Reply {
    let session = &caller.session;
    let terms = Terms {
        client_id: client_id.into(),
        person: session.person,
        session: session.id,
        scopes: words(scopes),
        resources: words(resources),
        nonce: None,
        claims: None,
        auth_time: session.authenticated,
        wants_auth_time: false,
        acr: session.acr.clone(),
        amr: session.amr.clone(),
        offline: scopes.contains(&"offline_access"),
    };
    let code = Code {
        terms,
        redirect_uri: Some(CALLBACK.into()),
        code_challenge: Some(CHALLENGE.into()),
        dpop_jkt: None,
        expires: kit.now(),
        grant: None,
    };
    let (plain, write) = kit.app.provider.make_code(&*tenant(kit).await, code).unwrap();
    kit.app.engine.store().commit(vec![write]).await.unwrap();
    let secret = secret(client_id);
    let mut fields = vec![
        ("client_id", client_id),
        ("grant_type", "authorization_code"),
        ("code", plain.expose()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    if client_id != "page" {
        fields.push(("client_secret", &secret));
    }
    let mut call = form_call("token", &fields);
    if let Some(proof) = proof {
        call = call.header("dpop", proof);
    }
    kit.send(call).await
}

/// What introspection says to this client.
async fn introspected(kit: &Kit, client_id: &str, token: &str) -> Value {
    ask(kit, client_id, "introspect", &[("token", token)]).await.expect(200).json()
}

/// Whether its own client is told that a token is good.
async fn is_good(kit: &Kit, client_id: &str, token: &str) -> bool {
    introspected(kit, client_id, token).await["active"] == json!(true)
}

fn origin() -> Origin {
    Origin { address: Some("192.0.2.1".parse().unwrap()), ..Origin::local("pages") }
}

#[track_caller]
fn refused(reply: &Reply, status: u16, word: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
    assert_eq!(reply.json()["error"], word, "{}", reply.text());
}
