use super::*;
use gatewright_contract::{Fault, Violation};
use std::time::Duration;

fn written(problem: &Problem) -> (u16, String) {
    let dialect = dialect();
    let body = (dialect.render)(problem).expect("a body");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3), "{body}");
    assert!(body["parameters"].is_array() && body["errorMessage"].is_string(), "{body}");
    ((dialect.status)(problem), body["errorCode"].as_str().expect("a code").to_owned())
}

#[test]
fn every_problem_has_a_status_and_a_word_of_this_dialect() {
    let violation = Violation { code: "short".into(), message: "Too short.".into() };
    let table = [
        (Problem::invalid("x"), 400, "invalid_request"),
        (Problem::unknown_authenticator(), 400, "unknown_authenticator"),
        (Problem::out_of_order("x"), 400, "step_out_of_order"),
        (Problem::conflict("x"), 400, "conflict"),
        (Problem::violations(vec![violation]), 400, "rejected"),
        (Problem::refused(), 401, "invalid_user_response"),
        (Problem::unauthenticated(), 401, "access_denied"),
        (Problem::unknown_transaction(), 401, "access_denied"),
        (Problem::not_found("tenant"), 401, "access_denied"),
        (Problem::forbidden("x"), 403, "forbidden"),
        (Problem::elevation_required(), 403, "elevation_required"),
        (Problem::too_many(Duration::from_secs(1)), 429, "too_many_attempts"),
        (Problem::internal(Fault::internal("x")), 500, "internal_error"),
        (Problem::unavailable(None), 503, "unavailable"),
    ];
    for (problem, status, code) in table {
        assert_eq!(written(&problem), (status, code.to_owned()), "{problem}");
    }
}

#[test]
fn only_logout_knows_409() {
    assert_eq!((dialect_of_logout().status)(&Problem::conflict("x")), 409);
    assert!(answers("logoutUsingPOST").contains(&409));
    assert!(!answers("userChallengeUsingPOST").contains(&409));
}

#[test]
fn what_was_not_there_is_not_told_apart() {
    let body = |p: &Problem| (dialect().render)(p);
    assert_eq!(body(&Problem::unauthenticated()), body(&Problem::unknown_transaction()));
    assert_eq!(body(&Problem::unauthenticated()), body(&Problem::not_found("tenant")));
}
