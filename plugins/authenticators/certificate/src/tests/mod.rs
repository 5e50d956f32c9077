mod chains;
mod kit;

use crate::{By, Config, Invite, Name, Prompt, Proof};
use data_encoding::BASE64;
use gatewright_contract::{
    Authenticator, Call, Enrol, Enrolment, Fault, LookupKey, Purpose, Refusal, Scope, TenantId,
    testing::{ready, scope},
};
use kit::*;
use rcgen::{DnType, SanType, string::Ia5String};
use serde_json::{Value, json};

/// Somebody's certificate with every name in it.
fn named() -> (Issuer, Card) {
    let root = root("people");
    let mut params = params("Ada");
    params.distinguished_name.push(DnType::CustomDnType(vec![0, 9, 2342, 19200300, 100, 1, 1]), "ada");
    let upn = ([1, 3, 6, 1, 4, 1, 311, 20, 2, 3].to_vec(), "Ada@corp.example".into());
    params.subject_alt_names =
        vec![SanType::Rfc822Name(Ia5String::try_from("Ada@Example.com").unwrap()), SanType::OtherName(upn)];
    let card = Card::new(&root, params);
    (root, card)
}

#[test]
fn another_ones_certificate_and_an_unknown_person_are_refused() {
    let root = root("people");
    let (mine, other) = (Card::new(&root, params("ada")), Card::new(&root, params("ada")));
    let plugin = plugin(config(), &Trusting::one(&root));
    let held = [held(By::Fingerprint, &fingerprint(&mine.der))];
    let ada = |der: &[u8]| shows(Some("ada"), &[der]);
    assert_eq!(refusal(verify(&plugin, &ada(&mine.der), &held, json!({}))), None);
    assert_eq!(refusal(verify(&plugin, &ada(&other.der), &held, json!({}))), Some(Refusal::Wrong));
    assert_eq!(refusal(verify(&plugin, &ada(&mine.der), &[], json!({}))), Some(Refusal::NotEnrolled));
    assert_eq!(
        refusal(verify(&plugin, &shows(None, &[]), &held, json!({}))),
        Some(Refusal::Wrong),
        "no certificate"
    );
}

#[test]
fn every_tie_finds_its_account() {
    let (root, card) = named();
    let host = Trusting::one(&root);
    for (by, value) in [
        (By::Fingerprint, fingerprint(&card.der)),
        (By::Email, "ada@example.com".to_owned()),
        (By::Upn, "ada@corp.example".to_owned()),
    ] {
        let plugin = plugin(Config { tie: by, ..config() }, &host);
        let shown = shows(None, &[&card.der]);
        let key = identify(&plugin, &shown, json!({}));
        assert_eq!(key, Some(LookupKey(format!("{}:{value}", by.as_str()))));
        assert_eq!(refusal(verify(&plugin, &shown, &[held(by, &value)], json!({}))), None);
    }
    let by_subject = plugin(Config { tie: By::Subject, ..config() }, &host);
    let key = |card: &Card| identify(&by_subject, &shows(None, &[&card.der]), json!({}));
    let (one, renewed) = (Card::new(&root, params("Grace")), Card::new(&root, params("Grace")));
    assert!(key(&one).is_some() && key(&one) == key(&renewed) && key(&one) != key(&card));
}

#[test]
fn a_bad_certificate_names_nobody() {
    let (_, card) = named();
    let plugin = plugin(Config { tie: By::Email, ..config() }, &Trusting::one(&root("others")));
    assert_eq!(identify(&plugin, &shows(None, &[&card.der]), json!({})), None);
    assert_eq!(identify(&plugin, &shows(None, &[]), json!({})), None);
}

#[test]
fn two_names_are_none() {
    let root = root("people");
    let mut params = params("ada");
    for name in ["ada@example.com", "root@example.com"] {
        params.subject_alt_names.push(SanType::Rfc822Name(Ia5String::try_from(name).unwrap()));
    }
    let card = Card::new(&root, params);
    let with = Config { tie: By::Email, username_from: Some(Name::Email), ..config() };
    let plugin = plugin(with, &Trusting::one(&root));
    assert_eq!(identify(&plugin, &shows(None, &[&card.der]), json!({})), None);
    let told = verify(&plugin, &shows(Some("root@example.com"), &[&card.der]), &[], json!({}));
    assert_eq!(refusal(told), Some(Refusal::NotEnrolled));
}

