//! OTP.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, OtpDeliveryType, UserChallengeParameters};
use poem_openapi::types::ToJSON as _;
use serde_json::{Map, Value};

/// How and where a code is sent comes in, how it was sent goes out; where, the contract has no word for.
pub(crate) struct Otp;

impl Adapter for Otp {
    fn begin(&self, asked: &UserChallengeParameters) -> Value {
        if let Some(own) = &asked.begin {
            return own.clone();
        }
        let delivery = asked.otp_delivery_type.and_then(|kind| kind.to_json());
        let word = delivery.as_ref().and_then(Value::as_str).map(str::to_lowercase);
        let contact = asked.otp_delivery_attribute.as_deref().filter(|name| !name.is_empty());
        let mut begin = Map::new();
        begin.extend(word.map(|word| ("delivery".to_owned(), word.into())));
        begin.extend(contact.map(|name| ("contact".to_owned(), name.into())));
        begin.into()
    }

    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        reply.otpdelivery_type = match prompt["delivery"].as_str() {
            Some("sms") => Some(OtpDeliveryType::Sms),
            Some("voice") => Some(OtpDeliveryType::Voice),
            _ => Some(OtpDeliveryType::Email),
        };
        // Where it went is there only for who may know.
        reply.challenge = Some(prompt).filter(|prompt| prompt["to"].is_string());
    }
}
