//! What a client may read of the provider before it says anything (OpenID Connect Discovery; RFC 8414).

use crate::{Provider, Result, jose::ALGORITHMS, supported_claims};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use gatewright_contract::Fault;
use gatewright_core::{Tenant, oidc::Registration, signing::Algorithm};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The document of a tenant, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// JSON.
    pub body: Arc<[u8]>,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

/// Endpoints: what they are called, and where they are below the issuer.
const ENDPOINTS: &[(&str, &str)] = &[
    ("jwks_uri", ".well-known/jwks"),
    ("authorization_endpoint", "authorize"),
    ("pushed_authorization_request_endpoint", "par"),
    ("token_endpoint", "token"),
    ("userinfo_endpoint", "userinfo"),
    ("introspection_endpoint", "introspect"),
    ("revocation_endpoint", "revoke"),
    ("device_authorization_endpoint", "device_authorization"),
    ("end_session_endpoint", "logout"),
    ("registration_endpoint", "register"),
];

/// How a client proves who it is.
const AUTH_METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
];

/// What goes with an endpoint: said only where it is there.
fn beside(endpoint: &str) -> Vec<(&'static str, Value)> {
    let proven = json!(AUTH_METHODS);
    match endpoint {
        "authorization_endpoint" => vec![
            // An external authentication method of Entra asks for the ID token alone.
            ("response_types_supported", json!(["code", "id_token"])),
            ("response_modes_supported", json!(["query", "form_post", "web_message"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("prompt_values_supported", json!(["none", "login", "consent", "select_account", "create"])),
            ("authorization_response_iss_parameter_supported", json!(true)),
            ("claims_parameter_supported", json!(true)),
            ("request_parameter_supported", json!(true)),
            ("request_object_signing_alg_values_supported", json!(ALGORITHMS)),
        ],
        "token_endpoint" => vec![
            ("token_endpoint_auth_methods_supported", methods(AUTH_METHODS)),
            ("token_endpoint_auth_signing_alg_values_supported", json!(ALGORITHMS)),
            (
                "grant_types_supported",
                json!([
                    "authorization_code",
                    "refresh_token",
                    "client_credentials",
                    "urn:ietf:params:oauth:grant-type:device_code",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                    "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ]),
            ),
            ("dpop_signing_alg_values_supported", json!(ALGORITHMS)),
            ("tls_client_certificate_bound_access_tokens", json!(true)),
        ],
        "introspection_endpoint" => vec![
            ("introspection_endpoint_auth_methods_supported", proven),
            ("introspection_endpoint_auth_signing_alg_values_supported", json!(ALGORITHMS)),
        ],
        "revocation_endpoint" => vec![
            ("revocation_endpoint_auth_methods_supported", methods(AUTH_METHODS)),
            ("revocation_endpoint_auth_signing_alg_values_supported", json!(ALGORITHMS)),
        ],
        "end_session_endpoint" => vec![
            ("backchannel_logout_supported", json!(true)),
            ("backchannel_logout_session_supported", json!(true)),
            ("frontchannel_logout_supported", json!(true)),
            ("frontchannel_logout_session_supported", json!(true)),
        ],
        _ => Vec::new(),
    }
}

/// Those, and nothing: a public client.
fn methods(proven: &[&str]) -> Value {
    json!(proven.iter().chain(&["none"]).collect::<Vec<_>>())
}

impl Provider {
    /// The document of a tenant. `there`: whether this path (in OpenAPI's form, from the root) is served, so that nothing is said
    /// of what is not.
    ///
    /// # Errors
    /// When it can't be JSON.
    pub fn discovery(&self, tenant: &Tenant, there: impl Fn(&str) -> bool) -> Result<Discovery> {
        let body = serde_json::to_vec(&Value::Object(self.metadata(tenant, there)))
            .map_err(|e| Fault::caused("a discovery document can't be JSON", e))?;
        let etag = format!("\"{}\"", HEXLOWER.encode(&digest(&SHA256, &body).as_ref()[..16]));
        Ok(Discovery { body: body.into(), etag })
    }

    fn metadata(&self, tenant: &Tenant, there: impl Fn(&str) -> bool) -> Map<String, Value> {
        let (issuer, rules, settings) =
            (self.issuer(tenant), self.rules(tenant), self.engine.settings_of(tenant));
        let levels: Vec<&str> = settings.policy.levels.iter().map(|level| level.name.as_str()).collect();
        let mut said = Map::new();
        let mut put = |name: &str, value: Value| said.insert(name.to_owned(), value);
        put("issuer", json!(issuer));
        for (name, path) in ENDPOINTS {
            let open = *name != "registration_endpoint" || rules.registration != Registration::Off;
            if open && there(&format!("{}/{{tenant_id}}/{path}", Self::BASE)) {
                put(name, json!(format!("{issuer}/{path}")));
                for (name, value) in beside(name) {
                    put(name, value);
                }
            }
        }
        put("require_pushed_authorization_requests", json!(rules.require_pushed_requests));
        put("scopes_supported", json!(scopes()));
        put("subject_types_supported", json!(["public", "pairwise"]));
        put("id_token_signing_alg_values_supported", json!(Algorithm::ALL));
        put("acr_values_supported", json!(levels));
        put("claim_types_supported", json!(["normal"]));
        put("claims_supported", json!(claims()));
        put("request_uri_parameter_supported", json!(false));
        said
    }
}

/// Those that any client may be registered for; the words of single permissions are the business of who administers.
fn scopes() -> Vec<&'static str> {
    let account = [gatewright_core::access::ACCOUNT, gatewright_core::access::ADMIN];
    let ours = ["openid", "profile", "email", "address", "phone", "groups", "offline_access"];
    ours.into_iter().chain(account).collect()
}

fn claims() -> Vec<&'static str> {
    let of_the_login = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"];
    of_the_login.into_iter().chain(supported_claims()).collect()
}