#[test]
fn a_login_name_in_the_certificate_is_enough_where_it_says_so() {
    let (root, card) = named();
    let host = Trusting::one(&root);
    let asked = |from, scope: &Scope| {
        let plugin = plugin(Config { username_from: from, ..config() }, &host);
        refusal(verify(&plugin, scope, &[], json!({})))
    };
    let shown = |name: &str| shows(Some(name), &[&card.der]);
    for (from, name) in [
        (Name::Email, "ADA@example.com"),
        (Name::Upn, "ada@corp.example"),
        (Name::Cn, "ada"),
        (Name::Uid, "Ada"),
    ] {
        assert_eq!(asked(Some(from), &shown(name)), None, "{name}");
        assert_eq!(asked(Some(from), &shown("grace")), Some(Refusal::NotEnrolled));
        assert_eq!(asked(None, &shown(name)), Some(Refusal::NotEnrolled), "nothing is set up");
        assert_eq!(
            asked(Some(from), &shows(None, &[&card.der])),
            Some(Refusal::NotEnrolled),
            "locked, or nobody"
        );
        let elsewhere = Scope { tenant: TenantId::parse("other").unwrap(), ..shown(name) };
        assert_eq!(asked(Some(from), &elsewhere), Some(Refusal::NotEnrolled));
    }
}

