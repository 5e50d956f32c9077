//! API keys on the wire.

use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    PlainToken, Problem, Result,
    api_keys::{ApiKey as Key, NewApiKey},
};
use gatewright_plugin::{House, Text};
use gatewright_vault::AccessInfo;
use poem_openapi::{ApiResponse, Object, payload::Json, types::Example};
use std::collections::HashMap;

/// An API key without its secret.
#[derive(Object)]
#[oai(rename = "ApiKey", example)]
pub(crate) struct ApiKey {
    /// The key; no secret.
    key_id: String,
    /// SHA-256 of the secret, in hex.
    key_hash: String,
    /// What it is for.
    name: String,
    /// Whose it is.
    user_id: String,
    /// Their login name.
    username: String,
    /// The tenant that it is bound to.
    tenant_id: String,
    /// What it is good for.
    scopes: Vec<String>,
    /// Whether it is good.
    is_active: bool,
    /// When it was made, and from where.
    created_at: AccessInfo,
    /// When it was last used, to the minute. Left out: never.
    #[oai(skip_serializing_if_is_none)]
    last_use_at: Option<AccessInfo>,
}

/// An API key with its secret, which is shown only now.
#[derive(Object)]
#[oai(rename = "ApiKeyWithSecret", example)]
pub(crate) struct ApiKeyWithSecret {
    /// The secret: for `X-API-Key`, or as a bearer token.
    api_key: String,
    /// The key; no secret.
    key_id: String,
    /// SHA-256 of the secret, in hex.
    key_hash: String,
    /// What it is for.
    name: String,
    /// Whose it is.
    user_id: String,
    /// The tenant that it is bound to.
    tenant_id: String,
    /// What it is good for.
    scopes: Vec<String>,
    /// Whether it is good.
    is_active: bool,
    /// When it was made, and from where.
    created_at: AccessInfo,
    /// When it was last used, to the minute. Left out: never.
    #[oai(skip_serializing_if_is_none)]
    last_use_at: Option<AccessInfo>,
}

/// API keys.
#[derive(Object)]
#[oai(rename = "ApiKeyList", example)]
pub(crate) struct ApiKeyList {
    /// Oldest first.
    api_keys: Vec<ApiKey>,
}

/// A key to be made.
#[derive(Object)]
#[oai(rename = "CreateApiKeyForm", example)]
pub(crate) struct CreateApiKeyForm {
    /// What it is for, for the list.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// What it is good for: `account`, `admin`, `USER`, `USER:READ`, `CLIENT`, `CLIENT:READ`, `API_KEY`, `API_KEY:READ`, `TENANT`,
    /// `TENANT:READ`, `SCIM2`, or a permission such as `people.read`.
    #[oai(validator(min_items = 1, max_items = 32))]
    scopes: Vec<Text>,
    /// The tenant: the caller's own.
    #[oai(validator(min_length = 1, max_length = 64))]
    tenant_id: Text,
}

#[derive(ApiResponse)]
pub(crate) enum MadeReply {
    /// The key, with its secret.
    #[oai(status = 201)]
    Made(Json<ApiKeyWithSecret>),
}

#[derive(ApiResponse)]
pub(crate) enum AnewReply {
    /// The key, with its new secret. The old one is no longer good.
    #[oai(status = 200)]
    Anew(Json<ApiKeyWithSecret>),
}

#[derive(ApiResponse)]
pub(crate) enum ListReply {
    /// The keys.
    #[oai(status = 200)]
    List(Json<ApiKeyList>),
}

impl CreateApiKeyForm {
    pub(crate) fn read(self) -> Result<(TenantId, NewApiKey)> {
        let tenant = TenantId::parse(&self.tenant_id).ok_or_else(|| Problem::not_found("tenant"))?;
        let scopes = self.scopes.into_iter().map(String::from).collect();
        Ok((tenant, NewApiKey { name: self.name.into(), scopes }))
    }
}

impl ApiKey {
    fn of(house: &House, key: Key, username: String) -> Self {
        let session = &key.session;
        let used = (session.last_seen > session.created)
            .then(|| AccessInfo::of(house, session.last_seen, None, None));
        Self {
            key_id: key.id.to_string(),
            key_hash: key.hash.clone(),
            name: key.name.clone(),
            user_id: key.person.to_string(),
            username,
            tenant_id: key.tenant.to_string(),
            scopes: key.scopes.clone(),
            // One that has been ended is not listed.
            is_active: true,
            created_at: AccessInfo::of(
                house,
                key.created,
                session.address.as_deref(),
                session.user_agent.as_deref(),
            ),
            last_use_at: used,
        }
    }
}

impl ApiKeyWithSecret {
    pub(crate) fn of(house: &House, (key, secret): (Key, PlainToken)) -> Self {
        let ApiKey {
            key_id,
            key_hash,
            name,
            user_id,
            tenant_id,
            scopes,
            is_active,
            created_at,
            last_use_at,
            ..
        } = ApiKey::of(house, key, String::new());
        let api_key = secret.expose().to_owned();
        Self {
            api_key,
            key_id,
            key_hash,
            name,
            user_id,
            tenant_id,
            scopes,
            is_active,
            created_at,
            last_use_at,
        }
    }
}

impl ApiKeyList {
    /// With the login names of those whose they are.
    pub(crate) async fn of(house: &House, keys: Vec<Key>) -> Result<Self> {
        let mut names: HashMap<PersonId, String> = HashMap::new();
        let mut api_keys = Vec::with_capacity(keys.len());
        for key in keys {
            let username = match names.get(&key.person) {
                Some(known) => known.clone(),
                None => {
                    let person = house.engine.store().person(&key.tenant, key.person).await?;
                    let name = person.map(|p| p.username).unwrap_or_default();
                    names.insert(key.person, name.clone());
                    name
                }
            };
            api_keys.push(ApiKey::of(house, key, username));
        }
        Ok(Self { api_keys })
    }
}

const HASH: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

impl Example for ApiKey {
    fn example() -> Self {
        let ApiKeyWithSecret {
            key_id,
            key_hash,
            name,
            user_id,
            tenant_id,
            scopes,
            is_active,
            created_at,
            last_use_at,
            ..
        } = ApiKeyWithSecret::example();
        let username = "ada".to_owned();
        Self {
            key_id,
            key_hash,
            name,
            user_id,
            username,
            tenant_id,
            scopes,
            is_active,
            created_at,
            last_use_at,
        }
    }
}

impl Example for ApiKeyWithSecret {
    fn example() -> Self {
        Self {
            api_key: "gwak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            key_id: "018bcfe5-6800-7000-8000-000000000002".to_owned(),
            key_hash: HASH.to_owned(),
            name: "nightly import".to_owned(),
            user_id: "018bcfe5-6800-7000-8000-000000000001".to_owned(),
            tenant_id: "default".to_owned(),
            scopes: vec!["USER:READ".to_owned()],
            is_active: true,
            created_at: AccessInfo::example(),
            last_use_at: None,
        }
    }
}

impl Example for ApiKeyList {
    fn example() -> Self {
        Self { api_keys: vec![ApiKey::example()] }
    }
}

impl Example for CreateApiKeyForm {
    fn example() -> Self {
        Self { name: "nightly import".into(), scopes: vec!["USER:READ".into()], tenant_id: "default".into() }
    }
}
