use super::*;
use crate::{Draft, Invitation, Invite, Proof};
use gatewright_contract::{Enrol as _, Enrolment, Outcome, Registration, Rehearse as _};
use serde_json::json;

fn invite(
    totp: &Totp,
    credentials: &[Held<Credential>],
    label: Option<&str>,
) -> Result<(Invitation, Draft), Fault> {
    let body = Invite { label: label.map(str::to_owned) };
    let c = ready(totp.invite(call(&scope(NOON), credentials, body)))?;
    Ok((c.prompt, c.state))
}

fn finish(totp: &Totp, draft: Draft, code: &str) -> Enrolment<Credential, gatewright_contract::Nothing> {
    let proof = Proof { code: Some(Secret::new(code.to_owned())), seed: None };
    ready(totp.enrol(call(&scope(NOON), &[], (draft, proof)))).unwrap()
}

#[test]
fn the_code_of_the_app_finishes_it_and_is_used_up() {
    let totp = made(Config::default());
    let (invitation, draft) = invite(&totp, &[], Some("  Phone ")).unwrap();
    assert_eq!(invitation.secret_base32.len(), 32, "20 bytes");
    let code = Totp::prove(&invitation, NOON)["code"].as_str().unwrap().to_owned();
    let Enrolment::Enrolled { credential, label, lookup: None, .. } = finish(&totp, draft, &code) else {
        panic!()
    };
    assert_eq!(label.as_deref(), Some("Phone"));
    assert_eq!(credential.last_step, u64::try_from(NOON.as_secs()).unwrap() / 30);

    let mine = [held(1, credential)];
    let login = |now, code: &str| {
        let answer = crate::Answer { code: Secret::new(code.to_owned()) };
        let verdict = ready(totp.verify(call(&scope(now), &mine, (gatewright_contract::Nothing {}, answer))));
        matches!(verdict.unwrap().outcome, Outcome::Accepted(_))
    };
    assert!(!login(NOON, &code));
    let next = Totp::answer(&invitation, &gatewright_contract::Nothing {}, &json!({}), after(30), 0).unwrap();
    assert!(login(after(30), next["code"].as_str().unwrap()));
}

#[test]
fn a_wrong_code_is_said_in_words_and_the_draft_stays_good() {
    let totp = made(Config::default());
    let (invitation, draft) = invite(&totp, &[], None).unwrap();
    let right = Totp::prove(&invitation, NOON)["code"].as_str().unwrap().to_owned();
    let copy: Draft = serde_json::from_value(serde_json::to_value(&draft).unwrap()).unwrap();
    let old = Totp::prove(&invitation, after(-60))["code"].as_str().unwrap().to_owned();
    let Enrolment::Rejected(violations) = finish(&totp, draft, &old) else { panic!() };
    assert_eq!(violations[0].code, "code_wrong");
    assert!(matches!(finish(&totp, copy, &right), Enrolment::Enrolled { .. }));
}

#[test]
fn each_invitation_has_its_own_secret() {
    let totp = made(Config::default());
    let (one, _) = invite(&totp, &[], None).unwrap();
    let (two, _) = invite(&totp, &[], None).unwrap();
    assert_ne!(one.secret_base32, two.secret_base32);
}

#[test]
fn no_more_apps_than_the_configuration_allows() {
    let totp = made(Config { max_credentials: 1, ..Config::default() });
    let (invitation, draft) = invite(&totp, &[], None).unwrap();
    let mine = [held(1, credential(&[1; 20], Algorithm::Sha1, 6))];
    assert!(matches!(invite(&totp, &mine, None), Err(Fault::BadRequest { .. })));
    let code = Secret::new(Totp::prove(&invitation, NOON)["code"].as_str().unwrap().to_owned());
    let proof = Proof { code: Some(code), seed: None };
    let done = ready(totp.enrol(call(&scope(NOON), &mine, (draft, proof)))).unwrap();
    let Enrolment::Rejected(violations) = done else { panic!() };
    assert_eq!(violations[0].code, "too_many");
}

#[test]
fn a_label_is_short_and_printable_or_left_out() {
    let totp = made(Config::default());
    for bad in ["x".repeat(65), "two\nlines".to_owned()] {
        assert!(matches!(invite(&totp, &[], Some(&bad)), Err(Fault::BadRequest { .. })));
    }
    assert!(invite(&totp, &[], Some("   ")).unwrap().1.label().is_none());
}

#[test]
fn the_uri_is_escaped_and_read_back_by_another_reader() {
    let cases = [
        ("anna@example.com", "Gatewright", "otpauth://totp/Gatewright:anna%40example.com?"),
        ("ldap:anna", "ACME & Sons", "otpauth://totp/ACME%20%26%20Sons:ldap-anna?"),
        (
            "zoë?x=1&secret=AAAA#",
            "Été/100%",
            "otpauth://totp/%C3%89t%C3%A9%2F100%25:zo%C3%AB%3Fx%3D1%26secret%3DAAAA%23?",
        ),
    ];
    for (account, issuer, start) in cases {
        let c = credential(&[9; 20], Algorithm::Sha256, 8);
        let uri = c.uri(issuer, account).unwrap();
        assert!(uri.starts_with(start), "{uri}");
        let read = totp_rs::Totp::from_url(&uri).unwrap();
        assert_eq!(read.issuer(), Some(issuer));
        assert_eq!(read.account_name(), account.replace(':', "-"));
        assert_eq!(read.secret().as_bytes(), [9; 20]);
        assert_eq!((read.digits(), read.step(), read.algorithm()), (8, 30, totp_rs::Algorithm::SHA256));
    }
}

#[test]
fn the_usual_parameters_are_left_out_of_the_uri() {
    let uri = credential(&[0; 20], Algorithm::Sha1, 6).uri("Gatewright", "anna").unwrap();
    let expected = "otpauth://totp/Gatewright:anna?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=Gatewright";
    assert_eq!(uri, expected);
}

#[test]
fn a_document_survives_the_way_through_json() {
    let doc = Credential { last_step: 7, ..credential(&[1, 2, 3, 4], Algorithm::Sha512, 8) };
    let json = serde_json::to_value(&doc).unwrap();
    let expected = json!({"secret": "AQIDBA==", "algorithm": "sha512", "digits": 8, "period_seconds": 30, "last_step": 7});
    assert_eq!(json, expected);
    let back: Credential = serde_json::from_value(json).unwrap();
    assert_eq!(back.secret.expose(), &[1, 2, 3, 4]);
    assert!(!format!("{back:?}").contains('4'), "a secret is not printed: {back:?}");
}

#[test]
fn it_is_registered_with_its_abilities() {
    let linked = Registration::linked();
    let [totp] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (totp.make)(json!({}), Arc::new(Desk::counting(NOON))).unwrap();
    let manifest = made.manifest();
    assert_eq!(manifest.id, "totp");
    assert!(manifest.abilities.enrol && manifest.abilities.rehearse);
    assert!(!manifest.abilities.identify && !manifest.abilities.signal);
}

/// The example in the document is what the plugin makes of such a secret.
#[test]
fn the_example_is_real() {
    let schema = gatewright_contract::schema_of::<Invitation>();
    let example: Invitation = serde_json::from_value(schema["example"].clone()).unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(example.secret_base32.as_bytes()).unwrap();
    let uri = credential(&secret, Algorithm::Sha1, 6).uri("Gatewright", "ann").unwrap();
    assert_eq!(example.otpauth_uri, uri);
    let svg = gatewright_device::Picture::of(&uri).unwrap().svg();
    assert_eq!(svg.split('>').next(), example.qr_svg.split('>').next());
}
