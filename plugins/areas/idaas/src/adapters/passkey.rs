//! FIDO and PASSKEY.

use super::{Adapter, answer};
use crate::wire::{AuthenticatedResponse, FidoChallenge, UserAuthenticateParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::{Value, json};

/// The options of the browser in fewer words, and what it signs in other ones.
pub(crate) struct Passkey;

impl Adapter for Passkey {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let options = &prompt["publicKey"];
        let millis = options["timeout"].as_i64().and_then(|t| i32::try_from(t).ok()).unwrap_or_default();
        let named = options["allowCredentials"].as_array().into_iter().flatten();
        let ids: Vec<String> = named.filter_map(|key| key["id"].as_str().map(str::to_owned)).collect();
        reply.fido_challenge = Some(FidoChallenge {
            allow_credentials: (!ids.is_empty()).then_some(ids),
            challenge: options["challenge"].as_str().unwrap_or_default().to_owned(),
            timeout: millis / 1000,
            timeout_millis: Some(millis),
        });
    }

    fn answer(&self, given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
        match (&given.fido_response, &given.answer) {
            (Some(said), _) => Ok(json!({"credential": {
                "id": &*said.credential_id,
                "response": {
                    "authenticatorData": &*said.authenticator_data,
                    "clientDataJSON": &*said.client_data_json,
                    "signature": &*said.signature,
                    "userHandle": said.user_handle.as_deref(),
                },
            }})),
            (None, Some(_)) => answer(given, manifest),
            (None, None) => Err(Problem::invalid("fidoResponse: the answer of the browser is missing")),
        }
    }
}
