use super::*;
use crate::{Event, flow::Came};
use gatewright_contract::{LookupKey, Outcome, Signal as _};

const TOKEN: &str = "https://login.example.com/token";
const ME: &str = "https://login.example.com/me";

/// A provider that answers to this redirect, with these claims besides.
struct Played {
    script: Arc<Script>,
    idp: IdpOidc,
    state: State,
    event: Event,
}

fn played(settings: Value, more: Value) -> Played {
    let script = Script::new();
    let idp = made(&script, settings);
    let (_, query, state) = sent(&idp, &scope());
    let now = NOON.as_secs();
    let mut claims = json!({
        "iss": ISSUER, "sub": "ann", "aud": "us", "nonce": query["nonce"], "iat": now, "exp": now + 60,
    });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let key = ec_key("one");
    let id_token = signed(&key, Algorithm::ES256, Some("one"), &claims);
    script.answer("https://login.example.com/keys", 200, json!({"keys": [key.public]}));
    script.answer(TOKEN, 200, json!({"id_token": id_token, "access_token": "at"}));
    let event = serde_json::from_value(json!({"state": query["state"], "code": "c&d"})).unwrap();
    Played { script, idp, state, event }
}

impl Played {
    fn signal(&self) -> Option<State> {
        let body = (self.state.clone(), self.event.clone());
        ready(self.idp.signal(Call { scope: &scope(), credentials: &[], body })).unwrap()
    }

    fn came(&self) -> Came {
        self.signal().unwrap().flow.unwrap().came
    }

    fn sent_to(&self, url: &str) -> (Value, BTreeMap<String, String>) {
        let ask = self.script.asked(url).unwrap();
        let body = ask["body"].as_str().unwrap_or_default().as_bytes();
        (ask["headers"].clone(), url::form_urlencoded::parse(body).into_owned().collect())
    }
}

fn said(came: Came) -> crate::flow::Said {
    match came {
        Came::Said(said) => said,
        Came::Refused => panic!("refused"),
        Came::Down => panic!("down"),
        _ => panic!("nothing"),
    }
}

#[test]
fn a_public_client_sends_its_name_and_what_was_promised() {
    let played = played(json!({}), json!({}));
    assert_eq!(said(played.came()).subject, "ann");
    let (headers, form) = played.sent_to(TOKEN);
    assert!(headers.get("authorization").is_none());
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    assert_eq!(names, ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!((form["code"].as_str(), form["client_id"].as_str()), ("c&d", "us"));
}

#[test]
fn a_secret_goes_into_the_header_or_into_the_body() {
    let secret = json!({"client_id": "a:b", "client_secret": "c d:e"});
    let header = played(secret.clone(), json!({"aud": "a:b"}));
    said(header.came());
    let (headers, form) = header.sent_to(TOKEN);
    // base64("a%3Ab:c+d%3Ae")
    assert_eq!(headers["authorization"], "Basic YSUzQWI6YytkJTNBZQ==");
    assert!(!form.contains_key("client_secret") && !form.contains_key("client_id"));
    let mut secret = secret;
    secret["client_auth"] = json!("post");
    let body = played(secret, json!({"aud": "a:b"}));
    said(body.came());
    let (headers, form) = body.sent_to(TOKEN);
    assert!(headers.get("authorization").is_none());
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("a:b", "c d:e"));
}

#[test]
fn a_response_is_used_once_and_the_verifier_is_forgotten() {
    let played = played(json!({}), json!({}));
    let after = played.signal().unwrap();
    assert!(after.flow.as_ref().unwrap().verifier.expose().is_empty());
    assert!(played.signal().is_none(), "at the same time");
    let body = (after, played.event.clone());
    let again = ready(played.idp.signal(Call { scope: &scope(), credentials: &[], body })).unwrap();
    assert!(again.is_none(), "and later");
}

#[test]
fn whose_fault_it_is_decides_what_it_looks_like() {
    let cases = [
        (400, json!({"error": "invalid_grant"}), true),
        (400, json!({"error": "invalid_client"}), false),
        (400, json!("nonsense"), false),
        (401, json!({"error": "invalid_client"}), false),
        (500, json!({}), false),
        (302, json!({}), false),
        (200, json!({"access_token": "at"}), true),
        (200, json!({"id_token": 7}), false),
        (200, json!({"id_token": "x"}), true),
    ];
    for (status, body, refused) in cases {
        let played = played(json!({}), json!({}));
        played.script.answer(TOKEN, status, body.clone());
        let came = played.came();
        assert_eq!((came == Came::Refused, came == Came::Down), (refused, !refused), "{status} {body}");
    }
}

