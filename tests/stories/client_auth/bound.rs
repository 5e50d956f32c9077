use super::{Signing, form, tenant, word};
use gatewright_oauth::{Client, Credentials, certificate::thumbprint, grant::Bound, jose::Jwk};
use kit::{Kit, Store};
use serde_json::json;
use std::time::Duration;

async fn shown(kit: &Kit, key: &Signing, jti: &str) -> Credentials {
    let shown = form(kit, &[]).await;
    let claims = json!({"jti": jti, "htm": "POST", "htu": shown.url, "iat": kit.app.engine.now().as_secs()});
    let proof = key.sign(&json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": key.jwk}), &claims);
    Credentials { dpop: vec![proof], ..shown }
}

#[tokio::test]
async fn a_proof_is_good_once_on_all_nodes() {
    let kit = Kit::with(Store::Postgres).start().await;
    let other = kit.second_node().await;
    let (key, tenant) = (Signing::new("a"), tenant(&kit).await);
    let jkt = Jwk::parse(&key.jwk).unwrap().thumbprint().to_owned();
    let proof = shown(&kit, &key, "1").await;
    let found = kit.app.provider.dpop_proof(&tenant.id, &proof, None).await.unwrap();
    assert_eq!(found, Some(jkt));
    for node in [&kit, &other] {
        let again = node.app.provider.dpop_proof(&tenant.id, &proof, None).await;
        assert_eq!(word(&again), "invalid_dpop_proof");
    }
    let proof = shown(&kit, &key, "2").await;
    let (one, two) = tokio::join!(
        kit.app.provider.dpop_proof(&tenant.id, &proof, None),
        other.app.provider.dpop_proof(&tenant.id, &proof, None)
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|good| **good).count(), 1);
}

#[tokio::test]
async fn tokens_are_bound_to_what_the_client_must_show() {
    let kit = Kit::memory().await;
    let (provider, tenant, key) = (&kit.app.provider, tenant(&kit).await, Signing::new("a"));
    let client =
        |dpop_bound, certificate_bound| Client { dpop_bound, certificate_bound, ..Client::default() };
    let (free, dpop, certified) = (client(false, false), client(true, false), client(false, true));
    let bare = form(&kit, &[]).await;
    assert_eq!(provider.bound(&tenant, &free, &bare).await.unwrap(), Bound::default());
    assert_eq!(word(&provider.bound(&tenant, &dpop, &bare).await), "invalid_dpop_proof");
    assert_eq!(word(&provider.bound(&tenant, &certified, &bare).await), "invalid_request");

    let jkt = Some(Jwk::parse(&key.jwk).unwrap().thumbprint().to_owned());
    for (client, jti) in [(&free, "1"), (&dpop, "2")] {
        let bound = provider.bound(&tenant, client, &shown(&kit, &key, jti).await).await.unwrap();
        assert_eq!(
            bound,
            Bound { jkt: jkt.clone(), x5t: None },
            "who sends a proof gets what is bound to it"
        );
    }
    let mut twice = shown(&kit, &key, "3").await;
    twice.dpop.push(twice.dpop[0].clone());
    assert_eq!(word(&provider.bound(&tenant, &free, &twice).await), "invalid_dpop_proof", "two headers");

    let with_certificate = Credentials { certificates: vec![b"der".to_vec()], ..form(&kit, &[]).await };
    let x5t = Some(thumbprint(b"der"));
    let bound = provider.bound(&tenant, &certified, &with_certificate).await.unwrap();
    assert_eq!(bound, Bound { jkt: None, x5t });
    let bound = provider.bound(&tenant, &free, &with_certificate).await.unwrap();
    assert_eq!(bound, Bound::default(), "only who is registered for it");
}

#[tokio::test]
async fn what_was_used_is_remembered_by_its_kind() {
    let kit = Kit::memory().await;
    let (provider, tenant) = (&kit.app.provider, tenant(&kit).await);
    let until = kit.app.engine.now().plus(Duration::from_secs(60));
    let once = async |kind, key| provider.use_once(&tenant.id, kind, key, until).await.unwrap();
    assert!(once("a", "1").await && !once("a", "1").await);
    assert!(once("a", "2").await && once("b", "1").await);
    assert!(once("a", &"x".repeat(100_000)).await, "of any length");
}
