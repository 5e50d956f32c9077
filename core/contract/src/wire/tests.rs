//! The two sides of the wire agree.

use super::*;
use crate::{
    Accepted, Body, CredentialChange, CredentialId, Effects, Enrolment, Fault, Held, Message, Outcome,
    Pending, Refusal, Secret, Timestamp, Verdict, Violation, testing::scope,
};
use serde_json::{Value, json};
use std::time::Duration;

fn id(n: u8) -> CredentialId {
    CredentialId::from_parts(Timestamp(0), [n; 10])
}

fn there_and_back(reply: &Reply) -> Reply {
    Reply::read(&reply.to_bytes().expect("bytes")).expect("a reply")
}

#[test]
fn a_request_comes_out_as_it_went_in() {
    let scope = scope(Timestamp::from_secs(7), Some("ada"));
    let held =
        [Held { id: id(1), label: None, created: Timestamp(1), last_used: None, doc: Body(json!({"a": 1})) }];
    let call = crate::Call {
        scope: &scope,
        credentials: &held,
        body: (Body(Value::Null), Body(json!({"code": "1"}))),
    };
    let (mut request, (state, answer)) = Request::of(call);
    (request.state, request.answer) = (Some(state), Some(answer));
    let bytes = request.to_bytes().expect("bytes");
    let read = Request::read(&bytes).expect("a request");
    assert_eq!(read.scope.as_deref().map(|s| s.transaction), Some(scope.transaction));
    assert_eq!(read.credentials[0].doc, held[0].doc);
    assert_eq!(read.answer, Some(Body(json!({"code": "1"}))));
    assert_eq!(read.state, None, "null is the same as absent");
}

#[test]
fn a_verdict_comes_out_as_it_went_in() {
    let message = Message {
        channel: "smtp".into(),
        to: Secret::new("ada@example.com".into()),
        template: "code".into(),
        values: vec![("code".into(), Secret::new("123".into()))],
        expires_in: Duration::from_secs(60),
    };
    let changes = vec![
        CredentialChange::Add { doc: Body(json!(1)), label: Some("x".into()), lookup: None },
        CredentialChange::Replace { id: id(1), doc: Body(json!(2)) },
        CredentialChange::Remove { id: id(2) },
    ];
    let accepted = Accepted {
        credential: Some(id(1)),
        user_verified: true,
        reveal: Some(Body(json!({}))),
        ..Accepted::default()
    };
    let verdict = Verdict {
        outcome: Outcome::Accepted(accepted.clone()),
        effects: Effects { credentials: changes, send: vec![message] },
    };
    let back = there_and_back(&Reply::of_verdict(verdict)).verdict().expect("a verdict");
    assert!(matches!(back.outcome, Outcome::Accepted(a) if a == accepted));
    assert_eq!(back.effects.credentials.len(), 3);
    assert_eq!(back.effects.send[0].values[0].1.expose(), "123");
    assert_eq!(back.effects.send[0].expires_in, Duration::from_secs(60));

    for why in ["wrong", "replayed", "cloned", "expired", "not_enrolled", "declined", "concern"] {
        let refusal = Refusal::parse(why).expect(why);
        let back =
            there_and_back(&Reply::of_verdict(Verdict::refused(refusal))).verdict().expect("a verdict");
        assert!(matches!(back.outcome, Outcome::Refused(r) if r == refusal));
    }
    let waiting = Verdict {
        outcome: Outcome::Pending(Pending { state: Body(json!(5)), retry_after: Duration::from_secs(2) }),
        effects: Effects::none(),
    };
    let back = there_and_back(&Reply::of_verdict(waiting)).verdict().expect("a verdict");
    assert!(matches!(back.outcome, Outcome::Pending(p) if p.state.0 == 5 && p.retry_after.as_secs() == 2));
}

#[test]
fn an_enrolment_comes_out_as_it_went_in() {
    let violations = vec![Violation { code: "short".into(), message: "Too short.".into() }];
    let back = there_and_back(&Reply::of_enrolment(Enrolment::Rejected(violations.clone())))
        .enrolment()
        .expect("one");
    assert!(matches!(back, Enrolment::Rejected(v) if v == violations));
    let there = Enrolment::Enrolled {
        credential: Body(json!({"k": 1})),
        label: None,
        lookup: None,
        reveal: Body(json!({})),
    };
    let back = there_and_back(&Reply::of_enrolment(there)).enrolment().expect("one");
    assert!(matches!(back, Enrolment::Enrolled { credential, .. } if credential.0 == json!({"k": 1})));
}

#[test]
fn nothing_is_a_yes_that_does_not_say_so() {
    for text in [
        "{}",
        r#"{"outcome":"enrolled"}"#,
        r#"{"outcome":"accepted","credential":7}"#,
        r#"{"outcome":"refused","why":"because"}"#,
    ] {
        let reply = Reply::read(text.as_bytes()).expect(text);
        assert!(matches!(reply.verdict(), Err(Fault::Internal { .. })), "{text}");
    }
    for text in ["", "[]", "null", r#"{"outcome":"yes"}"#, r#"{"outcom":"accepted"}"#, r#"{"expires_in":1}"#]
    {
        assert!(Reply::read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_fault_keeps_its_sort() {
    let unavailable =
        Fault::Unavailable { what: "the token service".into(), retry_after: Some(Duration::from_secs(3)) };
    for fault in
        [Fault::bad_request("a.b", "expected a string"), unavailable, Fault::Conflict, Fault::internal("bug")]
    {
        let (status, refused) = Refused::of(&fault);
        assert_eq!(Status::of(status as i32), status);
        let back = Refused::read(&refused.to_bytes()).fault(status);
        assert_eq!(back.to_string(), fault.to_string());
    }
    assert_eq!(Refused::read(b"plain text").message, "plain text");
    assert_eq!(Status::of(77), Status::Internal);
}
