use super::{
    ALGORITHMS, Flaw, Jwk, LONGEST,
    testing::{RSA_N, TestKey},
    verify,
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

fn parse(value: &Value) -> Jwk {
    Jwk::parse(value).expect("a key")
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value[name] = member;
    value
}

#[test]
fn thumbprints_are_those_of_the_rfcs() {
    let rsa = json!({"kty": "RSA", "n": RSA_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
    assert_eq!(parse(&rsa).thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "RFC 7638, 3.1");
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(parse(&ed).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "RFC 8037, A.3");
    let ec = json!({
        "kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    });
    assert_eq!(parse(&ec).thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "RFC 9449, 6.1");
}

#[test]
fn signatures_of_the_rfcs_verify() {
    // RFC 7515, A.3.
    let key = parse(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }));
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290\
                 Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let read = verify(token, std::slice::from_ref(&key), &["ES256"]).expect("signed");
    assert_eq!((read.text("iss"), read.time("exp")), (Some("joe"), Some(1_300_819_380)));
    assert_eq!(verify(token, &[key], &["ES384"]), Err(Flaw::Shape("its alg is not one that is taken here")));

    // RFC 8037, A.4: what is signed is no JSON, which is seen after the signature.
    let ed =
        parse(&json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}));
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhij\
                 cNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let judge = |token: &str| verify(token, std::slice::from_ref(&ed), ALGORITHMS);
    assert!(matches!(judge(token), Err(Flaw::Shape(_))));
    assert_eq!(judge(&token.replace("RXhh", "RXhi")), Err(Flaw::Signature));
}

#[test]
fn each_algorithm_verifies_with_its_own_key_only() {
    let keys = [TestKey::ed25519(), TestKey::curve("P-256"), TestKey::curve("P-384"), TestKey::rsa()];
    let of = |word: &str| match word {
        "EdDSA" | "Ed25519" => 0,
        "ES256" => 1,
        "ES384" => 2,
        _ => 3,
    };
    for word in ALGORITHMS {
        let token = keys[of(word)].sign(&json!({"alg": word}), &json!({"sub": "a"}));
        for (i, key) in keys.iter().enumerate() {
            let judged = verify(&token, &[parse(&key.public)], ALGORITHMS);
            assert_eq!(judged.is_ok(), i == of(word), "{word} with key {i}: {judged:?}");
        }
        let others: Vec<&str> = ALGORITHMS.iter().filter(|other| *other != word).copied().collect();
        assert!(verify(&token, &[parse(&keys[of(word)].public)], &others).is_err(), "{word} is not allowed");
        // The key says that it is for another.
        let other = if *word == "PS256" { "RS256" } else { "PS256" };
        if of(word) == 3 {
            let bound = parse(&with(keys[3].public.clone(), "alg", json!(other)));
            assert_eq!(verify(&token, &[bound], ALGORITHMS), Err(Flaw::Key));
        }
    }
}

#[test]
fn none_and_shared_secrets_are_no_signatures() {
    let key = TestKey::rsa();
    let (header, claims) = (|alg: &str| json!({"alg": alg}).to_string(), json!({"sub": "a"}).to_string());
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let known = [parse(&key.public)];
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "ES512", "RSA-OAEP"] {
        for signature in ["", ".", ".AA"] {
            let token = format!("{}.{}{signature}", part(&header(alg)), part(&claims));
            assert!(verify(&token, &known, ALGORITHMS).is_err(), "{alg} {signature}");
            assert!(verify(&token, &known, &[alg]).is_err(), "{alg}, were it allowed");
        }
    }
    // The public key taken as the secret of an HMAC.
    let n = key.public["n"].as_str().expect("n");
    for secret in [n.as_bytes(), key.public.to_string().as_bytes()] {
        let message = format!("{}.{}", part(&header("HS256")), part(&claims));
        let made = jsonwebtoken::crypto::sign(
            message.as_bytes(),
            &EncodingKey::from_secret(secret),
            Algorithm::HS256,
        );
        let token = format!("{message}.{}", made.expect("signs"));
        assert!(verify(&token, &known, ALGORITHMS).is_err());
        assert!(verify(&token, &known, &["HS256"]).is_err());
    }
}

#[test]
fn the_key_that_is_named_is_the_one_and_without_a_name_there_must_be_one_only() {
    let (a, b) = (TestKey::ed25519(), TestKey::ed25519());
    let named = |key: &TestKey, kid: &str| parse(&with(key.public.clone(), "kid", json!(kid)));
    let both = [named(&a, "a"), named(&b, "b")];
    let sign = |key: &TestKey, header: Value| key.sign(&header, &json!({}));
    let judge = |token: &str, keys: &[Jwk]| verify(token, keys, ALGORITHMS).map(drop);

    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": "a"})), &both), Ok(()));
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": "b"})), &both), Err(Flaw::Signature));
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": "c"})), &both), Err(Flaw::Key));
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": null})), &both), Err(Flaw::Key));
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA"})), &both), Err(Flaw::Key), "nobody can say which");
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA"})), &both[..1]), Ok(()));
    let nameless = [parse(&a.public)];
    for kid in [json!("a"), json!(null), json!(1)] {
        assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": kid})), &nameless), Err(Flaw::Key));
    }
    let twice = [named(&a, "a"), named(&a, "a")];
    assert_eq!(judge(&sign(&a, json!({"alg": "EdDSA", "kid": "a"})), &twice), Err(Flaw::Key));
}

