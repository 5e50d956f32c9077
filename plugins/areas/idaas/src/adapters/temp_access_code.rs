//! TEMP_ACCESS_CODE.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, TempAccessCodeChallenge};
use serde_json::Value;

/// Whom to ask for a code, where the authenticator says so.
pub(crate) struct TempAccessCode;

impl Adapter for TempAccessCode {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let admin_contact = prompt["admin_contact"].as_str().map(str::to_owned);
        let enable_admin_contact = Some(admin_contact.is_some());
        reply.temp_access_code_challenge =
            Some(TempAccessCodeChallenge { admin_contact, enable_admin_contact });
    }
}
