//! Who is enrolled.

use super::*;
use crate::Proof;
use gatewright_contract::{Enrol, Enrolment};

fn enrolled(config: Config, of: &str) -> Result<Credential, String> {
    let (face, mut scope) = (face(config).0, scope(NOW, Some("ada")));
    scope.purpose = Purpose::Enrol;
    let call = Call { scope: &scope, credentials: &[], body: (Nothing {}, Proof { frames: frames(of) }) };
    match ready(face.enrol(call)).expect("decided") {
        Enrolment::Enrolled { credential, lookup: None, .. } => Ok(credential),
        Enrolment::Rejected(why) => Err(why[0].code.clone()),
        _ => panic!("neither yes nor no"),
    }
}

#[test]
fn the_middle_of_frames_that_agree_is_kept() {
    let ada = enrolled(set_up(), "abb").expect("enrolled");
    assert_eq!((ada.model.as_str(), ada.frames), ("one", 3));
    let length: f32 = ada.embedding.iter().map(|n| n * n).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");
    assert!(ada.embedding[0] > 0.9 && ada.embedding[1] > 0.1 && ada.embedding[2] == 0.0);
}

#[test]
fn every_frame_must_show_one_living_face_the_same_in_all() {
    for (of, code) in [
        ("a0", "not_one_face"),
        ("2a", "not_one_face"),
        ("ap", "not_alive"),
        ("nn", "not_alive"),
        ("ax", "not_alike"),
        ("abx", "not_alike"),
    ] {
        assert_eq!(enrolled(set_up(), of).err().as_deref(), Some(code), "{of}");
    }
}

#[test]
fn on_trial_nothing_is_kept() {
    let trial = Config { log_only: true, ..set_up() };
    assert_eq!(enrolled(trial.clone(), "ab").err().as_deref(), Some("on_trial"));
    assert_eq!(enrolled(trial, "ax").err().as_deref(), Some("not_alike"));
}

#[test]
fn a_document_comes_back_as_it_was() {
    let ada = enrolled(set_up(), "ab").expect("enrolled");
    let text = serde_json::to_string(&ada).expect("json");
    let again: Credential = serde_json::from_str(&text).expect("read");
    assert_eq!((again.model, again.embedding, again.frames), (ada.model, ada.embedding, ada.frames));
}