#[test]
fn a_token_of_another_shape_is_not_looked_at() {
    let key = TestKey::ed25519();
    let known = [parse(&key.public)];
    let judge = |token: &str| verify(token, &known, ALGORITHMS);
    let text = |header: &str, claims: &str| key.sign_text(header, claims, Algorithm::EdDSA);
    let good = text(r#"{"alg":"EdDSA"}"#, r#"{"sub":"a"}"#);
    assert!(judge(&good).is_ok());
    for header in [
        r#"{"alg":"EdDSA","crit":["exp"]}"#,
        r#"{"alg":"EdDSA","crit":[]}"#,
        r#"{"alg":"EdDSA","b64":false}"#,
        r#"{"alg":["EdDSA"]}"#,
        r#"{"alg":null}"#,
        r#"["EdDSA"]"#,
        "{}",
        "",
    ] {
        assert!(matches!(judge(&text(header, "{}")), Err(Flaw::Shape(_))), "{header}");
    }
    let deep = |levels: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(judge(&text(r#"{"alg":"EdDSA"}"#, &deep(16))).is_ok());
    for claims in [&deep(17), &deep(10_000), "[]", "1", "", "{\"a\":1} {}"] {
        assert!(matches!(judge(&text(r#"{"alg":"EdDSA"}"#, claims)), Err(Flaw::Shape(_))));
    }
    let long = text(r#"{"alg":"EdDSA"}"#, &json!({"a": "x".repeat(LONGEST)}).to_string());
    assert!(matches!(judge(&long), Err(Flaw::Shape(_))));
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.replacen('.', "..", 1),
        good.rsplit_once('.').map(|(message, _)| format!("{message}.")).expect("parts"),
    ] {
        assert!(judge(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_key_that_is_private_weak_or_for_something_else_is_refused() {
    let (ed, ec, rsa) = (TestKey::ed25519().public, TestKey::curve("P-256").public, TestKey::rsa().public);
    for good in [&ed, &ec, &rsa] {
        parse(good);
        for name in ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"] {
            assert!(Jwk::parse(&with(good.clone(), name, json!("AQAB"))).is_err(), "{name}");
        }
        for (name, bad) in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt"])),
            ("key_ops", json!("verify")),
            ("alg", json!("HS256")),
            ("alg", json!("none")),
            ("alg", json!(1)),
            ("kid", json!(1)),
            ("kid", json!("k".repeat(256))),
            ("kty", json!("oct")),
            ("kty", json!("rsa")),
            ("x5c", json!("AA==")),
            ("x5c", json!([])),
            ("x5c", json!(["!"])),
        ] {
            assert!(Jwk::parse(&with(good.clone(), name, bad)).is_err(), "{name}");
        }
        parse(&with(with(good.clone(), "use", json!("sig")), "key_ops", json!(["verify"])));
    }
    let number = |bytes: &[u8]| json!(BASE64URL_NOPAD.encode(bytes));
    let refused = |key: &Value, name: &str, value: Value| {
        assert!(Jwk::parse(&with(key.clone(), name, value)).is_err(), "{name}");
    };
    refused(&ed, "x", number(&[7; 31]));
    refused(&ed, "crv", json!("Ed448"));
    refused(&ed, "crv", json!("X25519"));
    refused(&ec, "crv", json!("P-384"));
    refused(&ec, "crv", json!("secp256k1"));
    refused(&ec, "x", number(&[7; 32]));
    refused(&ec, "x", number(&[]));
    refused(&ec, "y", json!(format!("{}=", ec["y"].as_str().expect("y"))));
    refused(&rsa, "n", number(&[0xff; 255]));
    refused(&rsa, "n", number(&[&[0][..], &[0xff; 256]].concat()));
    refused(&rsa, "n", number(&[0xff; 1025]));
    refused(&rsa, "n", number(&[&[0xff; 255][..], &[0xfe]].concat()));
    for e in [&[][..], &[1], &[2], &[0, 1, 0, 1], &[1, 0, 0, 0, 1]] {
        refused(&rsa, "e", number(e));
    }
    for no_object in [json!(null), json!([]), json!("key"), json!({})] {
        assert!(Jwk::parse(&no_object).is_err());
    }
}

#[test]
fn of_a_set_what_is_understood_is_taken() {
    let good = TestKey::ed25519().public;
    let mixed = json!({"keys": [good, {"kty": "oct", "k": "AAAA"}, with(good.clone(), "d", json!("AA")), 7]});
    assert_eq!(Jwk::set(&mixed).expect("a set").len(), 1);
    assert!(Jwk::set(&json!({"keys": vec![good.clone(); 101]})).is_err());
    for none in [json!({}), json!([good]), json!({"keys": {}}), json!(null)] {
        assert!(Jwk::set(&none).is_err());
    }
    let der = vec![0x30, 0x00];
    let chain = with(good, "x5c", json!([BASE64.encode(&der), "not looked at"]));
    assert_eq!(parse(&chain).certificate(), Some(&der[..]));
}
