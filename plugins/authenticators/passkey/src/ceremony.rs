//! The two ceremonies of WebAuthn: what the library checks, and what it leaves to us.
//!
//! `webauthn-rs-core` checks signatures, flags, hashes and attestation statements (Level 3, sections 7.1 and 7.2). It
//! is used below its own policies and its own random numbers: see `docs/decisions/0020-…`. Ours are: which person a
//! key belongs to, the exact origin, no frame of somebody else's page, what the counter means, and who vouches.

use crate::{config::Wanted, options::ALGORITHMS};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Host, HostExt as _, Site};
use serde::Deserialize;
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use url::Url;
use webauthn_rs_core::{
    WebauthnCore,
    error::WebauthnError,
    internals::AuthenticatorData,
    proto::{
        AuthenticationResult, Credential as Registered, PublicKeyCredential, RegisterPublicKeyCredential,
        Registration,
    },
};

/// A challenge of 32 random bytes, base64url.
pub(crate) fn challenge(host: &Host) -> Result<String, Fault> {
    Ok(BASE64URL_NOPAD.encode(&host.random_array::<32>()?))
}

/// The library for one site. It is cheap to make: one hash.
pub(crate) struct Party<'a> {
    site: &'a Site,
    core: WebauthnCore,
}

/// Why an answer does not do.
#[derive(Debug)]
pub(crate) enum No {
    /// As the library says.
    Checked(WebauthnError),
    /// The page was not one of this site's, or was in a frame of another.
    Origin,
    /// The counter has not grown.
    Counter,
}

impl No {
    /// For the log and the person: what it was.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Checked(error) => error.to_string(),
            Self::Origin => {
                "The page is not of an origin of this site, or in a frame of another's page.".into()
            }
            Self::Counter => "The counter of signatures has not grown: the key may exist twice.".into(),
        }
    }
}

impl<'a> Party<'a> {
    pub(crate) fn of(site: &'a Site) -> Self {
        let origins = site.origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
        let core = WebauthnCore::new_unsafe_experts_only(
            &site.name,
            &site.rp_id,
            origins,
            Duration::from_secs(300),
            Some(false),
            Some(false),
        );
        Self { site, core }
    }

    /// Holds an answer against one credential. `strict`: the counter must grow.
    pub(crate) fn assert(
        &self,
        answer: &PublicKeyCredential,
        asked: (&str, bool),
        credential: &Registered,
        strict: bool,
    ) -> Result<AuthenticationResult, No> {
        self.same_page(&answer.response.client_data_json)?;
        let (challenge, verified) = asked;
        let state = state(json!({
            "credentials": [],
            "policy": if verified { "required" } else { "preferred" },
            "challenge": challenge,
            "appid": null,
            "allow_backup_eligible_upgrade": false,
        }))?;
        let checked = self.core.authenticate_single_credential(answer, &state, credential);
        match checked {
            // The last of the library's checks: everything else was right.
            Err(WebauthnError::CredentialPossibleCompromise) if !strict => {
                let from_zero = Registered { counter: 0, ..credential.clone() };
                let again = self.core.authenticate_single_credential(answer, &state, &from_zero);
                again.map_err(No::Checked)
            }
            Err(WebauthnError::CredentialPossibleCompromise) => Err(No::Counter),
            other => other.map_err(No::Checked),
        }
    }

    /// Holds a new credential against what was asked.
    pub(crate) fn register(
        &self,
        answer: &RegisterPublicKeyCredential,
        asked: (&str, Wanted),
        exclude: &[String],
        synced: bool,
    ) -> Result<Registered, No> {
        self.same_page(&answer.response.client_data_json)?;
        let (challenge, verification) = asked;
        let state = state(json!({
            "policy": verification,
            "exclude_credentials": exclude,
            "challenge": challenge,
            "credential_algorithms": ALGORITHMS.map(algorithm),
            "require_resident_key": false,
            "authenticator_attachment": null,
            "extensions": {},
            "allow_synchronised_authenticators": synced,
        }))?;
        // Without roots: the library would hold them against a clock of its own.
        let made = self.core.register_credential(answer, &state, None).map_err(No::Checked)?;
        match made.cred_id == answer.raw_id {
            true => Ok(made),
            false => Err(No::Checked(WebauthnError::CredentialNotFound)),
        }
    }

    /// The origin must be one of ours to the letter, and the page in no frame of a page of somebody else's
    /// (sections 7.1 and 7.2, `topOrigin`; the library does not know that field).
    fn same_page(&self, client_data: &[u8]) -> Result<(), No> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            origin: String,
            #[serde(default)]
            cross_origin: bool,
            top_origin: Option<Value>,
        }
        let page: Page = serde_json::from_slice(client_data).map_err(|_| No::Origin)?;
        let ours = self.site.origins.contains(&page.origin);
        match ours && !page.cross_origin && page.top_origin.is_none() {
            true => Ok(()),
            false => Err(No::Origin),
        }
    }
}

/// What the library keeps between the two halves of a ceremony, made of what we have kept. It draws its challenges
/// itself otherwise, and keeps whole credentials. A test holds that the form is still the library's.
fn state<T: for<'de> Deserialize<'de>>(form: Value) -> Result<T, No> {
    serde_json::from_value(form).map_err(|_| No::Checked(WebauthnError::ChallengePersistenceError))
}

/// The library's word for an algorithm.
fn algorithm(alg: i32) -> &'static str {
    match alg {
        -7 => "ES256",
        -35 => "ES384",
        _ => "RS256",
    }
}

/// What is read of an attestation object (WebAuthn, section 6.5.4).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    #[serde(borrow)]
    auth_data: &'a [u8],
}

/// Authenticator data out of an attestation object.
pub(crate) fn authenticator_data(object: &[u8]) -> Option<AuthenticatorData<Registration>> {
    let object: Object<'_> = serde_cbor_2::from_slice(object).ok()?;
    AuthenticatorData::try_from(object.auth_data).ok()
}

/// The same without a statement, where none was asked for: what nobody wants to know need not be understood, and
/// nobody's certificates are parsed. What is no attestation object stays as it is, for the library to refuse.
pub(crate) fn unattested(object: Vec<u8>) -> Vec<u8> {
    let text = |text: &str| Cbor::Text(text.to_owned());
    let bare = serde_cbor_2::from_slice(&object).ok().and_then(|read: Object<'_>| {
        let bare = BTreeMap::from([
            (text("fmt"), text("none")),
            (text("attStmt"), Cbor::Map(BTreeMap::new())),
            (text("authData"), Cbor::Bytes(read.auth_data.to_vec())),
        ]);
        serde_cbor_2::to_vec(&Cbor::Map(bare)).ok()
    });
    bare.unwrap_or(object)
}
