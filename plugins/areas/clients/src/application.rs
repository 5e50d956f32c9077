//! Clients in our own words, with everything that they have.

use crate::{
    shown::{About, Logout, string, strings, text, texts},
    words::{AuthWay, ClientAlgorithm, ClientGrant, ClientKind, ConsentRule, SubjectKind, TokenFormat, all},
};
use gatewright_oauth::client::{self, EntraFlow, Kept};
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{Object, types::Example};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};

/// What a client is.
#[derive(Object)]
#[oai(rename = "ApplicationSettings", deny_unknown_fields, example)]
pub(crate) struct Settings {
    /// Its name for people.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// Whether it can keep a secret. Left out: `confidential`.
    #[oai(skip_serializing_if_is_none)]
    client_type: Option<ClientKind>,
    /// How it proves who it is. Left out: `client_secret_basic`, or `none` for a public client.
    #[oai(skip_serializing_if_is_none)]
    auth_method: Option<AuthWay>,
    /// Where codes may go: https, http on the machine of the person, or a scheme of an app's own.
    #[oai(default, validator(max_items = 50))]
    redirect_uris: Vec<Text>,
    /// The scopes that it may ask for.
    #[oai(default, validator(max_items = 100))]
    scopes: Vec<Text>,
    /// The grants that it may use. Left out: code and refresh token.
    #[oai(validator(max_items = 7), skip_serializing_if_is_none)]
    grants: Option<Vec<ClientGrant>>,
    /// The resources that its tokens may be for (RFC 8707).
    #[oai(default, validator(max_items = 32))]
    resources: Vec<Text>,
    /// How its ID tokens and JWT access tokens are signed. Left out: `EdDSA`.
    #[oai(skip_serializing_if_is_none)]
    algorithm: Option<ClientAlgorithm>,
    /// What its access tokens are. Left out: `jwt`.
    #[oai(skip_serializing_if_is_none)]
    access_token: Option<TokenFormat>,
    /// How it calls people. Left out: `public`.
    #[oai(skip_serializing_if_is_none)]
    subject_type: Option<SubjectKind>,
    /// The host that stands for its sector. Left out: that of its redirect URIs.
    #[oai(validator(max_length = 253), skip_serializing_if_is_none)]
    sector: Option<Text>,
    /// Whether its requests must be pushed (RFC 9126).
    #[oai(default)]
    require_pushed_requests: bool,
    /// Whether its requests must be signed (RFC 9101).
    #[oai(default)]
    require_signed_requests: bool,
    /// Whether its tokens are bound to a DPoP key (RFC 9449).
    #[oai(default)]
    dpop_bound: bool,
    /// Whether its tokens are bound to its certificate (RFC 8705).
    #[oai(default)]
    certificate_bound: bool,
    /// Its public keys (RFC 7517).
    #[oai(skip_serializing_if_is_none)]
    jwks: Option<Value>,
    /// Where they are: https.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    jwks_uri: Option<Text>,
    /// The subject of its certificate as RFC 4514 writes it, for `tls_client_auth`.
    #[oai(validator(max_length = 1024), skip_serializing_if_is_none)]
    tls_subject_dn: Option<Text>,
    /// Or one DNS name of it.
    #[oai(validator(max_length = 1024), skip_serializing_if_is_none)]
    tls_san_dns: Option<Text>,
    /// Whether people are asked. Left out: `ask`.
    #[oai(skip_serializing_if_is_none)]
    consent: Option<ConsentRule>,
    /// Makes it an external authentication method of Microsoft Entra: who signs its `id_token_hint`.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    entra_issuer: Option<Text>,
    /// How long somebody may have been logged in, in seconds, where a request does not say.
    #[oai(skip_serializing_if_is_none)]
    default_max_age: Option<u64>,
    /// The least assurance that it takes.
    #[oai(validator(max_length = 128), skip_serializing_if_is_none)]
    default_acr: Option<Text>,
    /// What people are shown of it.
    #[oai(skip_serializing_if_is_none)]
    about: Option<About>,
    /// How it learns of the end of a session.
    #[oai(skip_serializing_if_is_none)]
    logout: Option<Logout>,
    /// Whether it can't be deleted.
    #[oai(default)]
    locked: bool,
    /// Whether it gets nothing any more.
    #[oai(default)]
    disabled: bool,
}

/// A client to be registered.
#[derive(Object)]
#[oai(rename = "ApplicationNew", deny_unknown_fields, example)]
pub(crate) struct New {
    /// Its name in the protocol. Left out: the server makes one.
    #[oai(validator(min_length = 1, max_length = 128), skip_serializing_if_is_none)]
    pub(crate) client_id: Option<Text>,
    /// What it is.
    pub(crate) settings: Settings,
}

/// A client.
#[derive(Object)]
#[oai(rename = "Application", example)]
pub(crate) struct Application {
    /// Its name in the protocol.
    client_id: String,
    /// When it was made.
    created_at: OffsetDateTime,
    /// How many secrets are good now: one, or two while one is replaced.
    secrets: u32,
    /// Until when the secret before the present one is good.
    #[oai(skip_serializing_if_is_none)]
    old_secret_until: Option<OffsetDateTime>,
    /// Whether it registered itself and looks after itself (RFC 7591, RFC 7592).
    registered_itself: bool,
    /// What it is.
    settings: Settings,
}

/// A client, with its secret where one was made.
#[derive(Object)]
#[oai(rename = "ApplicationWithSecret", example)]
pub(crate) struct WithSecret {
    /// The client.
    pub(crate) client: Application,
    /// Its secret, shown only now. Left out: it has none.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) client_secret: Option<String>,
}

