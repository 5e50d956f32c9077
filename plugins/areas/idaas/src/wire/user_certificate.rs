//! USER_CERTIFICATE.

use gatewright_plugin::Text;
use poem_openapi::Object;

/// What is to be signed with the key of a certificate. Where the certificate is shown in TLS, nothing is signed.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserCertificateChallenge", rename_all = "camelCase")]
pub(crate) struct UserCertificateChallenge {
    /// The text whose bytes are signed.
    pub(crate) challenge: String,
}

/// What shows that it was signed.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserCertificateResponse", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserCertificateResponse {
    /// The signature, in base64: ECDSA (DER) or RSA with SHA-256, or Ed25519.
    pub(crate) code: Option<Text>,
    /// The certificate whose key has signed, where it is not in `certificate`: in PEM with those between it and the
    /// root after it, or one alone in base64 of its DER.
    pub(crate) verifier: Option<Text>,
}
