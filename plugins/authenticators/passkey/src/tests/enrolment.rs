use super::*;
use crate::{Wanted, credential::lookup};

#[test]
fn the_browser_is_told_what_it_needs_and_only_what_is_understood() {
    let passkey = passkey();
    let scope = second();
    let invited = ready(passkey.invite(call(&scope, &[], Invite::default()))).unwrap();
    let options = serde_json::to_value(&invited.prompt).unwrap()["publicKey"].clone();
    assert_eq!(options["rp"], json!({"id": "id.example.com", "name": "Example"}));
    let person = scope.person.as_ref().unwrap();
    let handle = data_encoding::BASE64URL_NOPAD.encode(person.id.0.as_bytes());
    assert_eq!(options["user"]["id"], handle.as_str(), "section 7.2: the user handle is the person's id");
    let algorithms: Vec<i64> =
        options["pubKeyCredParams"].as_array().unwrap().iter().map(|p| p["alg"].as_i64().unwrap()).collect();
    assert_eq!(algorithms, [-7, -35, -257]);
    assert_eq!((&options["attestation"], &options["timeout"]), (&json!("none"), &json!(300_000)));
    assert_eq!(options["challenge"].as_str().unwrap().len(), 43, "32 bytes");
    assert_eq!(invited.expires_in.unwrap().as_secs(), 300);
}

#[test]
fn each_algorithm_on_offer_is_taken_and_logs_in() {
    let passkey = passkey();
    for mut key in [Key::es256(ORIGIN), Key::es384(ORIGIN), Key::rs256(ORIGIN)] {
        let anna = kept(&passkey, &mut key);
        let verdict = answered(&passkey, &first(), &[anna], |prompt| key.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), None);
    }
}

#[test]
fn what_is_kept_is_what_the_key_said() {
    let mut key = Key::es256(ORIGIN);
    key.flags |= flag::ELIGIBLE | flag::BACKED_UP;
    key.aaguid = [7; 16];
    key.counter = 5;
    let enrolled = enrolled(&passkey(), &[], |invitation| key.register(invitation)).unwrap();
    let Enrolment::Enrolled { credential, lookup: found, .. } = enrolled else { panic!("refused") };
    assert_eq!(found, Some(lookup(&key.id)));
    assert_eq!((credential.counter, credential.user_verified), (5, true));
    assert!(credential.backup_eligible && credential.backed_up);
    let shown = Passkey::describe(&credential);
    assert_eq!(shown["aaguid"], "07070707-0707-0707-0707-070707070707");
    assert_eq!((&shown["synced"], &shown["discoverable"]), (&json!(true), &json!(true)));
    assert!(!shown.to_string().contains(&credential.id), "no id of a key, no key");
}

#[test]
fn what_does_not_fit_is_refused_with_a_word_about_it() {
    let passkey = passkey();
    let refused = |change: fn(&mut Key)| {
        let mut key = Key::es256(ORIGIN);
        change(&mut key);
        rejection(&passkey, |invitation| key.register(invitation))
    };
    for change in [
        (|key| key.origin = "https://evil.example".into()) as fn(&mut Key),
        |key| key.origin = "https://id.example.com:444".into(),
        |key| key.origin = "https://sub.id.example.com".into(),
        |key| key.rp_id = Some("evil.example".into()),
        |key| key.flags = flag::VERIFIED,
        |key| key.flags |= flag::BACKED_UP,
        |key| key.page = json!({"crossOrigin": true}),
        |key| key.page = json!({"topOrigin": "https://evil.example"}),
        |key| key.page = json!({"type": "webauthn.get"}),
        |key| key.page = json!({"challenge": "AAAA"}),
    ] {
        assert_eq!(refused(change), "passkey_refused");
    }
}

#[test]
fn an_answer_to_another_invitation_is_refused() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let mut old = Value::Null;
    rejection(&passkey, |invitation| {
        old = key.register(invitation);
        let mut other = invitation.clone();
        other["publicKey"]["challenge"] = json!("b3RoZXI");
        key.register(&other)
    });
    assert_eq!(rejection(&passkey, |_| old), "passkey_refused");
}

#[test]
fn the_same_key_is_not_set_up_twice() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let anna = [kept(&passkey, &mut key)];
    let scope = second();
    let invited = ready(passkey.invite(call(&scope, &anna, Invite::default()))).unwrap();
    assert_eq!(invited.prompt.public_key.exclude_credentials[0].id, anna[0].doc.id);
    let again = enrolled(&passkey, &anna, |invitation| key.register(invitation)).unwrap();
    assert!(matches!(again, Enrolment::Rejected(broken) if broken[0].code == "already_there"));
}

