//! IDP.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, UserAuthenticateParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::{Value, json};

/// The browser is sent to `redirectUrl`; the completion without an answer asks whether it has come back. Which of several
/// providers, `begin` says.
pub(crate) struct Idp;

impl Adapter for Idp {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        reply.redirect_url = prompt["url"].as_str().map(str::to_owned);
    }

    /// There is nothing to type: what counts is what the browser has brought.
    fn answer(&self, _: &UserAuthenticateParameters, _: &Manifest) -> Result<Value, Problem> {
        Ok(json!({}))
    }
}
