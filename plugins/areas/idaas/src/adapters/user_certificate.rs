//! USER_CERTIFICATE.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, UserAuthenticateParameters, UserCertificateChallenge};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use serde_json::{Value, json};

/// The challenge is signed, or the certificate is in TLS and nothing is sent.
pub(crate) struct UserCertificate;

impl Adapter for UserCertificate {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let challenge = prompt["challenge"].as_str().unwrap_or_default().to_owned();
        reply.user_certificate_challenge = Some(UserCertificateChallenge { challenge });
    }

    fn answer(&self, given: &UserAuthenticateParameters, _: &Manifest) -> Result<Value, Problem> {
        if let Some(answer) = &given.answer {
            return Ok(answer.clone());
        }
        let signed = given.user_certificate_response.as_ref();
        let certificate = given.certificate.as_deref().or(signed.and_then(|s| s.verifier.as_deref()));
        let signature = signed.and_then(|s| s.code.as_deref());
        Ok(json!({"certificate": certificate, "signature": signature}))
    }
}
