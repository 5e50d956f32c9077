use super::{Expected, Good, claimed, judge};
use crate::jose::{ALGORITHMS, Jwk, testing::TestKey, verify};
use gatewright_contract::Timestamp;
use serde_json::{Value, json};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://login.example.com/api/oidc/default";

fn signed(header: Value, changes: Value) -> (TestKey, String) {
    let key = TestKey::ed25519();
    let mut all = json!({"iss": "app", "sub": "app", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "jti": "a"});
    let claims = all.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value.is_null() {
            true => drop(claims.remove(name)),
            false => drop(claims.insert(name.clone(), value.clone())),
        }
    }
    let mut head = json!({"alg": "EdDSA"});
    if let Some(typ) = header.get("typ") {
        head["typ"] = typ.clone();
    }
    let token = key.sign(&head, &all);
    (key, token)
}

fn judged(header: Value, changes: Value) -> Result<Good, &'static str> {
    let (key, token) = signed(header, changes);
    let read = verify(&token, &[Jwk::parse(&key.public).expect("a key")], ALGORITHMS).expect("signed");
    let names = [format!("{ISSUER}/token"), format!("{ISSUER}/par"), ISSUER.to_owned()];
    judge(&read, &Expected { client_id: "app", names: &names, now: Timestamp::from_secs(NOW) })
}

#[test]
fn an_assertion_is_of_the_client_for_us_and_short() {
    assert_eq!(judged(json!({}), json!({})), Ok(Good { jti: "a".into(), expires: NOW + 60 }));
    for good in [
        json!({"aud": [ISSUER]}),
        json!({"aud": format!("{ISSUER}/token")}),
        json!({"aud": [format!("{ISSUER}/par"), ISSUER]}),
        json!({"exp": NOW + 600, "iat": null}),
        json!({"exp": NOW - 59, "nbf": NOW + 60}),
        json!({"exp": NOW as f64 + 0.5}),
    ] {
        assert!(judged(json!({}), good.clone()).is_ok(), "{good}");
    }
    for bad in [
        json!({"iss": "other"}),
        json!({"iss": null}),
        json!({"sub": "other"}),
        json!({"sub": null}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": "https://login.example.com/api/oidc/other"}),
        json!({"aud": format!("{ISSUER}/")}),
        json!({"aud": [ISSUER, "https://other.example"]}),
        json!({"aud": [ISSUER, 1]}),
        json!({"exp": null}),
        json!({"exp": NOW - 60}),
        json!({"exp": NOW + 661}),
        json!({"exp": (NOW + 60).to_string()}),
        json!({"exp": 1e300}),
        json!({"iat": NOW + 61}),
        json!({"iat": "now"}),
        json!({"nbf": NOW + 61}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 7}),
        json!({"jti": "j".repeat(256)}),
    ] {
        assert!(judged(json!({}), bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn what_is_signed_for_something_else_is_none() {
    for typ in ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"] {
        assert!(judged(json!({"typ": typ}), json!({})).is_ok(), "{typ}");
    }
    for typ in ["oauth-authz-req+jwt", "dpop+jwt", "at+jwt", "logout+jwt"] {
        assert!(judged(json!({"typ": typ}), json!({})).is_err(), "{typ}");
    }
}

#[test]
fn who_it_says_it_is_is_read_before_it_is_believed() {
    let read = |changes| claimed(&signed(json!({}), changes).1);
    assert_eq!(read(json!({})).as_deref(), Some("app"));
    assert_eq!(read(json!({"sub": "s".repeat(256)})), None);
    assert_eq!(read(json!({"sub": 1})), None);
    assert_eq!(claimed("no token"), None);
}
