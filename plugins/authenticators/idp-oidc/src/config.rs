//! The table `[plugins.idp-oidc]`.

use gatewright_contract::{Fault, Secret};
use jsonwebtoken::Algorithm as Jws;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Parameters of the request that are ours to set.
const OURS: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "prompt",
    "max_age",
    "acr_values",
];

/// The table `[plugins.idp-oidc]`: providers that people may log in with, each registered by name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Provider that is taken where the client names none. Left out: the only one, or the client must name one.
    #[schemars(length(max = 48))]
    pub default: Option<String>,
    /// How many seconds the clock of a provider may differ from ours.
    #[schemars(range(min = 0, max = 300))]
    pub leeway_seconds: u16,
    /// For how many seconds the document and the keys of a provider are believed before they are fetched anew. (A key
    /// that is not among them is looked for at once, but not more than twice a minute.)
    #[schemars(range(min = 60, max = 86_400))]
    pub refresh_seconds: u32,
    /// The providers, by names of lower-case letters, digits and hyphens, 48 at most. Clients and credentials call them by
    /// these names.
    pub providers: BTreeMap<String, Provider>,
}

impl Default for Config {
    fn default() -> Self {
        Self { default: None, leeway_seconds: 60, refresh_seconds: 3600, providers: BTreeMap::new() }
    }
}

/// One provider.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its issuer URL, exactly as it calls itself; its document is found below it (OpenID Connect Discovery 1.0).
    #[schemars(length(min = 1, max = 512))]
    pub issuer: String,
    /// What it calls this server.
    #[schemars(length(min = 1, max = 256))]
    pub client_id: String,
    /// The secret that was agreed on. Left out: a public client, which PKCE alone protects.
    #[serde(default, skip_serializing)]
    pub client_secret: Option<Secret<String>>,
    /// How the secret is sent: `basic` in the header, `post` in the body. Left out: `basic`.
    #[serde(default)]
    pub client_auth: Option<ClientAuth>,
    /// The name that people are shown. Left out: the name of this table.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// Scopes besides `openid`, such as `email` and `profile`.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub scopes: Vec<String>,
    /// Assurance that is asked for (`acr_values`), best first.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub acr_values: Vec<String>,
    /// Whether a login that has none of `acr_values` is refused.
    #[serde(default)]
    pub require_acr: bool,
    /// What the provider is to ask of somebody whom it knows already. Left out: nothing.
    #[serde(default)]
    pub prompt: Option<Ask>,
    /// How many seconds ago the person may have authenticated there at most. Left out: any time, except when a session is
    /// to be proven anew, which always asks for a fresh one.
    #[serde(default)]
    #[schemars(range(max = 31_536_000))]
    pub max_age: Option<u32>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// Signatures of an ID token that are accepted.
    #[serde(default = "usual")]
    #[schemars(length(min = 1))]
    pub algorithms: Vec<Algorithm>,
    /// Audiences besides `client_id` that may stand in an ID token.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub audiences: Vec<String>,
    /// Whether the user info endpoint is asked as well; a claim that the ID token has is taken from there.
    #[serde(default)]
    pub userinfo: bool,
    /// Whether the `amr` of the provider counts as that of the login; else it stands in the claims only.
    #[serde(default)]
    pub trust_amr: bool,
    /// Whether the redirect URI gets `?provider=NAME`. Needed of providers that don't say in their response who they are
    /// (RFC 9207) as soon as there is more than one provider.
    #[serde(default)]
    pub distinct_redirect: bool,
    /// Whether its URLs may be `http`: for a provider on the same machine. Takes `outgoing.allow_http` as well.
    #[serde(default)]
    pub allow_http: bool,
    /// Tenants that may use it. Left out or empty: all.
    #[serde(default)]
    pub tenants: Vec<String>,
}

/// How a secret is sent (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ClientAuth {
    /// In the header.
    Basic,
    /// In the body.
    Post,
}

/// What a provider can be told to ask (OpenID Connect Core 1.0, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Ask {
    /// To authenticate.
    Login,
    /// To agree.
    Consent,
    /// Which account.
    SelectAccount,
}

