use super::{authenticated, form, register, word};
use data_encoding::BASE64;
use gatewright_oauth::{Client, Credentials, client::AuthMethod};
use kit::{Kit, Store, TempFolder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::json;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(issuer: &Issuer, name: &str) -> Vec<u8> {
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().to_vec()
}

async fn shown(kit: &Kit, id: &str, der: &[u8]) -> Credentials {
    Credentials { certificates: vec![der.to_vec()], ..form(kit, &[("client_id", id)]).await }
}

async fn clients(kit: &Kit) {
    let auth_method = AuthMethod::TlsClientAuth;
    let client = |id: &str| Client { client_id: id.to_owned(), auth_method, ..Client::default() };
    register(kit, Client { tls_subject_dn: Some("CN=app".to_owned()), ..client("by-subject") }).await;
    register(kit, Client { tls_san_dns: Some("app.example".to_owned()), ..client("by-name") }).await;
    register(kit, client("nameless")).await;
}

#[tokio::test]
async fn a_client_is_certified_by_an_authority_of_the_tenant() {
    let (ours, foreign, files) = (authority(), authority(), TempFolder::new());
    let root = files.path().join("root.pem");
    std::fs::write(&root, ours.pem()).unwrap();
    let config = format!(
        "[plugins.trust.stores.partners]\nroots = [\"{}\"]\n[login.oidc]\nclient_authorities = \"partners\"\n",
        root.display()
    );
    let kit = Kit::with(Store::Memory).config(&config).start().await;
    clients(&kit).await;
    let provider = &kit.app.provider;
    let app = certificate(&ours, "app");
    for id in ["by-subject", "by-name"] {
        let client = authenticated(&kit, provider, &shown(&kit, id, &app).await).await.unwrap();
        assert_eq!(client.client_id, id);
        for (der, why) in [
            (certificate(&ours, "other"), "of another subject"),
            (certificate(&foreign, "app"), "of another authority"),
            (b"no certificate".to_vec(), "none"),
        ] {
            let judged = authenticated(&kit, provider, &shown(&kit, id, &der).await).await;
            assert_eq!(word(&judged), "invalid_client", "{why}");
        }
        let bare = form(&kit, &[("client_id", id)]).await;
        assert_eq!(word(&authenticated(&kit, provider, &bare).await), "invalid_client");
    }
    let judged = authenticated(&kit, provider, &shown(&kit, "nameless", &app).await).await;
    assert_eq!(word(&judged), "invalid_client", "nobody has said who it is");
}

#[tokio::test]
async fn without_authorities_nobody_is_certified() {
    let kit = Kit::memory().await;
    clients(&kit).await;
    let app = certificate(&authority(), "app");
    let judged = authenticated(&kit, &kit.app.provider, &shown(&kit, "by-subject", &app).await).await;
    assert_eq!(word(&judged), "invalid_client");

    let config = "[login.oidc]\nclient_authorities = \"nowhere\"\n";
    let kit = Kit::with(Store::Memory).config(config).start().await;
    clients(&kit).await;
    let judged = authenticated(&kit, &kit.app.provider, &shown(&kit, "by-subject", &app).await).await;
    assert_eq!(word(&judged), "server_error", "a store that is not there");
}

#[tokio::test]
async fn a_certificate_that_was_registered_needs_no_authority() {
    let kit = Kit::memory().await;
    let (issuer, key) = (authority(), super::Signing::new("a"));
    let (own, other) = (certificate(&issuer, "app"), certificate(&issuer, "app"));
    let mut jwk = key.jwk.clone();
    jwk["x5c"] = json!([BASE64.encode(&own)]);
    let auth_method = AuthMethod::SelfSignedTlsClientAuth;
    let jwks = Some(json!({"keys": [jwk]}));
    register(&kit, Client { client_id: "app".to_owned(), auth_method, jwks, ..Client::default() }).await;
    let provider = &kit.app.provider;
    assert!(authenticated(&kit, provider, &shown(&kit, "app", &own).await).await.is_ok());
    for shown in [shown(&kit, "app", &other).await, form(&kit, &[("client_id", "app")]).await] {
        assert_eq!(word(&authenticated(&kit, provider, &shown).await), "invalid_client");
    }
}
