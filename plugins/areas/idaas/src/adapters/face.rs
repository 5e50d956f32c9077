//! FACE.

use super::{Adapter, answer};
use crate::wire::{AuthenticatedResponse, FaceChallenge, FaceDevice, UserAuthenticateParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::Value;

/// Longest `faceResponse`, in bytes: the proof, and beside it two reports of 16 KiB at most.
const MOST_BYTES: usize = 40 * 1024;

/// How much of a sealed challenge names it; it begins with a key that is made for it alone.
const NAME_CHARS: usize = 22;

/// A secret picture. The sealed challenge goes out as the token for the software that opens it, and beside it what else that
/// software puts into its proof. The challenge's own id is in what is sealed, so that only who can open it can answer.
pub(crate) struct Face;

impl Adapter for Face {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let sealed = prompt["challenge_data"].as_str();
        reply.face_challenge = Some(FaceChallenge {
            device: Some(FaceDevice::Web),
            id: sealed.and_then(|text| text.get(..NAME_CHARS)).map(str::to_owned),
            qr_code: None,
            sdk_token: sealed.map(str::to_owned),
            workflow_run_id: None,
        });
        reply.challenge = Some(prompt);
    }

    /// Any answer would end the challenge, and this is none.
    fn polls(&self, given: &UserAuthenticateParameters) -> bool {
        given.face_response.is_none() && given.answer.is_none() && given.response.is_none()
    }

    fn answer(&self, given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
        match (&given.face_response, &given.answer) {
            (Some(said), _) => read(said),
            (None, Some(_)) => answer(given, manifest),
            (None, None) => {
                Err(Problem::invalid("faceResponse: the proof is missing; send its JSON as text"))
            }
        }
    }
}

/// The answer as text. What is in it is for the authenticator to read.
fn read(said: &str) -> Result<Value, Problem> {
    if said.len() > MOST_BYTES {
        return Err(Problem::invalid("faceResponse: at most 40 KiB"));
    }
    // Not told what is wrong with it: it may be repeated in that.
    let read: Option<Value> = serde_json::from_str(said).ok();
    read.filter(Value::is_object)
        .ok_or_else(|| Problem::invalid("faceResponse: the JSON of an answer, an object, as text"))
}