#[test]
fn the_user_info_must_be_about_the_same_person() {
    let info = |me: Value| {
        let played = played(json!({"userinfo": true}), json!({"email": "a@example.com"}));
        played.script.answer(ME, 200, me);
        let came = played.came();
        (came, played.script.asked(ME).unwrap()["headers"]["authorization"].clone())
    };
    let (came, authorization) = info(json!({"sub": "ann", "email": "other", "phone": "1"}));
    assert_eq!(authorization, "Bearer at");
    let claims = said(came).claims;
    assert_eq!((&claims["email"], &claims["phone"]), (&json!("a@example.com"), &json!("1")));
    assert!(info(json!({"sub": "bob"})).0 == Came::Refused);
    assert!(info(json!({"phone": "1"})).0 == Came::Refused);
    assert!(info(json!([])).0 == Came::Down);
    let played = played(json!({}), json!({}));
    said(played.came());
    assert!(played.script.asked(ME).is_none(), "not asked unless it is configured");
}

#[test]
fn its_amr_counts_only_where_it_is_trusted() {
    let amr = json!({"amr": ["pwd", "otp", "a b", 7, "x".repeat(33)]});
    let plain = said(played(json!({}), amr.clone()).came());
    assert_eq!((plain.amr, plain.claims["amr"][0].clone()), (None, json!("pwd")));
    let trusted = said(played(json!({"trust_amr": true}), amr).came());
    assert_eq!(trusted.amr.unwrap(), ["fed", "pwd", "otp"]);
    let unsigned = played(json!({"trust_amr": true, "userinfo": true}), json!({}));
    unsigned.script.answer(ME, 200, json!({"sub": "ann", "amr": ["hwk"]}));
    assert_eq!(said(unsigned.came()).amr.unwrap(), ["fed"]);
}

#[test]
fn claims_about_the_person_are_kept_as_far_as_there_is_room() {
    let many: serde_json::Map<String, Value> =
        (0..20).map(|n| (format!("claim{n}"), "x".repeat(1000).into())).collect();
    let mut more = Value::Object(many);
    more["picture"] = "y".repeat(3000).into();
    let claims = said(played(json!({}), more).came()).claims;
    assert!(claims.get("picture").is_none() && claims.get("nonce").is_none() && claims.get("aud").is_none());
    assert_eq!(claims["sub"], "ann");
    assert!(Value::Object(claims.clone()).to_string().len() < 9000 && claims.len() > 5);
}

#[test]
fn who_it_is_finds_the_credential_and_nothing_else_does() {
    use gatewright_contract::{CredentialId, Held, Identify as _, Nothing};
    let played = played(json!({}), json!({}));
    let state = played.signal().unwrap();
    let call = Call { scope: &scope(), credentials: &[], body: (state.clone(), Nothing {}) };
    let LookupKey(found) = ready(played.idp.identify(call)).unwrap().lookup.unwrap();
    assert_eq!(found, crate::flow::lookup(ISSUER, "ann").0);
    let judge = |issuer: &str, subject: &str| {
        let doc = crate::Link { issuer: issuer.into(), subject: subject.into(), provider: "corp".into() };
        let id = CredentialId::from_parts(NOON, [1; 10]);
        let held = [Held { id, label: None, created: NOON, last_used: None, doc }];
        let call = Call { scope: &scope(), credentials: &held, body: (state.clone(), Nothing {}) };
        matches!(ready(played.idp.verify(call)).unwrap().outcome, Outcome::Accepted(_))
    };
    assert!(judge(ISSUER, "ann") && !judge(ISSUER, "bob") && !judge("https://other.example", "ann"));
}

/// The provider of a redirect that is under way was configured anew: its code goes nowhere.
#[test]
fn a_provider_that_was_replaced_in_between_gets_no_code() {
    let played = played(json!({}), json!({}));
    let other = made(&played.script, json!({"issuer": "https://new.example.com"}));
    let body = (played.state.clone(), played.event.clone());
    let state = ready(other.signal(Call { scope: &scope(), credentials: &[], body })).unwrap().unwrap();
    assert!(state.flow.unwrap().came == Came::Refused && played.script.asked(TOKEN).is_none());
}
