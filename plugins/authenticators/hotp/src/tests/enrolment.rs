use super::*;
use crate::{Draft, Invitation, Invite, Proof};
use gatewright_contract::{Enrol as _, Enrolment, Nothing, Outcome, Registration, Rehearse as _};
use serde_json::json;

fn invite(
    hotp: &Hotp,
    credentials: &[Held<Credential>],
    label: Option<&str>,
) -> Result<(Invitation, Draft), Fault> {
    let body = Invite { label: label.map(str::to_owned) };
    let c = ready(hotp.invite(call(&scope(), credentials, body)))?;
    Ok((c.prompt, c.state))
}

fn finish(
    hotp: &Hotp,
    credentials: &[Held<Credential>],
    draft: Draft,
    code: &str,
) -> Enrolment<Credential, Nothing> {
    let proof = Proof { code: Some(Secret::new(code.to_owned())), seed: None };
    ready(hotp.enrol(call(&scope(), credentials, (draft, proof)))).unwrap()
}

fn first_code(invitation: &Invitation) -> String {
    Hotp::prove(invitation, NOON)["code"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_code_finishes_it_and_is_used_up() {
    let hotp = made(Config::default());
    let (invitation, draft) = invite(&hotp, &[], Some("  Token ")).unwrap();
    assert_eq!(invitation.secret_base32.len(), 32, "20 bytes");
    let code = first_code(&invitation);
    let Enrolment::Enrolled { credential, label, lookup: None, .. } = finish(&hotp, &[], draft, &code) else {
        panic!()
    };
    assert_eq!((label.as_deref(), credential.counter), (Some("Token"), 1));

    let mine = [held(1, credential)];
    let login = |code: &str| {
        let answer = crate::Answer { code: Secret::new(code.to_owned()), next_code: None };
        let verdict = ready(hotp.verify(call(&scope(), &mine, (Nothing {}, answer))));
        matches!(verdict.unwrap().outcome, Outcome::Accepted(_))
    };
    assert!(!login(&code));
    let next = Hotp::answer(&invitation, &Nothing {}, &json!({}), NOON, 0).unwrap();
    assert!(login(next["code"].as_str().unwrap()));
}

#[test]
fn a_wrong_code_is_said_in_words_and_the_draft_stays_good() {
    let hotp = made(Config::default());
    let (invitation, draft) = invite(&hotp, &[], None).unwrap();
    let copy: Draft = serde_json::from_value(serde_json::to_value(&draft).unwrap()).unwrap();
    let far = draft.credential.code_at(11).unwrap();
    let Enrolment::Rejected(violations) = finish(&hotp, &[], draft, &far) else { panic!() };
    assert_eq!(violations[0].code, "code_wrong");
    assert!(matches!(finish(&hotp, &[], copy, &first_code(&invitation)), Enrolment::Enrolled { .. }));
}

#[test]
fn no_more_tokens_than_the_configuration_allows() {
    let hotp = made(Config { max_credentials: 1, ..Config::default() });
    let (invitation, draft) = invite(&hotp, &[], None).unwrap();
    let mine = [held(1, credential(&[1; 20], Algorithm::Sha1, 6))];
    assert!(matches!(invite(&hotp, &mine, None), Err(Fault::BadRequest { .. })));
    let Enrolment::Rejected(violations) = finish(&hotp, &mine, draft, &first_code(&invitation)) else {
        panic!()
    };
    assert_eq!(violations[0].code, "too_many");
}

#[test]
fn a_label_is_short_and_printable_or_left_out() {
    let hotp = made(Config::default());
    for bad in ["x".repeat(65), "two\nlines".to_owned()] {
        assert!(matches!(invite(&hotp, &[], Some(&bad)), Err(Fault::BadRequest { .. })));
    }
    assert!(invite(&hotp, &[], Some("   ")).unwrap().1.label.is_none());
}

#[test]
fn the_uri_names_the_counter_and_what_is_unusual() {
    let plain = credential(&[0; 20], Algorithm::Sha1, 6).uri("Gatewright", "anna").unwrap();
    let expected =
        "otpauth://hotp/Gatewright:anna?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=Gatewright&counter=0";
    assert_eq!(plain, expected);
    let other = credential(&[0; 20], Algorithm::Sha256, 8).moved_to(7).uri("Été & Co", "ldap:zoë?x").unwrap();
    assert!(
        other.starts_with("otpauth://hotp/%C3%89t%C3%A9%20%26%20Co:ldap-zo%C3%AB%3Fx?secret="),
        "{other}"
    );
    for part in ["&digits=8", "&algorithm=SHA256", "&counter=7"] {
        assert!(other.contains(part), "{other}");
    }
    assert!(!other.contains("period"), "{other}");
}

#[test]
fn a_document_survives_the_way_through_json() {
    let doc = credential(&[1, 2, 3, 4], Algorithm::Sha512, 8).moved_to(9);
    let json = serde_json::to_value(&doc).unwrap();
    assert_eq!(json, json!({"secret": "AQIDBA==", "algorithm": "sha512", "digits": 8, "counter": 9}));
    let back: Credential = serde_json::from_value(json).unwrap();
    assert_eq!(back.secret.expose(), &[1, 2, 3, 4]);
    assert!(!format!("{back:?}").contains('4'), "a secret is not printed: {back:?}");
}

#[test]
fn it_is_registered_with_its_abilities() {
    let linked = Registration::linked();
    let [hotp] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (hotp.make)(json!({}), Arc::new(Desk::counting(NOON))).unwrap();
    let manifest = made.manifest();
    assert_eq!(manifest.id, "hotp");
    assert!(manifest.abilities.enrol && manifest.abilities.rehearse);
}

/// The example in the document is what the plugin makes of such a secret.
#[test]
fn the_example_is_real() {
    let schema = gatewright_contract::schema_of::<Invitation>();
    let example: Invitation = serde_json::from_value(schema["example"].clone()).unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(example.secret_base32.as_bytes()).unwrap();
    assert_eq!(
        example.otpauth_uri,
        credential(&secret, Algorithm::Sha1, 6).uri("Gatewright", "ann").unwrap()
    );
}
