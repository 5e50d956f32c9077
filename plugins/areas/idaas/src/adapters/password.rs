//! PASSWORD, and EXTERNAL: a password that is checked elsewhere.

use super::{Adapter, answer};
use crate::wire::{AuthenticatedResponse, UserAuthenticateParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::Value;

/// Nothing is shown: `passwordChallenge` is for people with several passwords, which we don't have.
pub(crate) struct Password;

impl Adapter for Password {
    fn show(&self, _: Value, _: &mut AuthenticatedResponse) {}

    fn answer(&self, given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
        let hashed = [
            ("chapResponse", given.chap_response.is_some()),
            ("mschapV1Response", given.mschap_v1_response.is_some()),
            ("mschapV2Response", given.mschap_v2_response.is_some()),
        ];
        match hashed.iter().find(|(_, sent)| *sent) {
            // They need the password in clear (or its NT hash) on the server's side; we keep neither.
            Some((field, _)) => {
                Err(Problem::invalid(format!("{field}: not supported; send the password in response")))
            }
            None => answer(given, manifest),
        }
    }
}
