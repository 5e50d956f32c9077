//! What the browser sends back, in the form of its `toJSON` (WebAuthn Level 3, section 5.1). Fields that are not
//! listed may be there: browsers add some.

use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::Deserialize;
use webauthn_rs_core::proto::{
    AuthenticatorAssertionResponseRaw, AuthenticatorAttestationResponseRaw, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

/// Longest credential id in base64url: 1023 bytes (WebAuthn, section 4).
const MAX_ID: usize = 1364;
/// Longest client data in base64url. Browsers send about 200 bytes.
const MAX_CLIENT_DATA: usize = 8192;
/// Longest authenticator data of an assertion in base64url: 37 bytes and extensions.
const MAX_AUTHENTICATOR_DATA: usize = 4096;
/// Longest signature in base64url: that of an RSA key of 8192 bits.
const MAX_SIGNATURE: usize = 1366;
/// Longest user handle in base64url: 64 bytes.
const MAX_USER_HANDLE: usize = 86;
/// Longest attestation object in base64url: a TPM sends about 6 KiB.
const MAX_ATTESTATION: usize = 65_536;

/// `AuthenticationResponseJSON`. Binary values are base64url without padding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Assertion {
    /// Id of the passkey.
    #[schemars(length(max = 1364))]
    pub id: String,
    /// What it says.
    pub response: AssertionResponse,
}

/// What a passkey says to log in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AssertionResponse {
    /// Client data (section 5.8.1).
    #[serde(rename = "clientDataJSON")]
    #[schemars(length(max = 8192))]
    pub client_data_json: String,
    /// Authenticator data (section 6.1).
    #[schemars(length(max = 4096))]
    pub authenticator_data: String,
    /// Signature over both.
    #[schemars(length(max = 1366))]
    pub signature: String,
    /// User handle. A must at the first step.
    #[serde(default)]
    #[schemars(length(max = 86))]
    pub user_handle: Option<String>,
}

/// `RegistrationResponseJSON`. Binary values are base64url without padding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Attestation {
    /// Id of the passkey.
    #[schemars(length(max = 1364))]
    pub id: String,
    /// What it says.
    pub response: AttestationResponse,
    /// What the browser says about extensions.
    #[serde(default)]
    pub client_extension_results: ExtensionResults,
}

/// What a new passkey says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AttestationResponse {
    /// Client data (section 5.8.1).
    #[serde(rename = "clientDataJSON")]
    #[schemars(length(max = 8192))]
    pub client_data_json: String,
    /// Attestation object (section 6.5.4).
    #[schemars(length(max = 65536))]
    pub attestation_object: String,
    /// How the browser reaches it.
    #[serde(default)]
    #[schemars(length(max = 16), inner(length(max = 32)))]
    pub transports: Vec<String>,
}

/// Results of extensions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(inline)]
pub struct ExtensionResults {
    /// Properties of the passkey.
    pub cred_props: Option<Properties>,
}

/// Properties of a passkey.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Properties {
    /// Whether it is discoverable.
    pub rk: Option<bool>,
}

impl Assertion {
    /// The id, where it is one.
    pub(crate) fn raw_id(&self) -> Option<Vec<u8>> {
        decoded("", &self.id, MAX_ID).ok().filter(|id| !id.is_empty())
    }

    /// In the library's form.
    ///
    /// # Errors
    /// 400 for what is no base64url or too long.
    pub(crate) fn read(&self) -> Result<PublicKeyCredential, Fault> {
        let said = &self.response;
        let handle = said.user_handle.as_deref().filter(|text| !text.is_empty());
        let handle = handle.map(|text| decoded("response.userHandle", text, MAX_USER_HANDLE)).transpose()?;
        let data = decoded("response.authenticatorData", &said.authenticator_data, MAX_AUTHENTICATOR_DATA)?;
        Ok(PublicKeyCredential {
            id: self.id.clone(),
            raw_id: decoded("id", &self.id, MAX_ID)?,
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: data,
                client_data_json: decoded(CLIENT_DATA, &said.client_data_json, MAX_CLIENT_DATA)?,
                signature: decoded("response.signature", &said.signature, MAX_SIGNATURE)?,
                user_handle: handle,
            },
            extensions: Default::default(),
            type_: "public-key".to_owned(),
        })
    }
}

impl Attestation {
    /// In the library's form.
    ///
    /// # Errors
    /// 400 for what is no base64url or too long.
    pub(crate) fn read(&self) -> Result<RegisterPublicKeyCredential, Fault> {
        let said = &self.response;
        let object = decoded("response.attestationObject", &said.attestation_object, MAX_ATTESTATION)?;
        Ok(RegisterPublicKeyCredential {
            id: self.id.clone(),
            raw_id: decoded("id", &self.id, MAX_ID)?,
            response: AuthenticatorAttestationResponseRaw {
                attestation_object: object,
                client_data_json: decoded(CLIENT_DATA, &said.client_data_json, MAX_CLIENT_DATA)?,
                transports: None,
            },
            type_: "public-key".to_owned(),
            extensions: Default::default(),
        })
    }

    /// The transports that look like some (section 5.8.4); they are hints and may be of a newer edition.
    pub(crate) fn transports(&self) -> Vec<String> {
        let word = |text: &&String| {
            (1..=32).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        self.response.transports.iter().filter(word).take(16).cloned().collect()
    }
}

const CLIENT_DATA: &str = "response.clientDataJSON";

fn decoded(field: &str, text: &str, max: usize) -> Result<Vec<u8>, Fault> {
    let field = || format!("credential.{field}");
    if text.len() > max {
        return Err(Fault::bad_request(field(), format!("at most {max} characters")));
    }
    BASE64URL_NOPAD
        .decode(text.trim_end_matches('=').as_bytes())
        .map_err(|_| Fault::bad_request(field(), "not base64url (RFC 4648, section 5)"))
}
