//! People with certificates. TLS ends at a proxy here; where it ends in the server is in `tests/clients/certificate.py`.

use super::idaas::{challenge, complete};
use super::parallel::{all, count};
use data_encoding::BASE64;
use gatewright_contract::TenantId;
use gatewright_core::Origin;
use kit::{Call, Kit, Login, Reply, Store, TempFolder};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
    SerialNumber, SigningKey, date_time_ymd, string::Ia5String,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const PROXY: &str = "10.0.0.1";

/// The authority of a test, with its files.
struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: TempFolder,
}

/// A certificate with its key.
#[derive(Debug)]
struct Card {
    der: Vec<u8>,
    serial: Vec<u8>,
    key: KeyPair,
}

impl Ca {
    fn new() -> Self {
        let mut params = params("people");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = Vec::new();
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let ca = Self { issuer, files: TempFolder::new() };
        std::fs::write(ca.files.path().join("root.pem"), ca.issuer.pem()).unwrap();
        ca.list(&[]);
        ca
    }

    fn card(&self, name: &str) -> Card {
        let key = KeyPair::generate().unwrap();
        let mut params = params(name);
        let address = Ia5String::try_from(format!("{name}@example.com")).unwrap();
        params.subject_alt_names = vec![SanType::Rfc822Name(address)];
        let serial: Vec<u8> = key.public_key_raw()[1..9].iter().map(|b| b & 0x7f | 1).collect();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Card { der, serial, key }
    }

    /// Writes the list of what is revoked, good for a month.
    fn list(&self, revoked: &[&Card]) {
        let gone = |card: &&Card| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&card.serial),
            revocation_time: date_time_ymd(2025, 12, 31),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2025, 12, 31),
            next_update: date_time_ymd(2026, 1, 31),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(gone).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).unwrap().pem().unwrap();
        std::fs::write(self.files.path().join("list.crl"), list).unwrap();
    }

    async fn kit(&self, more: &str) -> Arc<Kit> {
        let folder = self.files.path().display();
        let config = format!(
            "[http]\ntrusted_proxies = [\"{PROXY}\"]\nclient_certificate_header = \"client-cert\"\n\
             [plugins.trust.stores.people]\nroots = [\"{folder}/root.pem\"]\ncrls = [\"{folder}/list.crl\"]\n\
             [login.policy]\nfirst = [\"password\", \"certificate\"]\n\
             [login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n\
             [plugins.certificate]\nstore = \"people\"\n{more}"
        );
        let kit = Kit::with(Store::Sqlite).config(&config).start().await;
        for name in ["ada", "grace"] {
            kit.person(name).await;
        }
        Arc::new(kit)
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    (params.not_before, params.not_after) = (date_time_ymd(2025, 12, 1), date_time_ymd(2026, 12, 1));
    params
}

impl Card {
    fn header(&self) -> String {
        format!(":{}:", BASE64.encode(&self.der))
    }

    fn signed(&self, challenge: &str) -> Value {
        let signature = BASE64.encode(&self.key.sign(challenge.as_bytes()).unwrap());
        json!({"certificate": BASE64.encode(&self.der), "signature": signature})
    }
}

/// A request that the proxy passes on, with the certificate that the client has shown it.
fn through(path: &str, body: &Value, card: &Card) -> Call {
    Call::post(path)
        .json(body)
        .from(PROXY)
        .header("x-forwarded-for", "192.0.2.7")
        .header("client-cert", &card.header())
}

/// Begins a login and asks for the challenge; the transaction and the challenge.
async fn asked(kit: &Kit, begin: Value) -> (String, String) {
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    let posed = kit
        .post("/auth/v1/login/certificate/challenge", &json!({"transaction": transaction}))
        .await
        .expect(200);
    (posed.str("transaction"), posed.json()["prompt"]["challenge"].as_str().unwrap().to_owned())
}