#[test]
fn the_id_outside_must_be_the_one_that_is_signed() {
    let mut key = Key::es256(ORIGIN);
    let code = rejection(&passkey(), |invitation| {
        let mut answer = key.register(invitation);
        answer["id"] = json!("b3RoZXI");
        answer
    });
    assert_eq!(code, "passkey_refused");
}

#[test]
fn algorithms_that_are_not_offered_are_refused() {
    use crate::soft::map;
    use serde_cbor_2::Value as Cbor;
    let number = |n: i128| Cbor::Integer(n);
    let okp = |curve, size| {
        map([
            (number(1), number(1)),
            (number(3), number(-8)),
            (number(-1), number(curve)),
            (number(-2), Cbor::Bytes(vec![9; size])),
        ])
    };
    let es512 = map([
        (number(1), number(2)),
        (number(3), number(-36)),
        (number(-1), number(3)),
        (number(-2), Cbor::Bytes(vec![1; 66])),
        (number(-3), Cbor::Bytes(vec![1; 66])),
    ]);
    let rs1 = map([
        (number(1), number(3)),
        (number(3), number(-65535)),
        (number(-1), Cbor::Bytes(vec![0xf1; 256])),
        (number(-2), Cbor::Bytes(vec![1, 0, 1])),
    ]);
    for public in [okp(6, 32), okp(7, 57), es512, rs1, Cbor::Null] {
        let mut key = Key::odd(ORIGIN, public);
        assert_eq!(rejection(&passkey(), |invitation| key.register(invitation)), "passkey_refused");
    }
}

#[test]
fn truncated_or_oversized_is_refused_before_it_is_read() {
    let passkey = passkey();
    let mut long_id = Key::es256(ORIGIN);
    long_id.id = vec![1; 1024];
    let code = enrolled(&passkey, &[], |invitation| long_id.register(invitation));
    assert!(matches!(code, Err(Fault::BadRequest { .. })), "section 7.1: at most 1023 bytes");
    let code = rejection(&passkey, |invitation| {
        let mut answer = long_id.register(invitation);
        answer["id"] = json!("b3RoZXI");
        answer
    });
    assert_eq!(code, "passkey_refused", "nor inside");
    for (field, size) in [("attestationObject", 65_537), ("clientDataJSON", 8_193)] {
        let mut key = Key::es256(ORIGIN);
        let long = enrolled(&passkey, &[], |invitation| {
            let mut answer = key.register(invitation);
            answer["response"][field] = json!("A".repeat(size));
            answer
        });
        assert!(matches!(long, Err(Fault::BadRequest { .. })), "{field}");
        let cut = rejection(&passkey, |invitation| {
            let mut answer = key.register(invitation);
            let whole = answer["response"][field].as_str().unwrap();
            let half = &whole[..whole.len() / 8 * 4];
            answer["response"][field] = json!(half);
            answer
        });
        assert_eq!(cut, "passkey_refused", "{field}");
    }
}

#[test]
fn at_most_so_many_and_names_of_a_line() {
    let passkey = made(Config { max_credentials: 1, ..Config::default() });
    let anna = [kept(&passkey, &mut Key::es256(ORIGIN))];
    let scope = second();
    let full = ready(passkey.invite(call(&scope, &anna, Invite::default())));
    assert!(matches!(full, Err(Fault::BadRequest { .. })));
    for bad in ["a\nb", &"x".repeat(65)] {
        let invite = Invite { label: Some(bad.to_owned()) };
        let refused = ready(passkey.invite(call(&scope, &[], invite)));
        assert!(matches!(refused, Err(Fault::BadRequest { .. })), "{bad:?}");
    }
}

#[test]
fn what_the_configuration_wants_of_a_new_key() {
    let strict = made(Config {
        user_verification: Wanted::Required,
        discoverable: Wanted::Required,
        allow_synced: false,
        ..Config::default()
    });
    let mut unverified = Key::es256(ORIGIN);
    unverified.flags = flag::PRESENT;
    assert_eq!(rejection(&strict, |i| unverified.register(i)), "passkey_refused");
    assert!(!kept(&passkey(), &mut unverified).doc.user_verified);
    let mut synced = Key::es256(ORIGIN);
    synced.flags |= flag::ELIGIBLE;
    assert_eq!(rejection(&strict, |i| synced.register(i)), "passkey_refused");
    let mut forgotten = Key::es256(ORIGIN);
    let code = rejection(&strict, |invitation| {
        let mut answer = forgotten.register(invitation);
        answer["clientExtensionResults"]["credProps"]["rk"] = json!(false);
        answer
    });
    assert_eq!(code, "not_discoverable");
    kept(&strict, &mut Key::es256(ORIGIN));
}
