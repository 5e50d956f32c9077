//! TOKEN.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, TokenChallenge};
use serde_json::Value;

/// The list of tokens stays empty: which ones a person has is nothing to tell before they have proven
/// something, and any of them may answer.
pub(crate) struct Token;

impl Adapter for Token {
    fn show(&self, _: Value, reply: &mut AuthenticatedResponse) {
        reply.token_challenge = Some(TokenChallenge { challenge: None, token: Vec::new() });
    }
}