/// Answers with the certificate that this call carries.
async fn log_in(kit: &Kit, begin: Value, call: impl FnOnce(&str, &Value) -> Call) -> Reply {
    let (transaction, _) = asked(kit, begin).await;
    kit.send(call("/auth/v1/login/certificate", &json!({"transaction": transaction, "answer": {}}))).await
}

/// Somebody sets up the certificate that the proxy has seen.
async fn enrol(kit: &Kit, username: &str, card: &Card) -> Reply {
    let token = kit.login(username).await.access_token;
    let invited = kit
        .post_as(&token, "/auth/v1/enrol/certificate", &json!({"invite": {"label": "Card"}}))
        .await
        .expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {}});
    kit.send(through("/auth/v1/enrol/certificate/complete", &body, card).bearer(&token)).await
}

#[tokio::test]
async fn a_certificate_says_who_it_is() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("").await, ca.card("ada"));
    enrol(&kit, "ada", &card).await.expect(200);
    // Set up as a second factor, it is asked for beside the password; alone it is one factor as well.
    for begin in [json!({}), json!({"username": "ada"})] {
        let done = log_in(&kit, begin, |path, body| through(path, body, &card)).await.expect(200).json();
        assert_eq!((&done["status"], &done["person"]["username"]), (&json!("done"), &json!("ada")), "{done}");
        assert_eq!(done["amr"], json!(["pop"]));
    }
    let transaction = kit.begin("ada").await;
    let more = kit.answer(&transaction, "password", json!({"password": kit::PASSWORD})).await.expect(200);
    assert_eq!(more.json()["next"]["authenticators"], json!(["certificate"]), "{}", more.text());
    let posed = kit
        .post("/auth/v1/login/certificate/challenge", &json!({"transaction": more.str("transaction")}))
        .await
        .expect(200);
    let body = json!({"transaction": posed.str("transaction"), "answer": {}});
    let done = kit.send(through("/auth/v1/login/certificate", &body, &card)).await;
    let login = Login::of(&done);
    assert_eq!(login.body["acr"], "aal3", "{}", login.body);
    let mine = kit.get_as(&login.access_token, "/auth/v1/me/credentials").await.expect(200).text();
    assert!(mine.contains("\"Card\""), "{mine}");
}

#[tokio::test]
async fn only_a_listed_proxy_may_speak_for_a_certificate() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("").await, ca.card("ada"));
    enrol(&kit, "ada", &card).await.expect(200);
    let about = json!({"username": "ada"});
    let bare =
        log_in(&kit, about.clone(), |path, body| Call::post(path).json(body).from(PROXY)).await.expect(401);
    for (from, name) in
        [("192.0.2.1", "client-cert"), ("10.0.0.2", "client-cert"), (PROXY, "x-ssl-client-cert")]
    {
        let refused = log_in(&kit, about.clone(), |path, body| {
            Call::post(path).json(body).from(from).header(name, &card.header())
        })
        .await;
        assert_eq!((refused.status.as_u16(), refused.text()), (401, bare.text()), "{from} {name}");
    }
    // From the proxy it must be one that can be read; from others nobody looks.
    for (from, status) in [(PROXY, 400), ("192.0.2.1", 401)] {
        let sent = log_in(&kit, about.clone(), |path, body| {
            Call::post(path).json(body).from(from).header("client-cert", "not a certificate")
        });
        assert_eq!(sent.await.status.as_u16(), status, "{from}");
    }
}

