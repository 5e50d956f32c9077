//! Clients prove who they are, to the provider of a running app; over HTTP this is told where the endpoints are.

mod bound;
mod certificates;
mod keys;
mod secrets;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright_contract::TenantId;
use gatewright_core::{
    HashedToken, Tenant,
    store::{Record, Write},
};
use gatewright_oauth::{Client, Credentials, ErrorCode, OAuthError, Params, Provider, client::CLIENT};
use jsonwebtoken::{Algorithm, EncodingKey};
use kit::Kit;
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value, json};
use std::sync::Arc;

async fn tenant(kit: &Kit) -> Arc<Tenant> {
    kit.app.engine.tenant(&TenantId::default_tenant()).await.unwrap()
}

/// Registers a client under its name.
async fn register(kit: &Kit, client: Client) {
    let now = kit.app.engine.now();
    let id = kit.app.engine.person_id(now).unwrap().0;
    let mut record = Record::new(&TenantId::default_tenant(), CLIENT, id, now, &client).unwrap();
    record.key = Some(client.client_id);
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

fn hash(secret: &str) -> String {
    HEXLOWER.encode(&HashedToken::of(secret.as_bytes()).0)
}

/// A request to the token endpoint with this form.
async fn form(kit: &Kit, pairs: &[(&str, &str)]) -> Credentials {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let url = format!("{}/token", kit.app.provider.issuer(tenant(kit).await.as_ref()));
    Credentials { form: Params::of(pairs), method: "POST", url, ..Credentials::default() }
}

async fn authenticated(
    kit: &Kit,
    provider: &Provider,
    shown: &Credentials,
) -> Result<Arc<Client>, OAuthError> {
    provider.authenticate(tenant(kit).await.as_ref(), shown).await
}

/// The word of the refusal; empty where there was none.
fn word<T>(result: &Result<T, OAuthError>) -> &'static str {
    result.as_ref().err().map_or("", |error| error.code.as_str())
}

/// A key of a client.
struct Signing {
    jwk: Value,
    private: EncodingKey,
}

impl Signing {
    fn new(kid: &str) -> Self {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key_raw());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid});
        Self { jwk, private: EncodingKey::from_ed_der(&pair.serialize_der()) }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }
}

const REFUSED: ErrorCode = ErrorCode::InvalidClient;
