//! TOKENPUSH and SMARTCREDENTIALPUSH.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, UserChallengeParameters};
use serde_json::{Value, json};

/// The number that the person types on the device. A client that does not say that it can show one gets a prompt
/// without, unless the server insists; then it is told the number all the same.
pub(crate) struct Push;

impl Adapter for Push {
    fn begin(&self, asked: &UserChallengeParameters) -> Value {
        let said = asked.push_mutual_challenge_enabled.or(asked.token_push_mutual_challenge_enabled);
        asked.begin.clone().unwrap_or_else(|| json!({"number": said == Some(true)}))
    }

    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let number = prompt["number"].as_u64().map(|n| n.to_string());
        reply.token_push_mutual_challenge.clone_from(&number);
        reply.push_mutual_challenge = number;
    }
}
