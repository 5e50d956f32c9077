//! Who is let in.

use super::*;
use crate::Answer;
use gatewright_contract::{Authenticator, Outcome, Refusal};

fn said(
    config: Config,
    held: &[Held<Credential>],
    frames: Vec<String>,
) -> Result<Outcome<crate::Prompt, Nothing>, Fault> {
    let (face, scope) = (face(config).0, scope(NOW, Some("ada")));
    let call = Call { scope: &scope, credentials: held, body: (Nothing {}, Answer { frames }) };
    ready(face.verify(call)).map(|verdict| {
        assert!(verdict.effects.is_none());
        verdict.outcome
    })
}

fn refused(config: Config, held: &[Held<Credential>], of: &str) -> Option<Refusal> {
    match said(config, held, frames(of)).expect("decided") {
        Outcome::Refused(why) => Some(why),
        Outcome::Accepted(accepted) => {
            assert_eq!(accepted.credential, held.first().map(|h| h.id));
            assert_eq!(accepted.amr, None, "what is declared");
            None
        }
        _ => panic!("neither yes nor no"),
    }
}

#[test]
fn every_frame_must_show_the_enrolled_face_alone_and_alive() {
    let ada = [held("one")];
    assert_eq!(refused(set_up(), &ada, "aa"), None);
    assert_eq!(refused(set_up(), &ada, "ab"), None);
    assert_eq!(refused(set_up(), &ada, "abaab"), None);
    for bad in ["ax", "xa", "xx", "ap", "a0", "a2", "an", "nn", "aaaax"] {
        assert_eq!(refused(set_up(), &ada, bad), Some(Refusal::Wrong), "{bad}");
    }
}

#[test]
fn thresholds_are_those_of_the_operator() {
    let ada = [held("one")];
    let strict =
        |similarity, liveness| Config { least_similarity: similarity, least_liveness: liveness, ..set_up() };
    assert_eq!(refused(strict(0.94, 0.8), &ada, "ab"), None);
    assert_eq!(refused(strict(0.96, 0.8), &ada, "ab"), Some(Refusal::Wrong));
    assert_eq!(refused(strict(0.94, 0.85), &ada, "ab"), Some(Refusal::Wrong));
    assert_eq!(refused(strict(0.94, 0.05), &ada, "pa"), None);
}

#[test]
fn on_trial_nobody_is_let_in() {
    let trial = Config { log_only: true, ..set_up() };
    assert_eq!(refused(trial, &[held("one")], "aa"), Some(Refusal::Wrong));
    assert!(Config::default().log_only, "and that is the default");
}

#[test]
fn nobody_costs_what_somebody_costs() {
    for held in [&[][..], &[held("one")], &[held("another")]] {
        let ((face, eyes), scope) = (face(set_up()), scope(NOW, None));
        let body = (Nothing {}, Answer { frames: frames("xaa") });
        let verdict = ready(face.verify(Call { scope: &scope, credentials: held, body })).expect("decided");
        assert!(matches!(verdict.outcome, Outcome::Refused(_)));
        assert_eq!(*eyes.looked.lock().expect("no panic"), 3);
    }
}

#[test]
fn a_face_of_another_model_is_none() {
    assert_eq!(refused(set_up(), &[held("another")], "aa"), Some(Refusal::NotEnrolled));
    assert_eq!(refused(set_up(), &[], "aa"), Some(Refusal::NotEnrolled));
}

#[test]
fn what_cannot_be_looked_at_is_said_and_a_broken_model_is_no_answer() {
    let ada = [held("one")];
    let Err(Fault::BadRequest { field, .. }) = said(set_up(), &ada, frames("au")) else { panic!("not said") };
    assert_eq!(field, "frames.1");
    assert!(matches!(said(set_up(), &ada, frames("a?")), Err(Fault::Internal { .. })));
}

#[test]
fn what_is_asked_is_the_same_for_everybody_and_lasts_two_minutes() {
    let ask = |held: &[Held<Credential>]| {
        let (face, scope) = (face(set_up()).0, scope(NOW, None));
        let asked = ready(face.challenge(Call { scope: &scope, credentials: held, body: Nothing {} }))
            .expect("asked");
        assert_eq!(asked.expires_in, Some(std::time::Duration::from_secs(120)));
        asked.prompt
    };
    assert_eq!(ask(&[]), ask(&[held("one")]));
}

#[test]
fn it_is_a_second_factor_that_the_server_has_seen() {
    let traits = face(set_up()).0.traits();
    assert_eq!(traits.amr, ["face"]);
    assert!(!traits.steps.first && traits.steps.second && !traits.phishing_resistant && !traits.many);
    assert_eq!(Face::ASSURANCE, gatewright_contract::Assurance::ServerVerified);
    assert!(!Face::describe(&held("one").doc).to_string().contains("1.0"), "no numbers of a face");
}