/// How a secret is replaced.
#[derive(Object)]
#[oai(rename = "ApplicationSecretWish", deny_unknown_fields, example)]
pub(crate) struct SecretWish {
    /// For so many seconds the old secret stays good beside the new one. Left out: not at all.
    #[oai(default, validator(maximum(value = "2592000")))]
    pub(crate) keep_old_seconds: u32,
}

impl Settings {
    fn of(kept: &client::Client) -> Self {
        Self {
            name: kept.name.as_str().into(),
            client_type: Some(kept.client_type.into()),
            auth_method: Some(kept.auth_method.into()),
            redirect_uris: texts(&kept.redirect_uris),
            scopes: texts(&kept.scopes),
            grants: Some(all(&kept.grants)),
            resources: texts(&kept.resources),
            algorithm: Some(kept.algorithm.into()),
            access_token: Some(kept.access_token.into()),
            subject_type: Some(kept.subject_type.into()),
            sector: text(&kept.sector),
            require_pushed_requests: kept.require_pushed_requests,
            require_signed_requests: kept.require_signed_requests,
            dpop_bound: kept.dpop_bound,
            certificate_bound: kept.certificate_bound,
            jwks: kept.jwks.clone(),
            jwks_uri: text(&kept.jwks_uri),
            tls_subject_dn: text(&kept.tls_subject_dn),
            tls_san_dns: text(&kept.tls_san_dns),
            consent: Some(kept.consent.into()),
            entra_issuer: kept.entra.as_ref().map(|flow| flow.issuer.as_str().into()),
            default_max_age: kept.default_max_age,
            default_acr: text(&kept.default_acr),
            about: Some(About::of(&kept.about)),
            logout: Some(Logout::of(&kept.logout)),
            locked: kept.locked,
            disabled: kept.disabled,
        }
    }

    /// The client that this is; what is left out takes its default.
    pub(crate) fn read(self) -> client::Client {
        let client_type = self.client_type.map(client::ClientType::from).unwrap_or_default();
        let usual = match client_type {
            client::ClientType::Public => client::AuthMethod::None,
            client::ClientType::Confidential => client::AuthMethod::ClientSecretBasic,
        };
        let plain = client::Client::default();
        client::Client {
            name: self.name.into(),
            client_type,
            auth_method: self.auth_method.map_or(usual, client::AuthMethod::from),
            redirect_uris: strings(self.redirect_uris),
            scopes: strings(self.scopes),
            grants: self.grants.map_or(plain.grants.clone(), |words| all(&words)),
            resources: strings(self.resources),
            algorithm: self.algorithm.map_or(plain.algorithm, Into::into),
            access_token: self.access_token.map(Into::into).unwrap_or_default(),
            subject_type: self.subject_type.map(Into::into).unwrap_or_default(),
            sector: string(self.sector),
            require_pushed_requests: self.require_pushed_requests,
            require_signed_requests: self.require_signed_requests,
            dpop_bound: self.dpop_bound,
            certificate_bound: self.certificate_bound,
            jwks: self.jwks.filter(|jwks| !jwks.is_null()),
            jwks_uri: string(self.jwks_uri),
            tls_subject_dn: string(self.tls_subject_dn),
            tls_san_dns: string(self.tls_san_dns),
            consent: self.consent.map(Into::into).unwrap_or_default(),
            entra: string(self.entra_issuer).map(|issuer| EntraFlow { issuer }),
            default_max_age: self.default_max_age,
            default_acr: string(self.default_acr),
            about: self.about.unwrap_or_default().read(),
            logout: self.logout.unwrap_or_default().read(),
            locked: self.locked,
            disabled: self.disabled,
            ..plain
        }
    }
}

impl Application {
    pub(crate) fn of(kept: &Kept, now: gatewright_contract::Timestamp) -> Self {
        let good = kept.client.secrets.iter().filter(|secret| secret.expires.is_none_or(|end| end > now));
        let until = good.clone().filter_map(|secret| secret.expires).max();
        Self {
            client_id: kept.client.client_id.clone(),
            created_at: moment(kept.created),
            secrets: u32::try_from(good.count()).unwrap_or(u32::MAX),
            old_secret_until: until.map(moment),
            registered_itself: kept.client.registration.is_some(),
            settings: Settings::of(&kept.client),
        }
    }
}

impl Example for Settings {
    fn example() -> Self {
        let mut client = client::Client {
            name: "Shop".to_owned(),
            auth_method: client::AuthMethod::ClientSecretBasic,
            redirect_uris: vec!["https://shop.example/callback".to_owned()],
            scopes: ["openid", "profile", "email", "offline_access"].map(str::to_owned).into(),
            ..client::Client::default()
        };
        client.about.client_uri = Some("https://shop.example/".to_owned());
        Self::of(&client)
    }
}

impl Example for New {
    fn example() -> Self {
        Self { client_id: Some("shop".into()), settings: Settings::example() }
    }
}

impl Example for Application {
    fn example() -> Self {
        Self {
            client_id: "shop".to_owned(),
            created_at: datetime!(2026-01-01 09:00 UTC),
            secrets: 1,
            old_secret_until: None,
            registered_itself: false,
            settings: Settings::example(),
        }
    }
}

impl Example for WithSecret {
    fn example() -> Self {
        let secret = "gwcs_RXhhbXBsZSBvZiBhIHNlY3JldCBvZiBhIGNsaWVudA".to_owned();
        Self { client: Application::example(), client_secret: Some(secret) }
    }
}

impl Example for SecretWish {
    fn example() -> Self {
        Self { keep_old_seconds: 86_400 }
    }
}
