//! `smart-credential`: a phone whose key an authority has certified, and that authority changes its mind.

use super::{Phone, ask, finish, half_way, invite, paired, pending};
use data_encoding::BASE64;
use kit::{Kit, Login, Store, TempFolder};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ED25519, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use serde_json::json;
use std::time::Duration;

const ID: &str = "smart-credential";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2035, 1, 1));
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn leaf() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Phone");
    params.serial_number = Some(SerialNumber::from(4711_u64));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    (params.not_before, params.not_after) = (date_time_ymd(2025, 12, 1), date_time_ymd(2026, 2, 1));
    params
}

/// A phone with a key and a certificate over it.
fn phone(by: &Authority, params: &CertificateParams) -> Phone {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    Phone::certified(ID, &key.serialize_der(), vec![BASE64.encode(certificate.der())])
}

/// What stands on the list of an authority that is renewed at the 5th of January.
fn list(by: &Authority, revoked: &[u64], number: u64) -> String {
    let one = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2025, 12, 31),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2025, 12, 30),
        next_update: date_time_ymd(2026, 1, 5),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(one).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(by).unwrap().pem().unwrap()
}

/// The files of the authority: its own certificate, and its list where there is one.
struct Files(TempFolder);

impl Files {
    fn of(authority: &Authority) -> Self {
        let files = Self(TempFolder::default());
        std::fs::write(files.0.path().join("root.pem"), authority.pem()).unwrap();
        files
    }

    fn put(&self, list: &str) {
        std::fs::write(self.0.path().join("list.crl"), list).unwrap();
    }

    fn config(&self, more: &str) -> String {
        let folder = self.0.path().display();
        let lists = match self.0.path().join("list.crl").exists() {
            true => format!("crls = [\"{folder}/list.crl\"]\n[plugins.{ID}]\n"),
            false => format!("[plugins.{ID}]\nrevocation = \"off\"\n"),
        };
        format!(
            "[login.policy]\nsecond = [\"{ID}\"]\n[plugins.trust.stores.devices]\n\
             roots = [\"{folder}/root.pem\"]\n{lists}store = \"devices\"\n{more}\n"
        )
    }
}

async fn started(files: &Files, more: &str) -> Kit {
    let kit = Kit::with(Store::Memory).config(&files.config(more)).start().await;
    kit.person("ada").await;
    kit
}

/// Whether the phone can be paired.
async fn is_taken(kit: &Kit, phone: &Phone) -> bool {
    let token = kit.login("ada").await.access_token;
    let invited = invite(kit, &token, ID).await;
    phone.pair(kit, &invited.json()["invitation"]).await;
    let reply = finish(kit, &token, ID, &invited, json!({})).await;
    match reply.status.as_u16() {
        422 => true,
        202 => false,
        _ => panic!("{}", reply.text()),
    }
}

/// Whether its yes counts now.
async fn counts(kit: &Kit, phone: &Phone) -> bool {
    let (handle, prompt) = ask(kit, &half_way(kit, "ada").await, ID, json!({})).await;
    let Some(mut told) = phone.waiting_if_believed(kit).await else {
        // What waits is nobody's business whose certificate does not count.
        assert_eq!(kit.answer(&handle, ID, json!({})).await.expect(200).json(), pending());
        kit.advance(Duration::from_secs(600));
        return false;
    };
    let told = told.pop().unwrap();
    let yes = phone.decide(kit, &told, "approve", &prompt["number"]);
    phone.report(kit, &yes).await.expect(202);
    let reply = kit.answer(&handle, ID, json!({})).await.expect(200);
    if reply.json() == pending() {
        // So that it does not count against the next prompt.
        kit.advance(Duration::from_secs(600));
        return false;
    }
    Login::of(&reply);
    true
}

#[tokio::test]
async fn a_certified_phone_approves_until_its_certificate_expires() {
    let ca = authority("Devices");
    let kit = started(&Files::of(&ca), "").await;
    let phone = phone(&ca, &leaf());
    paired(&kit, "ada", &phone).await;
    assert!(counts(&kit, &phone).await);
    kit.advance(Duration::from_secs(32 * 24 * 3600));
    assert!(!counts(&kit, &phone).await, "expired");
}

#[tokio::test]
async fn an_intermediate_authority_is_sent_along() {
    let ca = authority("Root");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Between");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2035, 1, 1));
    let between = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &ca).unwrap();
    let kit = started(&Files::of(&ca), "").await;
    let mut phone = phone(&between, &leaf());
    assert!(!is_taken(&kit, &phone).await, "nobody knows its issuer");
    phone.certificates.push(BASE64.encode(between.der()));
    paired(&kit, "ada", &phone).await;
    assert!(counts(&kit, &phone).await);
}

