use super::{Signing, authenticated, form, register, tenant, word};
use async_trait::async_trait;
use gatewright_core::outgoing::{Answer, NoAnswer, Outgoing, Request};
use gatewright_oauth::{Client, Credentials, Provider, client::AuthMethod};
use kit::Kit;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const URI: &str = "https://app.example/jwks";

/// What a client publishes, and how often it was asked.
#[derive(Default)]
struct Published(Mutex<(Option<Value>, usize)>);

impl Published {
    fn set(&self, keys: Option<&[&Signing]>) {
        let set = keys.map(|keys| json!({"keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>()}));
        self.0.lock().unwrap().0 = set;
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

#[async_trait]
impl Outgoing for Published {
    async fn send(&self, request: Request) -> Result<Answer, NoAnswer> {
        assert_eq!((request.method, &*request.url), ("GET", URI));
        let mut all = self.0.lock().unwrap();
        all.1 += 1;
        match &all.0 {
            Some(set) => Ok(Answer { status: 200, body: set.to_string().into_bytes() }),
            None => Err(NoAnswer::Failed("nobody there".to_owned())),
        }
    }
}

async fn with_client(client: Client) -> Kit {
    let kit = Kit::memory().await;
    let auth_method = AuthMethod::PrivateKeyJwt;
    register(&kit, Client { client_id: "app".to_owned(), auth_method, ..client }).await;
    kit
}

async fn assertion(kit: &Kit, key: &Signing, jti: &str) -> Credentials {
    let (now, issuer) = (kit.app.engine.now().as_secs(), kit.app.provider.issuer(tenant(kit).await.as_ref()));
    let claims = json!({"iss": "app", "sub": "app", "aud": issuer, "exp": now + 60, "jti": jti});
    let text = key.sign(&json!({"alg": "EdDSA", "kid": key.jwk["kid"]}), &claims);
    let jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    form(kit, &[("client_assertion_type", jwt), ("client_assertion", &text)]).await
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let key = Signing::new("a");
    let kit = with_client(Client { jwks: Some(json!({"keys": [key.jwk]})), ..Client::default() }).await;
    let provider = &kit.app.provider;
    let shown = assertion(&kit, &key, "1").await;
    assert_eq!(authenticated(&kit, provider, &shown).await.unwrap().client_id, "app");
    assert_eq!(word(&authenticated(&kit, provider, &shown).await), "invalid_client", "used again");
    let shown = assertion(&kit, &key, "2").await;
    let (one, two) =
        tokio::join!(authenticated(&kit, provider, &shown), authenticated(&kit, provider, &shown));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|good| **good).count(), 1, "one of two wins");

    let stranger = Signing::new("a");
    let shown = assertion(&kit, &stranger, "3").await;
    assert_eq!(word(&authenticated(&kit, provider, &shown).await), "invalid_client", "of another key");
    let shown = assertion(&kit, &key, "3").await;
    assert!(authenticated(&kit, provider, &shown).await.is_ok(), "what was refused has used up nothing");

    let shown = assertion(&kit, &key, "4").await;
    kit.advance(Duration::from_secs(121));
    assert_eq!(word(&authenticated(&kit, provider, &shown).await), "invalid_client", "too late");
}

#[tokio::test]
async fn published_keys_are_fetched_seldom_and_a_new_one_is_found() {
    let kit = with_client(Client { jwks_uri: Some(URI.to_owned()), ..Client::default() }).await;
    let published = Arc::new(Published::default());
    let provider = Provider::new(kit.app.engine.clone(), published.clone());
    let (old, new) = (Signing::new("old"), Signing::new("new"));
    published.set(Some(&[&old]));
    for jti in ["1", "2", "3"] {
        assert!(authenticated(&kit, &provider, &assertion(&kit, &old, jti).await).await.is_ok());
    }
    assert_eq!(published.asked(), 1);

    published.set(Some(&[&old, &new]));
    let judged = authenticated(&kit, &provider, &assertion(&kit, &new, "4").await).await;
    assert_eq!((word(&judged), published.asked()), ("invalid_client", 1), "not so soon again");
    kit.advance(Duration::from_secs(30));
    assert!(authenticated(&kit, &provider, &assertion(&kit, &new, "5").await).await.is_ok());
    assert_eq!(published.asked(), 2);

    published.set(None);
    kit.advance(Duration::from_secs(600));
    assert!(
        authenticated(&kit, &provider, &assertion(&kit, &old, "6").await).await.is_ok(),
        "nobody answers"
    );
    assert!(authenticated(&kit, &provider, &assertion(&kit, &old, "7").await).await.is_ok());
    assert_eq!(published.asked(), 3, "and is left alone for a moment");

    published.set(Some(&[&new]));
    kit.advance(Duration::from_secs(5));
    let judged = authenticated(&kit, &provider, &assertion(&kit, &old, "8").await).await;
    assert_eq!((word(&judged), published.asked()), ("invalid_client", 4), "withdrawn");
}

#[tokio::test]
async fn of_many_who_need_the_keys_at_once_one_fetches_them() {
    let kit = with_client(Client { jwks_uri: Some(URI.to_owned()), ..Client::default() }).await;
    let published = Arc::new(Published::default());
    let (provider, key) = (Provider::new(kit.app.engine.clone(), published.clone()), Signing::new("a"));
    published.set(Some(&[&key]));
    let (one, two) = (assertion(&kit, &key, "1").await, assertion(&kit, &key, "2").await);
    let (one, two) = tokio::join!(authenticated(&kit, &provider, &one), authenticated(&kit, &provider, &two));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(published.asked(), 1);
}

#[tokio::test]
async fn keys_at_an_address_that_is_not_public_are_not_fetched() {
    let key = Signing::new("a");
    for uri in [
        "https://127.0.0.1/jwks",
        "https://169.254.169.254/jwks",
        "http://app.example/jwks",
        "file:///etc/passwd",
    ] {
        let kit = with_client(Client { jwks_uri: Some(uri.to_owned()), ..Client::default() }).await;
        let judged = authenticated(&kit, &kit.app.provider, &assertion(&kit, &key, "1").await).await;
        assert_eq!(word(&judged), "temporarily_unavailable", "{uri}");
    }
}

#[tokio::test]
async fn what_this_tenant_has_signed_is_known_as_its_own() {
    let kit = Kit::memory().await;
    let (provider, tenant) = (&kit.app.provider, tenant(&kit).await);
    let read = async |text: &str, sort| provider.own_jwt(&tenant.id, text, sort).await.unwrap();
    for algorithm in gatewright_core::signing::Algorithm::ALL {
        let token = provider.sign(&tenant.id, algorithm, "at+jwt", &json!({"sub": "ann"})).await.unwrap();
        assert_eq!(read(&token, Some("at+jwt")).await.unwrap()["sub"], "ann");
        assert!(read(&token, None).await.is_some());
        assert!(read(&token, Some("JWT")).await.is_none(), "of another sort");
        assert!(read(&format!("{token}A"), None).await.is_none());
    }
    let foreign = Signing::new("a").sign(&json!({"alg": "EdDSA"}), &json!({"sub": "ann"}));
    assert!(read(&foreign, None).await.is_none());
    assert!(read("no token", None).await.is_none());
}
