use super::{REFUSED, authenticated, form, hash, register, word};
use gatewright_oauth::{
    Client, Credentials,
    client::{AuthMethod, ClientSecret},
};
use kit::Kit;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

async fn with_clients() -> Kit {
    let kit = Kit::memory().await;
    let now = kit.app.engine.now();
    let secret = |text: &str, expires| ClientSecret { hash: hash(text), created: now, expires };
    let secrets = vec![secret("old", Some(now.plus(MINUTE))), secret("new", None)];
    for (name, auth_method, secrets, disabled) in [
        ("post", AuthMethod::ClientSecretPost, secrets.clone(), false),
        ("basic", AuthMethod::ClientSecretBasic, secrets.clone(), false),
        ("public", AuthMethod::None, Vec::new(), false),
        ("signs", AuthMethod::PrivateKeyJwt, secrets.clone(), false),
        ("disabled", AuthMethod::ClientSecretPost, secrets, true),
    ] {
        let client_id = name.to_owned();
        register(&kit, Client { client_id, auth_method, secrets, disabled, ..Client::default() }).await;
    }
    kit
}

async fn basic(kit: &Kit, id: &str, secret: &str) -> Credentials {
    Credentials { basic: Some((id.to_owned(), secret.to_owned())), ..form(kit, &[]).await }
}

async fn post(kit: &Kit, id: &str, secret: &str) -> Credentials {
    form(kit, &[("client_id", id), ("client_secret", secret)]).await
}

#[tokio::test]
async fn a_client_shows_its_secret_in_the_way_that_it_is_registered_for() {
    let kit = with_clients().await;
    let provider = &kit.app.provider;
    for secret in ["old", "new"] {
        let client = authenticated(&kit, provider, &post(&kit, "post", secret).await).await.unwrap();
        assert_eq!(client.client_id, "post");
        assert!(authenticated(&kit, provider, &basic(&kit, "basic", secret).await).await.is_ok());
    }
    let public = authenticated(&kit, provider, &form(&kit, &[("client_id", "public")]).await).await.unwrap();
    assert_eq!(public.client_id, "public");

    let mut words = Vec::new();
    for shown in [
        post(&kit, "post", "wrong").await,
        post(&kit, "nobody", "new").await,
        post(&kit, "disabled", "new").await,
        post(&kit, "basic", "new").await,
        post(&kit, "public", "new").await,
        post(&kit, "signs", "new").await,
        post(&kit, "post", &hash("new")).await,
        basic(&kit, "post", "new").await,
        basic(&kit, "basic", "").await,
        basic(&kit, "public", "").await,
        form(&kit, &[("client_id", "post")]).await,
        form(&kit, &[("client_id", "signs")]).await,
        form(&kit, &[("client_id", "nobody")]).await,
        form(&kit, &[]).await,
    ] {
        let refusal = authenticated(&kit, provider, &shown).await.unwrap_err();
        assert_eq!(refusal.code, REFUSED);
        words.push(refusal.description);
    }
    words.dedup();
    assert_eq!(words.len(), 1, "nobody learns what was wrong");
}

#[tokio::test]
async fn a_secret_that_was_replaced_ends() {
    let kit = with_clients().await;
    kit.advance(MINUTE);
    let provider = &kit.app.provider;
    assert_eq!(
        word(&authenticated(&kit, provider, &post(&kit, "post", "old").await).await),
        "invalid_client"
    );
    assert!(authenticated(&kit, provider, &post(&kit, "post", "new").await).await.is_ok());
}

#[tokio::test]
async fn two_ways_at_once_are_one_too_many() {
    let kit = with_clients().await;
    let provider = &kit.app.provider;
    let jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let name = ("client_id", "post");
    let (secret, sort, assertion) =
        (("client_secret", "new"), ("client_assertion_type", jwt), ("client_assertion", "a.b.c"));
    for pairs in [
        &[name, secret, sort, assertion][..],
        &[name, secret, sort],
        &[name, secret, assertion],
        &[name, sort],
        &[name, assertion],
        &[name, ("client_assertion_type", "saml"), assertion],
        &[secret],
    ] {
        let judged = authenticated(&kit, provider, &form(&kit, pairs).await).await;
        assert_eq!(word(&judged), "invalid_request", "{pairs:?}");
    }
    let with_basic = |shown| Credentials { basic: Some(("basic".to_owned(), "new".to_owned())), ..shown };
    for pairs in [&[secret][..], &[sort, assertion], &[name]] {
        let judged = authenticated(&kit, provider, &with_basic(form(&kit, pairs).await)).await;
        assert_eq!(word(&judged), "invalid_request", "{pairs:?}");
    }
    let named_twice = with_basic(form(&kit, &[("client_id", "basic")]).await);
    assert!(authenticated(&kit, provider, &named_twice).await.is_ok());
}