#[tokio::test]
async fn only_a_certificate_that_counts_is_paired() {
    let (ca, other) = (authority("Devices"), authority("Devices"));
    let kit = started(&Files::of(&ca), "extended_key_usage = \"1.3.6.1.5.5.7.3.2\"").await;
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = leaf();
        change(&mut params);
        phone(&ca, &params)
    };
    let good = phone(&ca, &leaf());
    let mut stolen = phone(&ca, &leaf());
    stolen.certificates.clone_from(&good.certificates);
    let mut none = phone(&ca, &leaf());
    none.certificates.clear();
    let mut cut = phone(&ca, &leaf());
    let whole = BASE64.decode(cut.certificates[0].as_bytes()).unwrap();
    cut.certificates[0] = BASE64.encode(&whole[..whole.len() - 1]);
    let mut long = phone(&ca, &leaf());
    long.certificates[0] = "A".repeat(8 * 1024);
    let mut many = phone(&ca, &leaf());
    many.certificates = vec![many.certificates[0].clone(); 5];
    let bad = [
        ("of an authority with the same name", phone(&other, &leaf())),
        ("of another key", stolen),
        ("without", none),
        ("cut", cut),
        ("long", long),
        ("many", many),
        ("not yet", with(&|p| p.not_before = date_time_ymd(2026, 1, 2))),
        ("no more", with(&|p| p.not_after = date_time_ymd(2025, 12, 31))),
        ("an authority itself", with(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
        ("no key usage", with(&|p| p.key_usages.clear())),
        ("for encryption", with(&|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment])),
        ("no extended use", with(&|p| p.extended_key_usages.clear())),
        ("for servers", with(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])),
    ];
    for (what, phone) in bad {
        assert!(!is_taken(&kit, &phone).await, "{what}");
    }
    assert!(is_taken(&kit, &good).await);
    // And without an authority none does.
    let kit =
        Kit::with(Store::Memory).config(&format!("[login.policy]\nsecond = [\"{ID}\"]\n")).start().await;
    kit.person("ada").await;
    assert!(!is_taken(&kit, &phone(&ca, &leaf())).await);
}

#[tokio::test]
async fn what_is_revoked_counts_no_more_and_what_can_not_be_told_neither() {
    let ca = authority("Devices");
    let files = Files::of(&ca);
    files.put(&list(&ca, &[1], 1));
    let kit = started(&files, "prompts = 20").await;
    let phone = phone(&ca, &leaf());
    paired(&kit, "ada", &phone).await;
    let after = async |text: String| {
        files.put(&text);
        kit.advance(Duration::from_secs(1));
        counts(&kit, &phone).await
    };
    assert!(!after(list(&ca, &[1, 4711], 2)).await, "revoked");
    assert!(after(list(&ca, &[], 3)).await, "taken back");
    assert!(!after(list(&authority("Devices"), &[], 4)).await, "a list of somebody else's, by the same name");
    assert!(after(list(&ca, &[], 5)).await);
    assert!(after("half of a file".to_owned()).await, "what it held before stays in force");
    kit.advance(Duration::from_secs(5 * 24 * 3600));
    assert!(!counts(&kit, &phone).await, "the list is overdue");
}

#[tokio::test]
async fn a_stale_list_counts_where_the_operator_says_so() {
    let ca = authority("Devices");
    let files = Files::of(&ca);
    files.put(&list(&ca, &[], 1));
    let kit = started(&files, "accept_stale_crls = true").await;
    let phone = phone(&ca, &leaf());
    paired(&kit, "ada", &phone).await;
    kit.advance(Duration::from_secs(10 * 24 * 3600));
    assert!(counts(&kit, &phone).await);
}

#[tokio::test]
async fn without_a_list_where_one_is_wanted_nobody_is_paired() {
    let ca = authority("Devices");
    let files = Files::of(&ca);
    let config = files.config("").replace("revocation = \"off\"\n", "");
    let kit = Kit::with(Store::Memory).config(&config).start().await;
    kit.person("ada").await;
    assert!(!is_taken(&kit, &phone(&ca, &leaf())).await);
}

#[tokio::test]
async fn a_key_that_is_ed25519_may_be_certified_too() {
    let ca = authority("Devices");
    let kit = started(&Files::of(&ca), "").await;
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let certificate = leaf().signed_by(&key, &ca).unwrap();
    let phone = Phone::certified_ed25519(ID, &key.serialize_der(), vec![BASE64.encode(certificate.der())]);
    paired(&kit, "ada", &phone).await;
    assert!(counts(&kit, &phone).await);
}
