//! What the browser is given, in the form of its `parseRequestOptionsFromJSON` and `parseCreationOptionsFromJSON`
//! (WebAuthn Level 3, sections 5.1.8 and 5.1.9).

use crate::config::Wanted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The algorithms on offer (RFC 9053, RFC 8812), best first: ES256, ES384, RS256.
pub(crate) const ALGORITHMS: [i32; 3] = [-7, -35, -257];

/// What the person is shown: nothing; it is for the browser.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, example = Prompt::example())]
pub struct Prompt {
    /// For `navigator.credentials.get`, after `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    pub public_key: RequestOptions,
}

/// How a passkey is to be used. Binary values are base64url without padding (RFC 4648, section 5).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct RequestOptions {
    /// What is to be signed: 32 random bytes.
    pub challenge: String,
    /// Milliseconds to answer in.
    pub timeout: u32,
    /// Relying party id.
    pub rp_id: String,
    /// The passkeys that may answer. Empty at the first step, for everybody: any that the device finds.
    pub allow_credentials: Vec<Descriptor>,
    /// Whether the device must check the person: `required` at the first step, `preferred` later.
    pub user_verification: Wanted,
}

/// Names a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Descriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// How the browser may reach it.
    pub transports: Vec<String>,
}

/// What the browser is given to make a passkey.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Invitation::example())]
pub struct Invitation {
    /// For `navigator.credentials.create`, after `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    pub public_key: CreationOptions,
}

/// How a passkey is to be made. Binary values are base64url without padding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct CreationOptions {
    /// Who asks.
    pub rp: Party,
    /// For whom.
    pub user: User,
    /// What is to be signed: 32 random bytes.
    pub challenge: String,
    /// Algorithms that are understood, best first.
    pub pub_key_cred_params: Vec<Algorithm>,
    /// Milliseconds to answer in.
    pub timeout: u32,
    /// Passkeys that the person has already: a device that holds one of them does not make another.
    pub exclude_credentials: Vec<Descriptor>,
    /// What is wanted of the device.
    pub authenticator_selection: Selection,
    /// `none`, or `direct` where the configuration lists models.
    pub attestation: String,
    /// Extensions (WebAuthn, section 10).
    pub extensions: Extensions,
}

/// A relying party.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Party {
    /// Its id, a domain.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Whose passkey it will be.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct User {
    /// User handle: the 16 bytes of the person's id.
    pub id: String,
    /// Login name.
    pub name: String,
    /// Name to show.
    pub display_name: String,
}

/// An algorithm that is understood.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Algorithm {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its number in the COSE registry.
    pub alg: i32,
}

/// What is wanted of the device.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Selection {
    /// Whether it must be found without being named.
    pub resident_key: Wanted,
    /// The same for older browsers.
    pub require_resident_key: bool,
    /// Whether the device must check the person.
    pub user_verification: Wanted,
}

/// Extensions that are asked for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub struct Extensions {
    /// Say whether it is discoverable.
    pub cred_props: bool,
}

impl Descriptor {
    pub(crate) fn of(id: &str, transports: &[String]) -> Self {
        Self { kind: "public-key".to_owned(), id: id.to_owned(), transports: transports.to_vec() }
    }
}

impl Algorithm {
    pub(crate) fn all() -> Vec<Self> {
        ALGORITHMS.iter().map(|&alg| Self { kind: "public-key".to_owned(), alg }).collect()
    }
}

impl Prompt {
    fn example() -> Self {
        Self {
            public_key: RequestOptions {
                challenge: "2VpS2Qd0bQ8x0YtLkUmzS3F1f0mCw5pZ0rC0m7m3b9k".to_owned(),
                timeout: 300_000,
                rp_id: "id.example.com".to_owned(),
                allow_credentials: Vec::new(),
                user_verification: Wanted::Required,
            },
        }
    }
}

impl Invitation {
    fn example() -> Self {
        Self {
            public_key: CreationOptions {
                rp: Party { id: "id.example.com".to_owned(), name: "Example".to_owned() },
                user: User {
                    id: "AZrVZ3WJcACgTxQJNhcwUg".to_owned(),
                    name: "ada".to_owned(),
                    display_name: "Ada Lovelace".to_owned(),
                },
                challenge: "2VpS2Qd0bQ8x0YtLkUmzS3F1f0mCw5pZ0rC0m7m3b9k".to_owned(),
                pub_key_cred_params: Algorithm::all(),
                timeout: 300_000,
                exclude_credentials: Vec::new(),
                authenticator_selection: Selection {
                    resident_key: Wanted::Preferred,
                    require_resident_key: false,
                    user_verification: Wanted::Preferred,
                },
                attestation: "none".to_owned(),
                extensions: Extensions { cred_props: true },
            },
        }
    }
}
