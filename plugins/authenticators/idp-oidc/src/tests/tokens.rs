//! Each rule by its own reason.

use super::*;
use crate::{
    id_token::{Expected, Flaw, check},
    keys::Keys,
};
use aws_lc_rs::{
    digest::{SHA256, SHA512, digest},
    encoding::AsDer as _,
    rsa,
    signature::Ed25519KeyPair,
};
use data_encoding::BASE64URL_NOPAD;

const NOW: i64 = NOON.as_secs();

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_id: "us",
        audiences: &[],
        algorithms: &[Algorithm::ES256],
        nonce: "the nonce",
        access_token: Some("the access token"),
        now: NOW,
        leeway: 60,
        begun: NOW - 30,
        max_age: None,
        acr: &[],
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ann", "aud": "us", "nonce": "the nonce", "iat": NOW, "exp": NOW + 60,
        "auth_time": NOW - 100, "acr": "low",
    })
}

fn judge(claims: &Value, expected: &Expected<'_>) -> Result<(), Flaw> {
    let key = ec_key("one");
    let token = signed(&key, Algorithm::ES256, Some("one"), claims);
    check(&token, &Keys::read(vec![key.public]), expected).map(|_| ())
}

fn why(claims: &Value, expected: &Expected<'_>) -> &'static str {
    match judge(claims, expected) {
        Err(Flaw::Bad(why)) => why,
        other => panic!("{claims}: {other:?}"),
    }
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn each_claim_is_checked() {
    assert_eq!(judge(&claims(), &expected()), Ok(()));
    let cases = [
        ("iss", json!("https://login.example.com"), "another issuer"),
        ("aud", json!("them"), "another audience"),
        ("aud", json!(["us", "them"]), "another audience"),
        ("aud", json!(["us", 7]), "another audience"),
        ("azp", json!("them"), "another audience"),
        ("azp", json!(7), "another audience"),
        ("exp", json!(NOW - 60), "expired"),
        ("exp", json!(null), "expired"),
        ("iat", json!(NOW + 61), "expired"),
        ("iat", json!(null), "expired"),
        ("nbf", json!(NOW + 61), "expired"),
        ("nbf", json!("soon"), "expired"),
        ("nonce", json!("another"), "nonce"),
        ("at_hash", json!("AAAA"), "at_hash"),
        ("at_hash", json!(7), "at_hash"),
        ("sub", json!(""), "no subject"),
        ("sub", json!(7), "no subject"),
        ("sub", json!("a\u{0}b"), "no subject"),
        ("sub", json!("x".repeat(256)), "no subject"),
    ];
    for (name, value, reason) in cases {
        let said = why(&with(name, value.clone()), &expected());
        assert!(said.contains(reason), "{name} {value}: {said}");
    }
    for (name, value) in [
        ("exp", json!(NOW - 59)),
        ("iat", json!(NOW + 60)),
        ("nbf", json!(NOW + 60)),
        ("azp", json!("us")),
        ("sub", json!("x".repeat(255))),
    ] {
        assert_eq!(judge(&with(name, value.clone()), &expected()), Ok(()), "{name} {value}");
    }
}

#[test]
fn an_audience_besides_us_must_be_trusted_and_the_token_handed_out_to_us() {
    let audiences = ["project".to_owned()];
    let expected = Expected { audiences: &audiences, ..expected() };
    let mut both = with("aud", json!(["us", "project"]));
    assert!(why(&both, &expected).contains("audience"));
    both["azp"] = json!("us");
    assert_eq!(judge(&both, &expected), Ok(()));
    assert!(why(&with("aud", json!("project")), &expected).contains("audience"));
}

#[test]
fn at_hash_is_half_of_the_hash_that_goes_with_the_signature() {
    let half = |bytes: &[u8]| json!(BASE64URL_NOPAD.encode(&bytes[..bytes.len() / 2]));
    let right = half(digest(&SHA256, b"the access token").as_ref());
    let wrong = half(digest(&SHA512, b"the access token").as_ref());
    assert_eq!(judge(&with("at_hash", right.clone()), &expected()), Ok(()));
    assert!(why(&with("at_hash", wrong), &expected()).contains("at_hash"));
    let without = Expected { access_token: None, ..expected() };
    assert!(why(&with("at_hash", right), &without).contains("at_hash"));
}

#[test]
fn who_must_have_authenticated_lately_must_have() {
    let ages = [(Some(0), false), (Some(9), false), (Some(10), true), (None, true)];
    for (max_age, good) in ages {
        let expected = Expected { max_age, ..expected() };
        assert_eq!(judge(&claims(), &expected).is_ok(), good, "{max_age:?}");
    }
    let expected = Expected { max_age: Some(1000), ..expected() };
    assert!(why(&with("auth_time", json!(null)), &expected).contains("auth_time"));
}

#[test]
fn an_assurance_that_is_required_must_be_there() {
    let acr = ["high".to_owned(), "higher".to_owned()];
    let expected = Expected { acr: &acr, ..expected() };
    assert!(why(&claims(), &expected).contains("acr"));
    assert!(why(&with("acr", json!(null)), &expected).contains("acr"));
    assert_eq!(judge(&with("acr", json!("higher")), &expected), Ok(()));
}

#[test]
fn which_key_it_is_must_be_clear() {
    let (one, two) = (ec_key("one"), ec_key("two"));
    let both = Keys::read(vec![one.public.clone(), two.public.clone()]);
    let token = |kid| signed(&two, Algorithm::ES256, kid, &claims());
    assert!(check(&token(Some("two")), &both, &expected()).is_ok());
    assert_eq!(check(&token(None), &both, &expected()).err(), Some(Flaw::Key));
    assert_eq!(check(&token(Some("three")), &both, &expected()).err(), Some(Flaw::Key));
    let bad = check(&token(Some("one")), &both, &expected()).err();
    assert_eq!(bad, Some(Flaw::Bad("the ID token is not signed by it")));
    assert!(check(&token(None), &Keys::read(vec![two.public]), &expected()).is_ok());
}

#[test]
fn a_key_for_something_else_does_not_sign() {
    let key = ec_key("one");
    let token = signed(&key, Algorithm::ES256, Some("one"), &claims());
    let with = |name: &str, value: Value| {
        let mut public = key.public.clone();
        public[name] = value;
        check(&token, &Keys::read(vec![json!({"kty": "?"}), json!(7), public]), &expected()).is_ok()
    };
    assert!(with("use", json!("sig")) && with("key_ops", json!(["verify"])) && with("alg", json!("ES256")));
    assert!(!with("use", json!("enc")) && !with("key_ops", json!(["deriveKey"])));
    assert!(!with("alg", json!("ES384")) && !with("crv", json!("P-384")));
    // A shared secret, even one that has signed, is no key here.
    let secret = json!({"kty": "oct", "kid": "one", "k": "c2VjcmV0"});
    let private = EncodingKey::from_secret(b"secret");
    let token = signed(&Key { private, public: Value::Null }, Algorithm::HS256, Some("one"), &claims());
    let found = check(&token, &Keys::read(vec![secret.clone()]), &expected()).err();
    assert_eq!(found, Some(Flaw::Bad("the ID token is signed in a way that is not allowed")));
    assert!(Keys::read(vec![secret]).find(Some("one"), Algorithm::HS256).is_none());
}

#[test]
fn other_signatures_work_where_they_are_allowed_and_only_there() {
    let ed = Ed25519KeyPair::generate().unwrap();
    let ed = EncodingKey::from_ed_der(ed.to_pkcs8v1().unwrap().as_ref());
    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let rsa: Vec<u8> = rsa.as_der().map(|der| der.as_ref().to_vec()).unwrap();
    // PKCS #8 around PKCS #1: 26 bytes before it, for a key of this size.
    let rsa = EncodingKey::from_rsa_der(&rsa[26..]);
    let all = [
        (public(ed, Algorithm::EdDSA, "ed"), Algorithm::EdDSA),
        (public(rsa.clone(), Algorithm::RS256, "rs"), Algorithm::RS256),
        (public(rsa, Algorithm::PS256, "ps"), Algorithm::PS256),
    ];
    for (key, algorithm) in all {
        let kid = key.public["kid"].as_str().unwrap().to_owned();
        let token = signed(&key, algorithm, Some(&kid), &claims());
        let keys = Keys::read(vec![key.public]);
        let allowed = [algorithm];
        assert!(
            check(&token, &keys, &Expected { algorithms: &allowed, ..expected() }).is_ok(),
            "{algorithm:?}"
        );
        assert!(check(&token, &keys, &expected()).is_err(), "{algorithm:?}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let key = ec_key("one");
    let token = signed(&key, Algorithm::ES256, Some("one"), &claims());
    let keys = Keys::read(vec![key.public.clone()]);
    let parts: Vec<&str> = token.split('.').collect();
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
    let bad = [
        String::new(),
        "...".to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token}.x.y"),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], BASE64URL_NOPAD.encode(b"{}"), parts[2]),
        format!("{}.{}.{}", "A".repeat(40_000), parts[1], parts[2]),
    ];
    for token in bad {
        assert!(check(&token, &keys, &expected()).is_err(), "{token:.100}");
    }
    for (typ, crit, good) in
        [(Some("jwt"), None, true), (Some("logout+jwt"), None, false), (None, Some("exp"), false)]
    {
        let crit = crit.map(|name: &str| vec![name.to_owned()]);
        let typ = typ.map(str::to_owned);
        let header = Header { typ, crit, ..Header::new(Algorithm::ES256) };
        let token = encode(&header, &claims(), &key.private).unwrap();
        assert_eq!(check(&token, &keys, &expected()).is_ok(), good);
    }
}
