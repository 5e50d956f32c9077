use crate::{Jwk, PublicKey, Statement, base64url};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use gatewright_contract::Secret;

/// RFC 8032, section 7.1, test 1.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
    0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

fn jwk(kty: &str, crv: &str, x: &str, y: Option<&str>) -> Jwk {
    Jwk { kty: kty.into(), crv: crv.into(), x: x.into(), y: y.map(str::to_owned), d: None }
}

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// RFC 8037, appendix A.3.
#[test]
fn a_thumbprint_is_that_of_the_rfc() {
    let key = PublicKey::read(&jwk("OKP", "Ed25519", X, None)).unwrap();
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key, PublicKey::decoy());
}

#[test]
fn what_is_no_public_key_is_refused() {
    let half = &X[..42];
    for (kty, crv, x, y) in [
        ("OKP", "Ed25519", half, None),
        ("OKP", "Ed25519", X, Some(X)),
        ("OKP", "X25519", X, None),
        ("EC", "P-256", X, None),
        ("EC", "P-384", X, Some(X)),
        ("RSA", "P-256", X, Some(X)),
        ("OKP", "Ed25519", "+1qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", None),
        ("OKP", "Ed25519", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=", None),
        ("OKP", "Ed25519", &"A".repeat(1_000_000), None),
    ] {
        assert!(PublicKey::read(&jwk(kty, crv, x, y)).is_none(), "{kty} {crv} {}", x.len());
    }
    let private = Jwk { d: Some(Secret::new(X.to_owned())), ..jwk("OKP", "Ed25519", X, None) };
    assert!(PublicKey::read(&private).is_none());
}

#[test]
fn a_signature_is_of_one_statement() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
    assert_eq!(base64url(pair.public_key().as_ref()), X);
    let key = PublicKey::decoy();
    let one = Statement::new("decide", "default", "push").with("wake", "a").with("number", "42");
    let signature = base64url(pair.sign(one.as_bytes()).as_ref());
    assert!(key.has_signed(&one, &signature));
    // The same texts elsewhere, in another order, or one value that looks like two fields.
    for other in [
        Statement::new("ask", "default", "push").with("wake", "a").with("number", "42"),
        Statement::new("decide", "other", "push").with("wake", "a").with("number", "42"),
        Statement::new("decide", "default", "smart-login").with("wake", "a").with("number", "42"),
        Statement::new("decide", "default", "push").with("number", "42").with("wake", "a"),
        Statement::new("decide", "default", "push").with("wake", "a\nnumber=2:42"),
        Statement::new("decide", "default", "push").with("wake", "a").with("number", "42").with("x", ""),
    ] {
        assert!(!key.has_signed(&other, &signature), "{other:?}");
    }
    for bad in ["", "A", &signature[..85], &format!("{signature}A"), &"A".repeat(86), &"A".repeat(100_000)] {
        assert!(!key.has_signed(&one, bad), "{}", bad.len());
    }
}

#[test]
fn a_statement_is_what_the_readme_says() {
    let text = Statement::new("decide", "default", "push").with("decision", "approve").with("name", "é\n");
    let expected =
        "gatewright-device-1 decide\ntenant=7:default\nfor=4:push\ndecision=7:approve\nname=3:é\n\n";
    assert_eq!(text.as_bytes(), expected.as_bytes());
}

#[test]
fn a_key_survives_the_way_through_json_and_damage_does_not() {
    let key = PublicKey::P256([7; 32], [9; 32]);
    let json = serde_json::to_value(key).unwrap();
    assert_eq!(serde_json::from_value::<PublicKey>(json.clone()).unwrap(), key);
    let mut damaged = json;
    damaged["crv"] = "Ed25519".into();
    assert!(serde_json::from_value::<PublicKey>(damaged).is_err());
}

#[test]
fn the_key_of_a_certificate_has_the_form_of_its_curve() {
    let point = [&[4][..], &[1; 32], &[2; 32]].concat();
    assert_eq!(PublicKey::of_certificate(false, &point), Some(PublicKey::P256([1; 32], [2; 32])));
    assert_eq!(PublicKey::of_certificate(true, &[3; 32]), Some(PublicKey::Ed25519([3; 32])));
    let compressed = [&[2][..], &[1; 32]].concat();
    for (ed25519, bytes) in [(false, &compressed[..]), (false, &point[..64]), (true, &[3; 31]), (false, &[])]
    {
        assert_eq!(PublicKey::of_certificate(ed25519, bytes), None);
    }
}
