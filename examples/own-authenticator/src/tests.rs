#![allow(clippy::unwrap_used)]

use crate::messages::mac;
use gatewright_contract::{
    Body, Call, CredentialId, DynAuthenticator, Held, Outcome, RawEnrolment, Refusal, Registration, Scope,
    Timestamp,
    serde_json::{Value, json},
    testing::{self, Desk, ready},
};
use std::{sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

/// RFC 4231, test case 2: key and message are text there too.
#[test]
fn it_is_hmac_sha_256() {
    let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(mac("Jefe", "what do ya want for nothing?"), right);
}

#[test]
fn a_person_enrols_and_logs_in() {
    let it = linked();
    let (invitation, held) = enrol(&*it);
    let (prompt, state) = ask(&*it);
    let answer = ready(it.answer([&invitation, &json!({}), &prompt], NOW, 0)).unwrap();
    assert_eq!(judge(&*it, &held, &state, &answer), None);
    // For another nonce it is wrong, and from somebody unknown as well.
    let (_, other) = ask(&*it);
    assert_eq!(judge(&*it, &held, &other, &answer), Some(Refusal::Wrong));
    assert_eq!(judge(&*it, &[], &state, &answer), Some(Refusal::NotEnrolled));
    let (_, somebody_else) = enrol(&*it);
    assert_eq!(judge(&*it, &somebody_else, &state, &answer), Some(Refusal::Wrong));
}

#[test]
fn a_wrong_proof_is_said_in_words() {
    let it = linked();
    let call = Call { scope: &scope(), credentials: &[], body: Body(json!({})) };
    let asked = ready(it.invite(call)).unwrap();
    let body = (asked.state, Body(json!({"mac": "00"})));
    let done = ready(it.enrol(Call { scope: &scope(), credentials: &[], body })).unwrap();
    let RawEnrolment::Rejected(violations) = done else { panic!("enrolled") };
    assert_eq!(violations[0].code, "mac_wrong");
}

fn linked() -> Arc<dyn DynAuthenticator> {
    let all = Registration::linked();
    let [registration] = all.as_slice() else { panic!("{all:?}") };
    (registration.make)(json!({}), Arc::new(Desk::counting(NOW))).unwrap()
}

fn enrol(it: &dyn DynAuthenticator) -> (Value, Vec<Held<Body>>) {
    let asked = ready(it.invite(Call { scope: &scope(), credentials: &[], body: Body(json!({})) })).unwrap();
    let body = (asked.state, Body(ready(it.prove(&asked.prompt, NOW)).unwrap()));
    let done = ready(it.enrol(Call { scope: &scope(), credentials: &[], body })).unwrap();
    let RawEnrolment::Enrolled { credential: doc, .. } = done else { panic!("rejected") };
    let id = CredentialId::from_parts(NOW, [1; 10]);
    (asked.prompt, vec![Held { id, label: None, created: NOW, last_used: None, doc }])
}

fn ask(it: &dyn DynAuthenticator) -> (Value, Body) {
    let asked =
        ready(it.challenge(Call { scope: &scope(), credentials: &[], body: Body(json!({})) })).unwrap();
    assert_eq!(asked.expires_in, Some(Duration::from_secs(60)));
    (asked.prompt, asked.state)
}

fn judge(
    it: &dyn DynAuthenticator,
    credentials: &[Held<Body>],
    state: &Body,
    answer: &Value,
) -> Option<Refusal> {
    let body = (state.clone(), Body(answer.clone()));
    match ready(it.verify(Call { scope: &scope(), credentials, body })).unwrap().outcome {
        Outcome::Accepted(accepted) => {
            assert_eq!(accepted.credential, Some(credentials[0].id));
            None
        }
        Outcome::Refused(why) => Some(why),
        other => panic!("{other:?}"),
    }
}

fn scope() -> Scope {
    testing::scope(NOW, None)
}
