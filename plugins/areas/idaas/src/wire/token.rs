//! TOKEN.

use poem_openapi::Object;

/// A code is asked for.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTokenChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TokenChallenge {
    /// What a challenge-response token is fed. Since 5.43.
    pub(crate) challenge: Option<String>,
    /// The tokens that may answer. Always empty: before the person has proven something, nothing is said of
    /// what they have.
    pub(crate) token: Vec<TokenInfo>,
}

/// A token.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTokenInfo", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TokenInfo {
    /// Its name.
    pub(crate) label: Option<String>,
    /// QR code that opens it.
    pub(crate) qr_code: Option<String>,
    /// What the QR code says.
    pub(crate) qr_code_url: Option<String>,
    /// Its serial number.
    pub(crate) serial_number: Option<String>,
}
