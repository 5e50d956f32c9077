//! What browser and server say to each other, in the words of the contract: flat and snake_case on the way in.

use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{Problem, Result};
use gatewright_plugin::Text;
use poem_openapi::{Enum, Object, types::Example};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where an authenticator is.
#[derive(Clone, Copy, Enum)]
#[oai(rename = "PasskeyAttachment", rename_all = "kebab-case")]
pub(crate) enum PasskeyAttachment {
    /// In the device.
    Platform,
    /// Beside it.
    CrossPlatform,
}

/// How an authenticator is reached.
#[derive(Clone, Copy, Enum)]
#[oai(rename = "PasskeyTransport", rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words are those of WebAuthn, section 5.8.4")]
pub(crate) enum PasskeyTransport {
    Usb,
    Nfc,
    Ble,
    Internal,
    Cable,
    Hybrid,
}

impl PasskeyTransport {
    fn word(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Nfc => "nfc",
            Self::Ble => "ble",
            Self::Internal => "internal",
            Self::Cable => "cable",
            Self::Hybrid => "hybrid",
        }
    }
}

/// Who wants to log in with a passkey.
#[derive(Object)]
#[oai(rename = "PasskeyAuthOptionsForm", example)]
pub(crate) struct PasskeyAuthOptionsForm {
    /// The login name. Empty: the passkey says who it is.
    #[oai(validator(max_length = 256))]
    pub(crate) username: Text,
    /// The tenant, as in the query.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub(crate) tenant_id: Text,
}

/// What the browser's passkey says to log in. Binary values are base64url.
#[derive(Object)]
#[oai(rename = "PasskeyAuthForm", example)]
pub(crate) struct PasskeyAuthForm {
    /// Id of the passkey.
    #[oai(validator(min_length = 1, max_length = 1364))]
    id: Text,
    /// The same.
    #[oai(validator(min_length = 1, max_length = 1364))]
    raw_id: Text,
    /// Client data.
    #[oai(validator(min_length = 1, max_length = 8192))]
    client_data_json: Text,
    /// Authenticator data.
    #[oai(validator(min_length = 1, max_length = 4096))]
    authenticator_data: Text,
    /// Signature over both.
    #[oai(validator(min_length = 1, max_length = 1366))]
    signature: Text,
    /// User handle.
    #[oai(validator(max_length = 86), skip_serializing_if_is_none)]
    user_handle: Option<Text>,
    /// The login name, as in the options.
    #[oai(validator(max_length = 256))]
    pub(crate) username: Text,
    /// The tenant.
    #[oai(validator(min_length = 1, max_length = 64))]
    pub(crate) tenant_id: Text,
    /// Where the authenticator is. Taken and not used.
    #[oai(skip_serializing_if_is_none)]
    #[allow(dead_code, reason = "part of the contract")]
    authenticator_attachment: Option<PasskeyAttachment>,
}

/// What the browser's new passkey says. Binary values are base64url.
#[derive(Object)]
#[oai(rename = "PasskeyRegistrationForm", example)]
pub(crate) struct PasskeyRegistrationForm {
    /// Id of the passkey.
    #[oai(validator(min_length = 1, max_length = 1364))]
    id: Text,
    /// The same.
    #[oai(validator(min_length = 1, max_length = 1364))]
    raw_id: Text,
    /// Client data.
    #[oai(validator(min_length = 1, max_length = 8192))]
    client_data_json: Text,
    /// Attestation object.
    #[oai(validator(min_length = 1, max_length = 65536))]
    attestation_object: Text,
    /// How the browser reaches it.
    #[oai(validator(max_items = 16), skip_serializing_if_is_none)]
    transports: Option<Vec<PasskeyTransport>>,
    /// A name for it, for the person's own list.
    #[oai(validator(max_length = 64), skip_serializing_if_is_none)]
    pub(crate) name: Option<Text>,
    /// Where the authenticator is. Taken and not used.
    #[oai(skip_serializing_if_is_none)]
    #[allow(dead_code, reason = "part of the contract")]
    authenticator_attachment: Option<PasskeyAttachment>,
}

/// The challenge within client data (WebAuthn, section 5.8.1): it finds what was asked.
fn challenge_of(client_data: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct ClientData {
        challenge: String,
    }
    let broken = || Problem::invalid("client_data_json: it is not what a browser gives.");
    let bytes = BASE64URL_NOPAD.decode(client_data.trim_end_matches('=').as_bytes()).map_err(|_| broken())?;
    let data: ClientData = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    Ok(data.challenge)
}

fn same(id: &str, raw_id: &str) -> Result<()> {
    match id == raw_id {
        true => Ok(()),
        false => Err(Problem::invalid("raw_id: it is not that of id.")),
    }
}

impl PasskeyAuthForm {
    /// The challenge, and the answer of the authenticator.
    pub(crate) fn read(&self) -> Result<(String, Value)> {
        same(&self.id, &self.raw_id)?;
        let answer = json!({"credential": {
            "id": &*self.id,
            "response": {
                "clientDataJSON": &*self.client_data_json,
                "authenticatorData": &*self.authenticator_data,
                "signature": &*self.signature,
                "userHandle": self.user_handle.as_deref(),
            },
        }});
        Ok((challenge_of(&self.client_data_json)?, answer))
    }
}

impl PasskeyRegistrationForm {
    /// The challenge, and the proof of the authenticator.
    pub(crate) fn read(&self) -> Result<(String, Value)> {
        same(&self.id, &self.raw_id)?;
        let transports = self.transports.as_deref().unwrap_or_default();
        let proof = json!({"credential": {
            "id": &*self.id,
            "response": {
                "clientDataJSON": &*self.client_data_json,
                "attestationObject": &*self.attestation_object,
                "transports": transports.iter().map(|t| t.word()).collect::<Vec<_>>(),
            },
        }});
        Ok((challenge_of(&self.client_data_json)?, proof))
    }
}

const ID: &str = "-R85HbTJsv3g6nAYnLo_tj9Xm6YSKzOtlP8-wzAIS-Q";
const CLIENT_DATA: &str = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFBQSJ9";

impl Example for PasskeyAuthOptionsForm {
    fn example() -> Self {
        Self { username: "ada".into(), tenant_id: "default".into() }
    }
}

impl Example for PasskeyAuthForm {
    fn example() -> Self {
        Self {
            id: ID.into(),
            raw_id: ID.into(),
            client_data_json: CLIENT_DATA.into(),
            authenticator_data: "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ".into(),
            signature: "MEUCIQ".into(),
            user_handle: Some("AYvP5WgAcACAAAAAAAAAAQ".into()),
            username: "ada".into(),
            tenant_id: "default".into(),
            authenticator_attachment: None,
        }
    }
}

impl Example for PasskeyRegistrationForm {
    fn example() -> Self {
        Self {
            id: ID.into(),
            raw_id: ID.into(),
            client_data_json: CLIENT_DATA.into(),
            attestation_object: "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ".into(),
            transports: Some(vec![PasskeyTransport::Internal]),
            name: Some("laptop".into()),
            authenticator_attachment: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_within_what_is_signed() {
        assert_eq!(challenge_of(CLIENT_DATA).ok().as_deref(), Some("AAAA"));
        for bad in ["", "e30", "!!", "bnVsbA"] {
            assert!(challenge_of(bad).is_err(), "{bad}");
        }
        let mut form = PasskeyAuthForm::example();
        form.raw_id = "other".into();
        assert!(form.read().is_err());
    }
}
