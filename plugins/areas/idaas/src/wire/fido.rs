//! FIDO and PASSKEY.

use gatewright_plugin::Text;
use poem_openapi::Object;

/// A WebAuthn challenge. As a first factor (PASSKEY) the browser must be asked with `userVerification: "required"`, or
/// the answer may be refused; the relying party id is the one of the tenant's `site`. The values are base64url without padding (RFC 4648, section 5), as browsers take
/// them.
#[derive(Object, Clone)]
#[oai(rename = "IdaasFIDOChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct FidoChallenge {
    /// Ids of the credentials that may answer; absent: any.
    pub(crate) allow_credentials: Option<Vec<String>>,
    /// What is to be signed.
    pub(crate) challenge: String,
    /// Seconds to answer in.
    pub(crate) timeout: i32,
    /// The same in milliseconds. Since 5.43.
    pub(crate) timeout_millis: Option<i32>,
}

/// A WebAuthn assertion. The values are base64url without padding.
#[derive(Object, Clone)]
#[oai(rename = "IdaasFIDOResponse", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct FidoResponse {
    /// Authenticator data (WebAuthn, section 6.1).
    pub(crate) authenticator_data: Text,
    /// Client data (WebAuthn, section 5.8.1).
    #[oai(rename = "clientDataJSON")]
    pub(crate) client_data_json: Text,
    /// Id of the credential.
    pub(crate) credential_id: Text,
    /// Signature over both.
    pub(crate) signature: Text,
    /// User handle; with `credentialId` it says who it is where no `userId` was sent. A must with PASSKEY.
    pub(crate) user_handle: Option<Text>,
}
