//! USER_CERTIFICATE.

use gatewright_plugin::Text;
use poem_openapi::Object;

/// What is to be signed.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserCertificateChallenge", rename_all = "camelCase")]
pub(crate) struct UserCertificateChallenge {
    /// The challenge.
    pub(crate) challenge: String,
}

/// What shows that it was signed.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserCertificateResponse", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserCertificateResponse {
    /// The code.
    pub(crate) code: Option<Text>,
    /// What the code belongs to.
    pub(crate) verifier: Option<Text>,
}
