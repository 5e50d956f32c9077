//! SMART_LOGIN.

use super::Adapter;
use crate::wire::AuthenticatedResponse;
use serde_json::Value;

/// The link, to be drawn as a QR code or followed on the device itself; and the number that the device asks for.
pub(crate) struct SmartLogin;

impl Adapter for SmartLogin {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        reply.smart_login_challenge = prompt["link"].as_str().map(str::to_owned);
        reply.push_mutual_challenge = prompt["number"].as_u64().map(|n| n.to_string());
    }
}
