//! What the configuration must say.

use super::*;
use gatewright_contract::Authenticator;

fn key(config: &Config) -> String {
    match config.check() {
        Err(Fault::Config { key, message }) => {
            assert!(!message.is_empty());
            key
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_models_it_names_what_is_missing() {
    assert_eq!(key(&Config::default()), "detector");
    assert_eq!(key(&Config { liveness: None, ..set_up() }), "liveness");
    let Err(Fault::Config { message, .. }) = Config::default().check() else { panic!("not said") };
    for word in ["detector", "landmarks", "embedding", "liveness", "[plugins.face]", "enabled = false"] {
        assert!(message.contains(word), "{word}");
    }
    set_up().check().expect("good");
}

#[test]
fn thresholds_are_between_none_and_all() {
    for bad in [0.0, 1.0, -1.0, 2.0, f32::NAN] {
        assert_eq!(key(&Config { least_similarity: bad, ..set_up() }), "least_similarity");
        assert_eq!(key(&Config { least_liveness: bad, ..set_up() }), "least_liveness");
    }
    for bad in [0, 6] {
        assert_eq!(key(&Config { least_frames: bad, ..set_up() }), "least_frames");
    }
}

#[test]
fn files_that_are_none_stop_the_start() {
    let made = Face::new(set_up(), Arc::new(Desk::counting(NOW)));
    let Err(Fault::Config { key, message }) = made else { panic!("started") };
    match cfg!(feature = "inference") {
        true => assert_eq!(key, "detector"),
        false => assert!(key.is_empty() && message.contains("feature `face`"), "{key} {message}"),
    }
}
