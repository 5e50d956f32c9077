//! Applications that log people in, as they are registered.

mod admin;
mod check;
mod end;
mod find;
mod metadata;
mod registration;
mod rules;
mod secret;

pub use admin::{Clients, Kept, LONGEST_OVERLAP};
pub use check::ENTRA_REDIRECTS;
pub use find::CLIENT;
pub(crate) use find::ReadClients;
pub use registration::Registered;

use gatewright_contract::Timestamp;
use gatewright_core::signing::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a client can keep a secret (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    /// It can't: a page, an app.
    Public,
    /// It can: a server.
    #[default]
    Confidential,
}

/// How a client proves who it is (OpenID Connect Core, section 9; RFC 8705).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words are those of the IANA registry")]
pub enum AuthMethod {
    ClientSecretBasic,
    #[default]
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
    None,
}

/// What a client may bring to the token endpoint. The words are those on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words are those of the RFCs")]
pub enum GrantType {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// Of the IDaaS vendor (docs/decisions/0018).
    #[serde(rename = "jwt_idaas")]
    JwtIdaas,
}

/// What its access tokens are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessTokenFormat {
    /// Random; only this server can tell what it is worth. Revoked at once, everywhere.
    Opaque,
    /// Signed (RFC 9068): whoever has the keys can tell.
    #[default]
    Jwt,
}

/// How it calls people (OpenID Connect Core, section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// As all others do.
    #[default]
    Public,
    /// As nobody outside its sector does.
    Pairwise,
}

/// Whether people are asked before the client learns who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Each once, and again for more.
    #[default]
    Ask,
    /// Never: it is the tenant's own.
    Skip,
}

/// A secret of a client: only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// SHA-256 in hex, of at least 128 random bits.
    pub hash: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends: the one before, after a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// An external authentication method of Microsoft Entra.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntraFlow {
    /// `https://login.microsoftonline.com/{tid}/v2.0`: who signs its `id_token_hint`.
    pub issuer: String,
}

/// What login pages show of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its home.
    pub client_uri: Option<String>,
    /// Its picture.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Its user agreement.
    pub user_agreement_uri: Option<String>,
    /// Where a person logs out of it.
    pub logout_uri: Option<String>,
    /// What the vault contract calls `tenant_name`.
    pub tenant_name: Option<String>,
    /// Addresses of the people behind it (RFC 7591).
    pub contacts: Vec<String>,
    /// Whether its login page offers to register.
    pub register_enable: bool,
}

/// How a client is told that a session has ended (OpenID Connect Back-Channel and Front-Channel Logout).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutUris {
    /// Gets a logout token by POST.
    pub back_channel: Option<String>,
    /// Is loaded in a frame of the logout page.
    pub front_channel: Option<String>,
    /// Whether `sid` must be told to the back channel.
    pub back_channel_session: bool,
    /// Whether `iss` and `sid` are told to the front channel.
    pub front_channel_session: bool,
    /// Where a person may be sent afterwards.
    pub redirect_uris: Vec<String>,
}

/// A client. Stored as a record of kind [`CLIENT`], whose key is its `client_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Client {
    /// Its name in the protocol: unique in its tenant.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// Its secrets: one, or two while one is replaced.
    pub secrets: Vec<ClientSecret>,
    /// How it proves who it is.
    pub auth_method: AuthMethod,
    /// Where codes may go: compared letter by letter; the port of a loopback address may differ (RFC 8252).
    pub redirect_uris: Vec<String>,
    /// The scopes that it may ask for.
    pub scopes: Vec<String>,
    /// The grants that it may use.
    pub grants: Vec<GrantType>,
    /// The resources that its tokens may be for (RFC 8707).
    pub resources: Vec<String>,
    /// How its ID tokens and JWT access tokens are signed.
    pub algorithm: Algorithm,
    /// What its access tokens are.
    pub access_token: AccessTokenFormat,
    /// How it calls people.
    pub subject_type: SubjectType,
    /// The host that stands for its sector; none: that of its redirect URIs.
    pub sector: Option<String>,
    /// Whether its requests must be pushed (RFC 9126).
    pub require_pushed_requests: bool,
    /// Whether its requests must be signed (RFC 9101).
    pub require_signed_requests: bool,
    /// Whether its tokens are bound to a DPoP key (RFC 9449).
    pub dpop_bound: bool,
    /// Whether its tokens are bound to its certificate (RFC 8705, section 3).
    pub certificate_bound: bool,
    /// Its public keys (RFC 7517).
    pub jwks: Option<Value>,
    /// Where they are.
    pub jwks_uri: Option<String>,
    /// The subject of its certificate as RFC 4514 writes it, for `tls_client_auth`.
    pub tls_subject_dn: Option<String>,
    /// Or one DNS name of it.
    pub tls_san_dns: Option<String>,
    /// Whether people are asked.
    pub consent: Consent,
    /// An external authentication method of Entra, and nothing else.
    pub entra: Option<EntraFlow>,
    /// How long somebody may have been logged in, in seconds, where the request does not say.
    pub default_max_age: Option<u64>,
    /// The least assurance that it takes; none: any.
    pub default_acr: Option<String>,
    /// What people are shown of it.
    pub about: About,
    /// How it learns of the end of a session.
    pub logout: LogoutUris,
    /// Can't be deleted.
    pub locked: bool,
    /// Gets nothing any more.
    pub disabled: bool,
    /// Hash of the token with which it manages itself (RFC 7592), in hex.
    pub registration: Option<String>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            name: String::new(),
            client_type: ClientType::default(),
            secrets: Vec::new(),
            auth_method: AuthMethod::default(),
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            resources: Vec::new(),
            algorithm: Algorithm::EdDsa,
            access_token: AccessTokenFormat::default(),
            subject_type: SubjectType::default(),
            sector: None,
            require_pushed_requests: false,
            require_signed_requests: false,
            dpop_bound: false,
            certificate_bound: false,
            jwks: None,
            jwks_uri: None,
            tls_subject_dn: None,
            tls_san_dns: None,
            consent: Consent::default(),
            entra: None,
            default_max_age: None,
            default_acr: None,
            about: About::default(),
            logout: LogoutUris::default(),
            locked: false,
            disabled: false,
            registration: None,
        }
    }
}
