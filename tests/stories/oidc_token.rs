//! Applications come for tokens: with a code, with a refresh token, on their own behalf. And with what is not theirs.

mod assertion;
mod client_credentials;
mod code;
mod device;
mod exchange;
mod form;
mod idaas;
mod proofs;
mod refresh;
mod signer;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken, PlainToken, Tenant,
    audit::Filter,
    store::{Record, Write},
};
use gatewright_oauth::{
    Client,
    client::{AuthMethod, CLIENT, ClientSecret, ClientType, GrantType},
    code::Code,
    grant::Terms,
};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use kit::{Call, Kit, Reply};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

const TOKEN: &str = "/api/oidc/default/token";
const ISSUER: &str = "http://localhost:8080/api/oidc/default";
const CALLBACK: &str = "https://shop.example/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn tenant_id() -> TenantId {
    TenantId::default_tenant()
}

async fn tenant(kit: &Kit) -> Arc<Tenant> {
    kit.app.engine.tenant(&tenant_id()).await.unwrap()
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// What the secret of a client is in these stories.
fn secret(client_id: &str) -> String {
    format!("secret-of-{client_id}-which-nobody-guesses")
}

/// A server that keeps a secret and may do everything.
fn shop() -> Client {
    let id = "shop";
    Client {
        client_id: id.into(),
        name: "Shop".into(),
        secrets: vec![ClientSecret {
            hash: HEXLOWER.encode(&HashedToken::of(secret(id).as_bytes()).0),
            created: Timestamp(0),
            expires: None,
        }],
        redirect_uris: words(&[CALLBACK]),
        scopes: words(&["openid", "profile", "email", "offline_access", "stock.read", "2fa", "2fa_link"]),
        grants: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::DeviceCode,
            GrantType::TokenExchange,
            GrantType::JwtBearer,
            GrantType::JwtIdaas,
        ],
        resources: words(&["https://stock.example/", "https://mail.example/"]),
        ..Client::default()
    }
}

/// Another of the same sort.
fn depot() -> Client {
    let hash = HEXLOWER.encode(&HashedToken::of(secret("depot").as_bytes()).0);
    let secrets = vec![ClientSecret { hash, created: Timestamp(0), expires: None }];
    Client { client_id: "depot".into(), name: "Depot".into(), secrets, ..shop() }
}

/// A page: it keeps nothing secret.
fn page() -> Client {
    Client {
        client_id: "page".into(),
        client_type: ClientType::Public,
        auth_method: AuthMethod::None,
        secrets: Vec::new(),
        ..shop()
    }
}

async fn register(kit: &Kit, client: &Client) {
    let hash = HashedToken::of(client.client_id.as_bytes()).0;
    let id = Uuid::from_slice(&hash[..16]).unwrap();
    let mut record = Record::new(&tenant_id(), CLIENT, id, kit.now(), client).unwrap();
    record.key = Some(client.client_id.clone());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

/// Sends a form.
async fn form(kit: &Kit, path: &str, fields: &[(&str, &str)]) -> Reply {
    kit.send(form_call(path, fields)).await
}

fn form_call(path: &str, fields: &[(&str, &str)]) -> Call {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Call::post(path).raw("application/x-www-form-urlencoded", body.into_bytes())
}

/// Asks for tokens as this client, with its secret where it has one.
async fn ask(kit: &Kit, client_id: &str, fields: &[(&str, &str)]) -> Reply {
    let secret = secret(client_id);
    let mut all = vec![("client_id", client_id)];
    if client_id != "page" {
        all.push(("client_secret", &secret));
    }
    all.extend(fields);
    form(kit, TOKEN, &all).await
}

/// Somebody who has logged in and agreed.
struct Agreed {
    terms: Terms,
}

impl Agreed {
    /// Somebody new.
    async fn of(kit: &Kit, username: &str, client_id: &str, scopes: &[&str]) -> Self {
        kit.person(username).await;
        Self::again(kit, username, client_id, scopes).await
    }

    async fn again(kit: &Kit, username: &str, client_id: &str, scopes: &[&str]) -> Self {
        let login = kit.login(username).await;
        let token = PlainToken::received(&login.access_token).unwrap();
        let session = kit.app.engine.check(&token, None).await.unwrap().session;
        let terms = Terms {
            client_id: client_id.into(),
            person: session.person,
            session: session.id,
            scopes: words(scopes),
            resources: Vec::new(),
            nonce: Some("n-0S6_WzA2Mj".into()),
            claims: None,
            auth_time: session.authenticated,
            wants_auth_time: false,
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            offline: scopes.contains(&"offline_access"),
        };
        Self { terms }
    }

    /// The code that its client gets.
    async fn code(&self, kit: &Kit) -> String {
        self.code_with(kit, |_| {}).await
    }

    async fn code_with(&self, kit: &Kit, change: impl FnOnce(&mut Code)) -> String {
        let mut code = Code {
            terms: self.terms.clone(),
            redirect_uri: Some(CALLBACK.into()),
            code_challenge: Some(CHALLENGE.into()),
            dpop_jkt: None,
            expires: kit.now(),
            grant: None,
        };
        change(&mut code);
        let (plain, write) = kit.app.provider.make_code(&*tenant(kit).await, code).unwrap();
        kit.app.engine.store().commit(vec![write]).await.unwrap();
        plain.expose().to_owned()
    }
}

/// Redeems a code as it should be.
async fn redeem(kit: &Kit, client_id: &str, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    ask(kit, client_id, &fields).await
}

async fn refresh(kit: &Kit, client_id: &str, token: &str) -> Reply {
    ask(kit, client_id, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// The claims of a JWT that verifies with what is published, with its header.
async fn claims(kit: &Kit, token: &str) -> (jsonwebtoken::Header, Value) {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let set = kit.get("/api/oidc/default/.well-known/jwks").await.expect(200);
    let set: JwkSet = serde_json::from_slice(&set.bytes).unwrap();
    let header = decode_header(token).unwrap();
    let jwk = set.find(header.kid.as_deref().unwrap()).expect("a published key");
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let read = decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).expect("verifies");
    (header, read.claims)
}

/// Whether the grant of a signed access token is still there: without it the token is nothing.
async fn grant_lives(kit: &Kit, access_token: &str) -> bool {
    let payload = access_token.split('.').nth(1).expect("a JWT");
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
    let id = Uuid::parse_str(claims["grant_id"].as_str().unwrap()).unwrap();
    kit.app.engine.store().record(&tenant_id(), gatewright_oauth::grant::GRANT, id).await.unwrap().is_some()
}

/// Outcomes of the lines of this kind, newest first.
async fn outcomes(kit: &Kit, kind: &str) -> Vec<String> {
    let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
    let lines = kit.app.engine.store().audit(&tenant_id(), &filter, 100).await.unwrap();
    lines.into_iter().map(|line| line.event.outcome).collect()
}

/// A refusal with this word, which nobody keeps.
#[track_caller]
fn refused(reply: &Reply, status: u16, word: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
    assert_eq!(reply.json()["error"], word, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}