#[test]
fn a_signature_is_good_for_its_challenge_and_its_key() {
    let root = root("people");
    let (card, other) = (Card::new(&root, params("ada")), Card::new(&root, params("ada")));
    let host = Trusting::one(&root);
    let plugin = plugin(Config { accept_signatures: true, ..config() }, &host);
    let held = [held(By::Fingerprint, &fingerprint(&card.der))];
    let asked = |certificate: String, signature: String| {
        let answer = json!({"certificate": certificate, "signature": signature});
        refusal(verify(&plugin, &scope(NOW, Some("ada")), &held, answer))
    };
    let der = BASE64.encode(&card.der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    let right = card.signed(CHALLENGE);
    assert_eq!(asked(der.clone(), right.clone()), None);
    assert_eq!(asked(pem.clone(), right.clone()), None);
    let url = data_encoding::BASE64URL_NOPAD.encode(&BASE64.decode(right.as_bytes()).unwrap());
    assert_eq!(asked(der.clone(), url), None);
    for (certificate, signature) in [
        (der.clone(), card.signed("gatewright-certificate:https://id.example.com:abd")),
        (der.clone(), other.signed(CHALLENGE)),
        (der.clone(), BASE64.encode(b"no signature")),
        (der.clone(), String::new()),
        (der.clone(), "!".to_owned()),
        (der.clone(), "A".repeat(5000)),
        (BASE64.encode(&other.der), right.clone()),
        (der[..200].to_owned(), right.clone()),
        (pem.repeat(9), right.clone()),
        ("A".repeat(70_000), right.clone()),
        ("-----BEGIN CERTIFICATE-----\n".to_owned(), right.clone()),
        (String::new(), right),
    ] {
        assert_eq!(asked(certificate, signature), Some(Refusal::Wrong));
    }
}

#[test]
fn half_a_signature_and_one_that_is_not_wanted_are_bad_requests() {
    let root = root("people");
    let card = Card::new(&root, params("ada"));
    let (off, on) = (config(), Config { accept_signatures: true, ..config() });
    let (certificate, signature) = (BASE64.encode(&card.der), card.signed(CHALLENGE));
    for (config, answer) in [
        (off, json!({"certificate": certificate, "signature": signature})),
        (on.clone(), json!({"certificate": certificate})),
        (on, json!({"signature": signature})),
    ] {
        let told = verify(&plugin(config, &Trusting::one(&root)), &scope(NOW, Some("ada")), &[], answer);
        assert!(matches!(told, Err(Fault::BadRequest { .. })), "{told:?}");
    }
}

#[test]
fn traits_follow_the_config() {
    let host = Trusting::one(&root("people"));
    let off = plugin(Config::default(), &host).traits();
    assert!(!off.steps.first && !off.steps.second && off.phishing_resistant);
    let on = plugin(Config { accept_signatures: true, ..config() }, &host).traits();
    assert!(on.steps.first && on.steps.second && !on.phishing_resistant);
}

#[test]
fn a_store_that_is_not_there_is_our_mistake() {
    let host = Trusting::one(&root("people"));
    let lost = plugin(Config { store: Some("lost".to_owned()), ..Config::default() }, &host);
    assert!(matches!(verify(&lost, &shows(Some("ada"), &[]), &[], json!({})), Err(Fault::Internal { .. })));
    let key = |config| match crate::Certificate::new(config, host.clone()).err() {
        Some(Fault::Config { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    assert_eq!(key(Config { store: Some(String::new()), ..config() }), "store");
    assert_eq!(key(Config { tenants: vec!["A".to_owned()], ..config() }), "tenants.0");
    assert_eq!(key(Config { max_credentials: 0, ..config() }), "max_credentials");
}

/// Both steps of an enrolment; the violation, or the lookup key.
fn enrol(
    config: Config,
    host: &std::sync::Arc<Trusting>,
    scope: &Scope,
    held: &[gatewright_contract::Held<crate::Credential>],
    proof: impl FnOnce(&Prompt) -> Value,
) -> Result<String, String> {
    let plugin = plugin(config, host);
    let invite = Invite { label: Some(" Card ".to_owned()) };
    let invited =
        ready(plugin.invite(Call { scope, credentials: held, body: invite })).map_err(|f| f.to_string())?;
    let proof: Proof = serde_json::from_value(proof(&invited.prompt)).expect("a proof");
    match ready(plugin.enrol(Call { scope, credentials: held, body: (invited.state, proof) })) {
        Ok(Enrolment::Enrolled { lookup, label, .. }) => {
            assert_eq!(label.as_deref(), Some("Card"));
            Ok(lookup.expect("a key").0)
        }
        Ok(Enrolment::Rejected(violations)) => Err(violations[0].code.clone()),
        Ok(Enrolment::Pending { .. }) => panic!("pending"),
        Err(fault) => Err(fault.to_string()),
    }
}

#[test]
fn who_shows_a_certificate_sets_it_up() {
    let (root, card) = named();
    let host = Trusting::one(&root);
    let print = fingerprint(&card.der);
    let shown = shows(Some("ada"), &[&card.der]);
    assert_eq!(enrol(config(), &host, &shown, &[], |_| json!({})), Ok(format!("fingerprint:{print}")));
    let there = [held(By::Fingerprint, &print)];
    assert_eq!(enrol(config(), &host, &shown, &there, |_| json!({})), Err("there_already".to_owned()));
    let bare = scope(NOW, Some("ada"));
    assert_eq!(enrol(config(), &host, &bare, &[], |_| json!({})), Err("certificate_refused".to_owned()));
    let full: Vec<_> = (0..5).map(|i| held(By::Email, &i.to_string())).collect();
    assert!(enrol(config(), &host, &shown, &full, |_| json!({})).is_err());

    let signing = Config { accept_signatures: true, ..config() };
    let signed =
        |text: &str| json!({"certificate": BASE64.encode(&card.der), "signature": card.signed(text)});
    let right = enrol(signing.clone(), &host, &bare, &[], |prompt| signed(&prompt.challenge));
    assert_eq!(right, Ok(format!("fingerprint:{print}")));
    let wrong = enrol(signing, &host, &bare, &[], |_| signed(CHALLENGE));
    assert_eq!(wrong, Err("certificate_refused".to_owned()), "another challenge's");
    let without = Card::new(&root, params("ada"));
    let by_email = Config { tie: By::Email, ..config() };
    let told = enrol(by_email, &host, &shows(Some("ada"), &[&without.der]), &[], |_| json!({}));
    assert_eq!(told, Err("no_tie".to_owned()));
}

#[test]
fn an_administrator_names_certificates_without_their_keys() {
    let (root, card) = named();
    let host = Trusting::one(&root);
    let desk = Scope { purpose: Purpose::Provision, ..scope(NOW, Some("ada")) };
    let set = |scope: &Scope, proof: Value| enrol(config(), &host, scope, &[], |_| proof);
    let tie = |by: &str, value: &str| json!({"tie": {"by": by, "value": value}});
    let print = fingerprint(&card.der);
    assert_eq!(
        set(&desk, json!({"certificate": BASE64.encode(&card.der)})),
        Ok(format!("fingerprint:{print}"))
    );
    assert_eq!(set(&desk, tie("email", "Ada@Example.com")), Ok("email:ada@example.com".to_owned()));
    assert_eq!(set(&desk, tie("upn", "ada@corp.example")), Ok("upn:ada@corp.example".to_owned()));
    let spelled = format!("{}:{}", &print[..2].to_uppercase(), &print[2..]);
    assert_eq!(set(&desk, tie("fingerprint", &spelled)), Ok(format!("fingerprint:{print}")));
    for wrong in [
        tie("fingerprint", "abc"),
        tie("email", "ada"),
        tie("email", "a b@example.com"),
        tie("subject", "CN=ada"),
        tie("upn", &format!("{}@x", "a".repeat(300))),
        json!({"certificate": "AAAA"}),
        json!({}),
    ] {
        assert!(set(&desk, wrong.clone()).is_err(), "{wrong}");
    }
    // Nobody else may.
    let own = scope(NOW, Some("ada"));
    assert!(set(&own, tie("email", "grace@example.com")).is_err());
    assert!(set(&own, json!({"certificate": BASE64.encode(&card.der)})).is_err());
}
