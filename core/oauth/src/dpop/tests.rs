use super::{Expected, Proof, hash_of, is_same_url, judge};
use crate::{ErrorCode, jose::testing::TestKey};
use gatewright_contract::Timestamp;
use serde_json::{Value, json};

const TOKEN: &str = "https://server.example.com/token";
const NOW: i64 = 1_562_262_616;

fn at_token(now: i64) -> Expected<'static> {
    Expected { method: "POST", url: TOKEN, access_token: None, now: Timestamp::from_secs(now) }
}

/// A proof that is good but for what the test changes in it.
fn proof(key: &TestKey, header: Value, claims: Value) -> String {
    let mut all = (
        json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": key.public}),
        json!({"jti": "a", "htm": "POST", "htu": TOKEN, "iat": NOW}),
    );
    for (into, from) in [(&mut all.0, header), (&mut all.1, claims)] {
        let into = into.as_object_mut().expect("an object");
        for (name, value) in from.as_object().expect("an object") {
            match value.is_null() {
                true => drop(into.remove(name)),
                false => drop(into.insert(name.clone(), value.clone())),
            }
        }
    }
    key.sign(&all.0, &all.1)
}

#[test]
fn the_proofs_of_rfc_9449_are_good() {
    // Figure 2.
    let at_the_token_endpoint = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR\
        0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSI\
        sImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGU\
        uY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70\
        nfbV37xRZT3Lg";
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(
        judge(at_the_token_endpoint, &at_token(NOW)).expect("good"),
        Proof { jkt: jkt.into(), jti: "-BwC3ESc6acc2lTc".into(), issued: NOW }
    );
    // Figure 13, with the access token of figure 12.
    let at_a_resource = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUkl\
        DUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI\
        6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9\
        wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVF\
        FbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let access_token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(hash_of(access_token), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    let expected = |access_token| Expected {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        access_token: Some(access_token),
        now: Timestamp::from_secs(NOW),
    };
    assert_eq!(judge(at_a_resource, &expected(access_token)).expect("good").jkt, jkt);
    assert!(judge(at_a_resource, &expected("another")).is_err());
    assert!(judge(at_the_token_endpoint, &expected(access_token)).is_err(), "without ath");
}

#[test]
fn what_is_changed_in_a_proof_makes_it_useless() {
    let key = TestKey::ed25519();
    let judged = |header, claims| judge(&proof(&key, header, claims), &at_token(NOW));
    assert!(judged(json!({}), json!({})).is_ok());
    assert!(judged(json!({"typ": "application/DPoP+JWT"}), json!({})).is_ok());
    assert!(judged(json!({"alg": "Ed25519", "kid": "any"}), json!({"ath": "any", "nonce": "any"})).is_ok());
    for header in [
        json!({"typ": "JWT"}),
        json!({"typ": null}),
        json!({"jwk": null}),
        json!({"jwk": "text"}),
        json!({"jwk": TestKey::ed25519().public}),
        json!({"jwk": TestKey::curve("P-256").public}),
        json!({"jwk": {"kty": "oct", "k": "AAAA"}}),
        json!({"crit": ["exp"]}),
    ] {
        let refusal = judged(header.clone(), json!({})).expect_err("refused");
        assert_eq!(refusal.code, ErrorCode::InvalidDpopProof, "{header}");
    }
    let mut private = key.public.clone();
    private["d"] = json!("AAAA");
    assert!(judged(json!({"jwk": private}), json!({})).is_err(), "a private key");
    for claims in [
        json!({"htm": "GET"}),
        json!({"htm": "post"}),
        json!({"htm": null}),
        json!({"htu": "https://server.example.com/introspect"}),
        json!({"htu": "http://server.example.com/token"}),
        json!({"htu": null}),
        json!({"iat": NOW - 61}),
        json!({"iat": NOW + 61}),
        json!({"iat": i64::MIN}),
        json!({"iat": i64::MAX}),
        json!({"iat": "1562262616"}),
        json!({"iat": null}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 1}),
        json!({"jti": "j".repeat(256)}),
        json!({"long": "x".repeat(8 * 1024)}),
    ] {
        let refusal = judged(json!({}), claims.clone()).expect_err("refused");
        assert_eq!(refusal.code, ErrorCode::InvalidDpopProof, "{claims}");
    }
    for iat in [NOW - 60, NOW + 60] {
        assert!(judged(json!({}), json!({"iat": iat})).is_ok());
    }
}

#[test]
fn urls_are_compared_after_normalisation() {
    for same in [
        TOKEN,
        "HTTPS://Server.EXAMPLE.com/token",
        "https://server.example.com:443/token",
        "https://server.example.com/token?a=b",
        "https://server.example.com/token#a",
        "https://server.example.com/a/../token",
    ] {
        assert!(is_same_url(same, TOKEN), "{same}");
    }
    for other in [
        "https://server.example.com/Token",
        "https://server.example.com/token/",
        "https://server.example.com:8443/token",
        "https://server.example.com.evil.example/token",
        "https://server.example.com@evil.example/token",
        "https://user@server.example.com/token",
        "//server.example.com/token",
        "/token",
        "",
    ] {
        assert!(!is_same_url(other, TOKEN), "{other}");
    }
    let long = format!("{TOKEN}?{}", "x".repeat(4096));
    assert!(!is_same_url(&long, TOKEN));
}
