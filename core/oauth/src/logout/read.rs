//! What a client asks for (RP-Initiated Logout 1.0, section 2).

use crate::{Client, ErrorCode, OAuthError, Params, Provider, Result};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{SessionId, TenantId};
use gatewright_core::Tenant;
use serde_json::{Map, Value};
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// A wish to log out.
#[derive(Clone, Debug, Default)]
pub struct LogoutRequest {
    /// Whose ID token came along.
    pub hint: Option<Hint>,
    /// Who asks: whom the hint is for, or who is named.
    pub client: Option<Arc<Client>>,
    /// Where the browser goes afterwards: registered for that client, with `state`.
    pub then: Option<String>,
}

/// What an ID token of ours says, ended or not.
#[derive(Clone, Debug)]
pub struct Hint {
    /// What its client calls the person.
    pub sub: String,
    /// `sid`.
    pub session: Option<SessionId>,
}

impl Provider {
    /// Reads the parameters and holds them against what is registered.
    ///
    /// # Errors
    /// `invalid_token` for a hint that is no ID token of this tenant; `invalid_request` for a client that is not the hint's,
    /// and for a redirect URI that is not registered for it: then nothing ends and nobody is redirected.
    pub async fn read_logout(&self, tenant: &Tenant, params: &Params) -> Result<LogoutRequest> {
        let mut request = LogoutRequest::default();
        let mut client_id = given(params, "client_id").map(str::to_owned);
        if let Some(text) = given(params, "id_token_hint") {
            let claims = self.own_jwt(&tenant.id, text, Some("jwt")).await?.ok_or_else(wrong_hint)?;
            let is_ours = claims.get("iss").and_then(Value::as_str) == Some(&self.issuer(tenant));
            let sub = claims.get("sub").and_then(Value::as_str).filter(|_| is_ours).ok_or_else(wrong_hint)?;
            let session = claims.get("sid").and_then(Value::as_str).and_then(|sid| Uuid::try_parse(sid).ok());
            request.hint = Some(Hint { sub: sub.to_owned(), session: session.map(SessionId) });
            client_id = Some(audience(&claims, client_id.as_deref())?);
        }
        if let Some(id) = &client_id {
            request.client = self.client(&tenant.id, id).await?;
        }
        request.then = self.afterwards(params, request.client.as_deref())?;
        Ok(request)
    }

    fn afterwards(&self, params: &Params, client: Option<&Client>) -> Result<Option<String>> {
        let Some(uri) = given(params, "post_logout_redirect_uri") else { return Ok(None) };
        let registered =
            client.is_some_and(|client| client.logout.redirect_uris.iter().any(|one| one == uri));
        if !registered {
            return Err(OAuthError::invalid(
                "The post_logout_redirect_uri is not registered for this client, letter by letter; or it is not said \
                 which client asks: send client_id or id_token_hint.",
            ));
        }
        let mut uri = Url::parse(uri)
            .map_err(|_| OAuthError::invalid("The post_logout_redirect_uri that is registered is no URL."))?;
        if let Some(state) = params.get("state") {
            uri.query_pairs_mut().append_pair("state", state);
        }
        Ok(Some(uri.into()))
    }
}

/// Whom the hint is for. Where a client is named too, it must be the same.
fn audience(claims: &Map<String, Value>, named: Option<&str>) -> Result<String> {
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match (named, audience.as_slice()) {
        (Some(named), all) if all.contains(&named) => Ok(named.to_owned()),
        (Some(_), _) => {
            Err(OAuthError::invalid("The id_token_hint was not issued to the client that is named."))
        }
        (None, [one, ..]) => Ok((*one).to_owned()),
        (None, []) => Err(wrong_hint()),
    }
}

/// The tenant that a hint names as its issuer. It proves nothing.
pub fn tenant_of_hint(text: &str) -> Option<TenantId> {
    let claims = BASE64URL_NOPAD.decode(text.split('.').nth(1)?.as_bytes()).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let (_, tenant) = claims["iss"].as_str()?.rsplit_once('/')?;
    TenantId::parse(tenant)
}

/// Some clients send the word for nothing.
fn given<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.get(name).filter(|value| *value != "null")
}

fn wrong_hint() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidToken, "The id_token_hint is not an ID token of this issuer.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hint_is_for_the_client_that_is_named() {
        let claims = |aud: Value| json!({ "aud": aud }).as_object().expect("an object").clone();
        let read = |aud: Value, named| audience(&claims(aud), named).map_err(|e| e.code);
        assert_eq!(read(json!("a"), None), Ok("a".to_owned()));
        assert_eq!(read(json!("a"), Some("a")), Ok("a".to_owned()));
        assert_eq!(read(json!(["a", "b"]), Some("b")), Ok("b".to_owned()));
        assert_eq!(read(json!("a"), Some("b")), Err(ErrorCode::InvalidRequest));
        for none in [json!(null), json!([]), json!(7)] {
            assert_eq!(read(none, None), Err(ErrorCode::InvalidToken));
        }
    }

    #[test]
    fn a_hint_names_its_tenant() {
        let token =
            |claims: &Value| format!("e30.{}.", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let named = token(&json!({"iss": "https://id.example/api/oidc/acme"}));
        assert_eq!(tenant_of_hint(&named), TenantId::parse("acme"));
        for odd in
            ["", "a.b", "e30.e30.", "...", &token(&json!({"iss": "acme"})), &token(&json!({"iss": "a/../"}))]
        {
            assert_eq!(tenant_of_hint(odd), None, "{odd}");
        }
    }
}
