mod exchange;
mod redirect;
mod settings;
mod tokens;

use crate::{Config, IdpOidc, State};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use gatewright_contract::{
    Authenticator as _, BoxFut, Call, Fault, HostServices, LogLevel, Scope, TenantId, Timestamp, Versioned,
    testing::{self, Desk, ready},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Noon of 2026-03-01 UTC.
const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);
const ISSUER: &str = "https://login.example.com/realm";

/// A key pair with its name.
struct Key {
    private: EncodingKey,
    public: Value,
}

fn ec_key(kid: &str) -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    public(private, Algorithm::ES256, kid)
}

fn public(private: EncodingKey, algorithm: Algorithm, kid: &str) -> Key {
    let mut public = serde_json::to_value(Jwk::from_encoding_key(&private, algorithm).unwrap()).unwrap();
    public["kid"] = kid.into();
    Key { private, public }
}

fn signed(key: &Key, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, &key.private).unwrap()
}

/// A host that plays the provider.
struct Script {
    desk: Desk,
    /// What is answered, by URL: status and body.
    answers: Mutex<BTreeMap<String, (u16, Value)>>,
    asked: Mutex<Vec<Value>>,
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Script {
    fn new() -> Arc<Self> {
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.com/authorize",
            "token_endpoint": "https://login.example.com/token",
            "userinfo_endpoint": "https://login.example.com/me",
            "jwks_uri": "https://login.example.com/keys",
        });
        let script = Self {
            desk: Desk::scattered(NOON),
            answers: Mutex::default(),
            asked: Mutex::default(),
            kept: Mutex::default(),
        };
        script.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, document);
        Arc::new(script)
    }

    fn answer(&self, url: &str, status: u16, body: Value) {
        self.answers.lock().unwrap().insert(url.to_owned(), (status, body));
    }

    /// The last request to a URL.
    fn asked(&self, url: &str) -> Option<Value> {
        self.asked.lock().unwrap().iter().rev().find(|ask| ask["url"] == url).cloned()
    }
}

impl HostServices for Script {
    fn now(&self) -> Timestamp {
        NOON
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.desk.random(buffer)
    }

    fn log(&self, _: LogLevel, _: &str) {}

    fn kv_get<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async { Ok(None) })
    }

    fn kv_cas<'a>(
        &'a self,
        _: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        assert!(expect.is_none() && ttl.is_some() && key.len() <= 256);
        let old = self.kept.lock().unwrap().insert(key.to_owned(), value.to_vec());
        Box::pin(async move { old.map_or(Ok(1), |_| Err(Fault::Conflict)) })
    }

    fn run<'a>(&'a self, _: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        Box::pin(async { Err(Fault::unavailable("no threads")) })
    }

    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        assert_eq!(method, "http.fetch");
        let found = self.answers.lock().unwrap().get(args["url"].as_str().unwrap()).cloned();
        self.asked.lock().unwrap().push(args);
        Box::pin(async move {
            let (status, body) = found.ok_or_else(|| Fault::unavailable("nobody there"))?;
            Ok(json!({"status": status, "headers": {}, "body": body.to_string()}))
        })
    }
}

/// The one provider `corp`, with more settings.
fn made(script: &Arc<Script>, more: Value) -> IdpOidc {
    IdpOidc::new(config(more), script.clone()).unwrap()
}

fn config(more: Value) -> Config {
    let mut provider = json!({"issuer": ISSUER, "client_id": "us"});
    provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(json!({"providers": {"corp": provider}})).unwrap()
}

fn scope() -> Scope {
    testing::scope(NOON, None)
}

/// A challenge: address, its parameters, state.
fn sent(idp: &IdpOidc, scope: &Scope) -> (String, BTreeMap<String, String>, State) {
    let call = Call { scope, credentials: &[], body: crate::Begin::default() };
    let asked = ready(idp.challenge(call)).unwrap();
    let url = url::Url::parse(&asked.prompt.url).unwrap();
    (asked.prompt.url, url.query_pairs().into_owned().collect(), asked.state)
}