#[tokio::test]
async fn another_ones_self_made_and_none_look_the_same() {
    let (ca, own) = (Ca::new(), Ca::new());
    let kit = ca.kit("").await;
    let (ada, grace, forged) = (ca.card("ada"), ca.card("grace"), own.card("ada"));
    enrol(&kit, "ada", &ada).await.expect(200);
    enrol(&kit, "grace", &grace).await.expect(200);
    let mut told = Vec::new();
    for (begin, card) in [
        (json!({"username": "ada"}), &grace),
        (json!({"username": "ada"}), &forged),
        (json!({"username": "nobody"}), &ada),
        (json!({"username": "nobody"}), &forged),
        (json!({}), &forged),
        (json!({}), &ca.card("mallory")),
    ] {
        let refused = log_in(&kit, begin, |path, body| through(path, body, card)).await;
        told.push((refused.status.as_u16(), refused.text()));
    }
    assert!(told.iter().all(|t| t.0 == 401 && *t == told[0]), "{told:?}");
    let person = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    kit.disable(&person).await;
    let disabled = log_in(&kit, json!({}), |path, body| through(path, body, &ada)).await;
    assert_eq!((disabled.status.as_u16(), disabled.text()), told[0]);
}

#[tokio::test]
async fn one_certificate_is_one_account() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("").await, ca.card("ada"));
    enrol(&kit, "ada", &card).await.expect(200);
    enrol(&kit, "grace", &card).await.expect(409);
}

#[tokio::test]
async fn a_revocation_holds_without_a_restart_and_a_list_that_is_too_old_lets_nobody_in() {
    let ca = Ca::new();
    let (kit, card, other) = (ca.kit("").await, ca.card("ada"), ca.card("grace"));
    enrol(&kit, "ada", &card).await.expect(200);
    enrol(&kit, "grace", &other).await.expect(200);
    let shows = |card: &Card| {
        let header = card.header();
        let kit = kit.clone();
        async move {
            let with = |path: &str, body: &Value| {
                Call::post(path).json(body).from(PROXY).header("client-cert", &header)
            };
            log_in(&kit, json!({}), with).await.status.as_u16()
        }
    };
    assert_eq!((shows(&card).await, shows(&other).await), (200, 200));
    // Another size: clocks of file systems are coarse.
    ca.list(&[&card]);
    kit.advance(Duration::from_secs(1));
    assert_eq!((shows(&card).await, shows(&other).await), (401, 200));
    kit.advance(Duration::from_secs(31 * 86_400));
    assert_eq!(shows(&other).await, 401, "the list has ended");
    ca.list(&[]);
}

#[tokio::test]
async fn a_signature_is_good_for_one_login() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("accept_signatures = true\n").await, ca.card("ada"));
    enrol(&kit, "ada", &card).await.expect(200);
    let (transaction, text) = asked(&kit, json!({})).await;
    assert!(text.starts_with("gatewright-certificate:http"), "{text}");
    let right = card.signed(&text);
    let (other, _) = asked(&kit, json!({"username": "ada"})).await;
    kit.answer(&other, "certificate", right.clone()).await.expect(401);
    let tries = (0..8).map(|_| {
        let (kit, transaction, right) = (kit.clone(), transaction.clone(), right.clone());
        async move { kit.answer(&transaction, "certificate", right).await }
    });
    let replies = all(tries).await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    kit.answer(&transaction, "certificate", right.clone()).await.expect(404);
    let (late, text) = asked(&kit, json!({})).await;
    kit.advance(Duration::from_secs(3600));
    kit.answer(&late, "certificate", card.signed(&text)).await.expect(404);
    // Nobody answers what was not asked.
    let fresh = kit.begin("ada").await;
    kit.answer(&fresh, "certificate", right).await.expect(409);
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("accept_signatures = true\n").await, ca.card("ada"));
    let good = card.signed("x");
    let with = |key: &str, value: Value| {
        let mut answer = good.clone();
        answer[key] = value;
        answer
    };
    for odd in [
        with("certificate", json!("A".repeat(60_000))),
        with("certificate", json!(&good["certificate"].as_str().unwrap()[..100])),
        with("certificate", json!("")),
        with("certificate", json!(null)),
        with("certificate", json!(7)),
        with("signature", json!("\0")),
        with("signature", json!(["x"])),
        with("more", json!(1)),
        json!(null),
    ] {
        let (transaction, _) = asked(&kit, json!({"username": "ada"})).await;
        let reply = kit.answer(&transaction, "certificate", odd.clone()).await;
        assert!(reply.status.is_client_error(), "{odd}: {}", reply.text());
    }
}

