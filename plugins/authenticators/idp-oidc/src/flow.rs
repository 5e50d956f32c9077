//! What is kept between the redirect and the answer, and the messages around it.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Host, HostExt as _, LookupKey, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a client may say when it asks for a challenge.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Begin::default())]
pub struct Begin {
    /// Which provider, by its name in the configuration. Left out: the default one.
    #[schemars(length(max = 48))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// Where the browser goes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt::example())]
pub struct Prompt {
    /// Where to send the browser that began the login, in a window of its own or in this one. Good once.
    pub url: String,
    /// The provider, by its name in the configuration.
    pub provider: String,
    /// The provider's name for people.
    pub name: String,
}

impl Prompt {
    fn example() -> Self {
        Self {
            url: "https://login.example.com/authorize?client_id=gatewright&response_type=code&…".to_owned(),
            provider: "corp".to_owned(),
            name: "Example Corp".to_owned(),
        }
    }
}

/// What the provider sends along with the browser (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207). It may send more.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(
    example = serde_json::json!({"state": "fQ8yTg2mZ1", "code": "SplxlOBeZQQYbYS6WxSbIA"}),
    extend("additionalProperties" = true)
)]
pub struct Event {
    /// Which redirect this answers.
    #[schemars(length(max = 128))]
    pub state: String,
    /// What is exchanged for the ID token.
    #[schemars(length(max = 4096))]
    pub code: Option<Secret<String>>,
    /// Why there is no code.
    #[schemars(length(max = 128))]
    pub error: Option<String>,
    /// Who says it (RFC 9207).
    #[schemars(length(max = 512))]
    pub iss: Option<String>,
    /// The provider that was given a redirect URI of its own.
    #[schemars(length(max = 48))]
    pub provider: Option<String>,
}

impl Event {
    /// Before anything else is done with it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let code = self.code.as_ref().map_or(0, |code| code.expose().len());
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let fields = [
            ("state", self.state.len(), 128),
            ("code", code, 4096),
            ("error", length(&self.error), 128),
            ("iss", length(&self.iss), 512),
            ("provider", length(&self.provider), 48),
        ];
        match fields.iter().find(|(_, length, most)| length > most) {
            Some((name, _, most)) => Err(Fault::bad_request(*name, format!("at most {most} bytes"))),
            None => Ok(()),
        }
    }
}

/// Of a login and of an enrolment alike: a signal does not say which of the two it moves.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// The provider's name; empty where an administrator has named none.
    pub(crate) provider: String,
    /// The name that the person gave the link.
    pub(crate) label: Option<String>,
    /// None where an administrator links without a browser.
    pub(crate) flow: Option<Flow>,
}

/// One way to a provider and back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// As it was when the browser was sent: a provider that is configured anew gets no old code.
    pub(crate) issuer: String,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: String,
    /// PKCE (RFC 7636).
    #[serde(with = "gatewright_contract::in_sealed_document")]
    pub(crate) verifier: Secret<String>,
    /// In seconds since 1970.
    pub(crate) begun: i64,
    /// How long before that the person may have authenticated.
    pub(crate) max_age: Option<u32>,
    pub(crate) came: Came,
}

/// What came back.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Came {
    /// Nothing yet.
    Nothing,
    /// Who it is.
    Said(Said),
    /// The person has said no there.
    Declined,
    /// Something that is not believed.
    Refused,
    /// The provider did not answer us.
    Down,
}

/// What the provider says.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) subject: String,
    pub(crate) amr: Option<Vec<String>>,
    pub(crate) claims: Map<String, Value>,
}

impl State {
    /// Who it is, once that is known.
    pub(crate) fn said(&self) -> Option<(&Flow, &Said)> {
        let flow = self.flow.as_ref()?;
        match &flow.came {
            Came::Said(said) => Some((flow, said)),
            _ => None,
        }
    }
}

/// 256 random bits as text.
pub(crate) fn token(host: &Host) -> Result<String, Fault> {
    Ok(BASE64URL_NOPAD.encode(&host.random_array::<32>()?))
}

/// The code challenge of a verifier (RFC 7636, section 4.2).
pub(crate) fn s256(text: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// What finds the challenge that a `state` belongs to. Hashed: who reads the store can't answer.
pub(crate) fn wake(state: &str) -> LookupKey {
    LookupKey(s256(state))
}

/// Issuer and subject together: two providers may both have a "1". The length keeps one from running into the other.
pub(crate) fn lookup(issuer: &str, subject: &str) -> LookupKey {
    LookupKey(s256(&format!("{}:{issuer}{subject}", issuer.len())))
}
