//! Without models: who looks is a list of what is in which frame.

mod enrolling;
mod frames;
mod login;
mod settings;

use crate::{
    Config, Credential, Face,
    look::{Look, Seen, Sight, Unreadable},
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{
    Call, CredentialId, Fault, Held, Nothing, Purpose, Timestamp,
    testing::{Desk, ready, scope},
};
use std::sync::{Arc, Mutex};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Says of a frame what its last byte stands for, and counts.
#[derive(Default)]
struct Fixed {
    looked: Mutex<usize>,
}

impl Look for Fixed {
    fn look(&self, jpeg: &[u8]) -> Result<Result<Sight, Unreadable>, Fault> {
        *self.looked.lock().expect("no panic") += 1;
        let one =
            |embedding: [f32; 3], live| Ok(Ok(Sight::One(Seen { embedding: embedding.to_vec(), live })));
        match jpeg.last() {
            Some(b'a') => one([1.0, 0.0, 0.0], 0.9),
            Some(b'b') => one([0.9, 0.3, 0.0], 0.8),
            // The same face, on paper.
            Some(b'p') => one([1.0, 0.0, 0.0], 0.1),
            Some(b'x') => one([0.0, 1.0, 0.0], 0.9),
            Some(b'n') => one([f32::NAN, 0.0, 0.0], f32::NAN),
            Some(b'0') => Ok(Ok(Sight::Faces(0))),
            Some(b'2') => Ok(Ok(Sight::Faces(2))),
            Some(b'u') => Ok(Err(Unreadable("can't be decoded"))),
            _ => Err(Fault::internal("a model broke down")),
        }
    }

    fn model(&self) -> &str {
        "one"
    }
}

/// A config as an operator would write it.
fn set_up() -> Config {
    let path = || Some("/models/one.onnx".into());
    let (detector, landmarks, embedding, liveness) = (path(), path(), path(), path());
    Config { detector, landmarks, embedding, liveness, log_only: false, ..Config::default() }
}

fn face(config: Config) -> (Face, Arc<Fixed>) {
    let eyes = Arc::new(Fixed::default());
    (Face { config, host: Arc::new(Desk::counting(NOW)), eyes: eyes.clone() }, eyes)
}

/// Frames, each of which shows what its letter stands for; no two are the same.
fn frames(of: &str) -> Vec<String> {
    let jpeg = |(place, what): (usize, u8)| {
        BASE64URL_NOPAD.encode(&[&[0xff, 0xd8, 0xff, place as u8][..], &[what]].concat())
    };
    of.bytes().enumerate().map(jpeg).collect()
}

fn held(model: &str) -> Held<Credential> {
    Held {
        id: CredentialId::from_parts(NOW, [9; 10]),
        label: None,
        created: NOW,
        last_used: None,
        doc: Credential { model: model.to_owned(), embedding: vec![1.0, 0.0, 0.0], frames: 2 },
    }
}
