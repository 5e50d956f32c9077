//! MACHINE.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, MachineAuthenticator, UserAuthenticateParameters};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use gatewright_plugin::Text;
use serde_json::{Value, json};

/// A device that is remembered, with its own field in requests and replies.
pub(crate) struct Machine;

impl Adapter for Machine {
    fn show(&self, _: Value, _: &mut AuthenticatedResponse) {}

    fn reveal(&self, reveal: Value, reply: &mut AuthenticatedResponse) {
        reply.machine_authenticator = Some(kept(&reveal));
    }

    fn answer(&self, given: &UserAuthenticateParameters, _: &Manifest) -> Result<Value, Problem> {
        let sent = given.machine_authenticator.as_ref().and_then(shown);
        sent.or_else(|| given.answer.clone()).ok_or_else(|| {
            Problem::invalid("machineAuthenticator: send machineNonce and sequenceNonce of this device")
        })
    }
}

/// What a device answers that sends both its nonces; one that only says what it looks like is not remembered.
pub(crate) fn shown(sent: &MachineAuthenticator) -> Option<Value> {
    let said = |nonce: &'_ Option<Text>| nonce.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let (machine, sequence) = (said(&sent.machine_nonce)?, said(&sent.sequence_nonce)?);
    let mut answer = json!({"machine_nonce": machine, "sequence_nonce": sequence});
    if let Some(look) = sent.fingerprint.as_deref() {
        answer["fingerprint"] = look.into();
    }
    Some(answer)
}

/// What a device is to keep.
pub(crate) fn kept(reveal: &Value) -> MachineAuthenticator {
    let text = |key: &str| reveal[key].as_str().map(Into::into);
    MachineAuthenticator {
        fingerprint: None,
        machine_nonce: text("machine_nonce"),
        sequence_nonce: text("sequence_nonce"),
    }
}