impl Ask {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// Signatures by a key pair (RFC 7518, section 3.1): a shared secret would let whoever can check also sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "their names are their meaning")]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Algorithm {
    pub(crate) fn jws(self) -> Jws {
        match self {
            Self::RS256 => Jws::RS256,
            Self::RS384 => Jws::RS384,
            Self::RS512 => Jws::RS512,
            Self::PS256 => Jws::PS256,
            Self::PS384 => Jws::PS384,
            Self::PS512 => Jws::PS512,
            Self::ES256 => Jws::ES256,
            Self::ES384 => Jws::ES384,
            Self::EdDSA => Jws::EdDSA,
        }
    }
}

fn usual() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]
}

impl Config {
    /// What the schema can't say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.leeway_seconds > 300 {
            return Err(wrong("leeway_seconds", "0 to 300"));
        }
        if !(60..=86_400).contains(&self.refresh_seconds) {
            return Err(wrong("refresh_seconds", "60 to 86400"));
        }
        if let Some(name) = self.default.as_ref().filter(|name| !self.providers.contains_key(*name)) {
            return Err(wrong("default", &format!("there is no provider `{name}`")));
        }
        if self.providers.len() > 64 {
            return Err(wrong("providers", "at most 64"));
        }
        for (name, provider) in &self.providers {
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if !(1..=48).contains(&name.len()) || !name.bytes().all(word) {
                return Err(wrong("providers", "a name is 1 to 48 lower-case letters, digits and hyphens"));
            }
            provider.check(&format!("providers.{name}"))?;
        }
        Ok(())
    }
}

impl Provider {
    fn check(&self, at: &str) -> Result<(), Fault> {
        let wrong = |key: &str, message: &str| Err(wrong(&format!("{at}.{key}"), message));
        let issuer = Url::parse(&self.issuer).ok().filter(|url| self.may_ask(url));
        let Some(issuer) = issuer else {
            return wrong("issuer", "an https URL with a host (http takes `allow_http = true`)");
        };
        if issuer.query().is_some() || self.issuer.len() > 512 {
            return wrong("issuer", "at most 512 bytes, without query and fragment");
        }
        if !(1..=256).contains(&self.client_id.len()) {
            return wrong("client_id", "1 to 256 bytes");
        }
        if self.client_auth.is_some() && self.client_secret.is_none() {
            return wrong("client_auth", "there is no client_secret to be sent");
        }
        let word = |s: &String| !s.is_empty() && s.len() <= 256 && s.bytes().all(|b| b.is_ascii_graphic());
        if !self.scopes.iter().all(word) {
            return wrong("scopes", "words without spaces");
        }
        if !self.acr_values.iter().all(word) {
            return wrong("acr_values", "words without spaces");
        }
        if self.require_acr && self.acr_values.is_empty() {
            return wrong("require_acr", "needs `acr_values`: one of them is required");
        }
        if let Some(name) = self.extra.keys().find(|name| OURS.contains(&name.as_str())) {
            return wrong("extra", &format!("`{name}` is set by this server"));
        }
        if self.algorithms.is_empty() {
            return wrong("algorithms", "at least one");
        }
        Ok(())
    }

    /// Whether a request, or a browser, may be sent there.
    pub(crate) fn may_ask(&self, url: &Url) -> bool {
        let scheme = url.scheme() == "https" || (self.allow_http && url.scheme() == "http");
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        scheme && plain && url.host_str().is_some_and(|host| !host.is_empty())
    }

    /// How the client proves itself at the token endpoint.
    pub(crate) fn auth(&self) -> Option<(ClientAuth, &Secret<String>)> {
        let secret = self.client_secret.as_ref()?;
        Some((self.client_auth.unwrap_or(ClientAuth::Basic), secret))
    }

    pub(crate) fn is_open_to(&self, tenant: &str) -> bool {
        self.tenants.is_empty() || self.tenants.iter().any(|known| known == tenant)
    }
}

fn wrong(key: &str, message: &str) -> Fault {
    Fault::Config { key: key.to_owned(), message: message.to_owned() }
}