#[tokio::test]
async fn an_administrator_ties_a_name_before_there_is_a_certificate() {
    let ca = Ca::new();
    let kit = ca.kit("tie = \"email\"\n").await;
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    let tie = json!({"tie": {"by": "email", "value": "ada@example.com"}});
    let local = Origin::local("kit");
    kit.app.engine.enrol_for(&ada, "certificate", (json!({}), tie.clone()), &local).await.expect("tied");
    // Each of her certificates, and nobody else's.
    for _ in 0..2 {
        let card = ca.card("ada");
        let done = log_in(&kit, json!({}), |path, body| through(path, body, &card)).await;
        assert_eq!(Login::of(&done).body["person"]["username"], "ada");
    }
    let grace = ca.card("grace");
    log_in(&kit, json!({}), |path, body| through(path, body, &grace)).await.expect(401);
    // Grace can't write herself into it.
    let token = kit.login("grace").await.access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/certificate", &json!({})).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": tie});
    kit.post_as(&token, "/auth/v1/enrol/certificate/complete", &body).await.expect(400);
}

#[tokio::test]
async fn a_login_name_in_the_certificate_is_enough_where_it_says_so() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("username_from = \"cn\"\n").await, ca.card("ada"));
    Login::of(&log_in(&kit, json!({"username": "ada"}), |path, body| through(path, body, &card)).await);
    log_in(&kit, json!({"username": "grace"}), |path, body| through(path, body, &card)).await.expect(401);
}

#[tokio::test]
async fn idaas_calls_it_user_certificate() {
    let ca = Ca::new();
    let (kit, card) = (ca.kit("accept_signatures = true\n").await, ca.card("ada"));
    enrol(&kit, "ada", &card).await.expect(200);
    let posed = challenge(&kit, "USER_CERTIFICATE", "ada", json!({})).await.expect(200);
    let text =
        posed.json()["userCertificateChallenge"]["challenge"].as_str().expect("a challenge").to_owned();
    let signed = |text: &str| {
        let both = card.signed(text);
        json!({"userCertificateResponse": {"code": both["signature"], "verifier": both["certificate"]}})
    };
    let wrong = complete(&kit, "USER_CERTIFICATE", &posed.str("token"), signed("else")).await.expect(401);
    let done =
        complete(&kit, "USER_CERTIFICATE", &posed.str("token"), signed(&text)).await.expect(200).json();
    assert_eq!((&done["authenticationCompleted"], &done["userId"]), (&json!(true), &json!("ada")));
    // The certificate may stand in its own field.
    let posed = challenge(&kit, "USER_CERTIFICATE", "ada", json!({})).await.expect(200);
    let text = posed.json()["userCertificateChallenge"]["challenge"].as_str().unwrap().to_owned();
    let both = card.signed(&text);
    let body =
        json!({"certificate": both["certificate"], "userCertificateResponse": {"code": both["signature"]}});
    complete(&kit, "USER_CERTIFICATE", &posed.str("token"), body).await.expect(200);
    // Or in TLS.
    let posed = challenge(&kit, "USER_CERTIFICATE", "ada", json!({})).await.expect(200);
    let path = "/api/web/v1/authentication/users/authenticate/USER_CERTIFICATE/complete";
    let call = through(path, &json!({}), &card).header("authorization", &posed.str("token"));
    assert_eq!(kit.send(call).await.expect(200).json()["authenticationCompleted"], true);
    // Somebody who does not exist.
    let posed = challenge(&kit, "USER_CERTIFICATE", "nobody", json!({})).await.expect(200);
    let text =
        posed.json()["userCertificateChallenge"]["challenge"].as_str().expect("a challenge").to_owned();
    let stranger = complete(&kit, "USER_CERTIFICATE", &posed.str("token"), signed(&text)).await;
    assert_eq!((stranger.status, stranger.text()), (wrong.status, wrong.text()));
}
