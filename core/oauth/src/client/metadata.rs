//! A client as RFC 7591 and OpenID Connect Dynamic Client Registration write it.

use super::{AuthMethod, Client, ClientType, Consent, GrantType, SubjectType};
use crate::{ErrorCode, OAuthError, Result};
use gatewright_core::signing::Algorithm;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Scopes that a client can register for by itself: what OpenID Connect gives with the consent of a person. All others
/// are given by an administrator.
const SCOPES: [&str; 7] = ["openid", "profile", "email", "address", "phone", "groups", "offline_access"];

/// What it gets where it asks for none.
const DEFAULT_SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// Grants that a client can register for by itself.
const GRANTS: [GrantType; 4] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
];

/// What a client would rely on, and would not get.
const REFUSED: &[(&str, &str)] = &[
    ("sector_identifier_uri", "Nothing is fetched at a registration; an administrator can set the sector."),
    ("id_token_encrypted_response_alg", "ID tokens are signed, not encrypted."),
    ("userinfo_encrypted_response_alg", "Replies of userinfo are not encrypted."),
    ("userinfo_signed_response_alg", "Replies of userinfo are not signed."),
    ("authorization_signed_response_alg", "Authorization responses are not signed."),
];

/// Members of a request, each taken once.
struct Members<'a>(&'a Map<String, Value>);

impl Members<'_> {
    /// None where it is left out or null (RFC 7592, section 2.2).
    fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            // Not the text of the error: it repeats what was sent.
            Some(value) => serde_json::from_value(value.clone()).map(Some).map_err(|_| {
                metadata(format!("{name} is not of its type, or a word that is not known here."))
            }),
        }
    }

    fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.get(name)?.unwrap_or_default())
    }

    fn refuse(&self) -> Result<()> {
        if self.0.get("software_statement").is_some_and(|value| !value.is_null()) {
            let text =
                "Software statements are not taken here. Leave it out and send the metadata themselves.";
            return Err(OAuthError::new(ErrorCode::UnapprovedSoftwareStatement, text));
        }
        let there = |name: &str| self.0.get(name).is_some_and(|value| !value.is_null());
        match REFUSED.iter().find(|(name, _)| there(name)) {
            Some((name, why)) => Err(metadata(format!("{name}: {why}"))),
            None => Ok(()),
        }
    }
}

fn metadata(text: impl Into<String>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, text)
}

/// The client that a registration describes. What it does not name takes its default; what RFC 7591 has no words for stays
/// as it is in `old`.
pub(super) fn read(sent: &Map<String, Value>, old: &Client) -> Result<Client> {
    let members = Members(sent);
    members.refuse()?;
    let auth_method = members.get("token_endpoint_auth_method")?.unwrap_or(AuthMethod::ClientSecretBasic);
    let is_public = auth_method == AuthMethod::None;
    let mut client = Client {
        name: members.get("client_name")?.unwrap_or_else(|| "Application".to_owned()),
        client_type: if is_public { ClientType::Public } else { ClientType::Confidential },
        auth_method,
        redirect_uris: members.get("redirect_uris")?.unwrap_or_default(),
        scopes: scopes(&members, old)?,
        grants: grants(&members, old)?,
        algorithm: members.get("id_token_signed_response_alg")?.unwrap_or(Algorithm::Rs256),
        subject_type: members.get::<SubjectType>("subject_type")?.unwrap_or_default(),
        require_pushed_requests: members.flag("require_pushed_authorization_requests")?,
        require_signed_requests: members.flag("require_signed_request_object")?,
        dpop_bound: members.flag("dpop_bound_access_tokens")?,
        certificate_bound: members.flag("tls_client_certificate_bound_access_tokens")?,
        jwks: members.get("jwks")?,
        jwks_uri: members.get("jwks_uri")?,
        tls_subject_dn: members.get("tls_client_auth_subject_dn")?,
        tls_san_dns: members.get("tls_client_auth_san_dns")?,
        default_max_age: members.get("default_max_age")?,
        default_acr: members.get::<Vec<String>>("default_acr_values")?.and_then(|all| all.into_iter().next()),
        consent: Consent::Ask,
        ..old.clone()
    };
    shown(&members, &mut client)?;
    Ok(client)
}

/// What people are shown, and how it learns of the end of a session.
fn shown(members: &Members<'_>, client: &mut Client) -> Result<()> {
    client.about.client_uri = members.get("client_uri")?;
    client.about.logo_uri = members.get("logo_uri")?;
    client.about.policy_uri = members.get("policy_uri")?;
    client.about.tos_uri = members.get("tos_uri")?;
    client.about.contacts = members.get("contacts")?.unwrap_or_default();
    client.logout.back_channel = members.get("backchannel_logout_uri")?;
    client.logout.back_channel_session = members.flag("backchannel_logout_session_required")?;
    client.logout.front_channel = members.get("frontchannel_logout_uri")?;
    client.logout.front_channel_session = members.flag("frontchannel_logout_session_required")?;
    client.logout.redirect_uris = members.get("post_logout_redirect_uris")?.unwrap_or_default();
    Ok(())
}

fn scopes(members: &Members<'_>, old: &Client) -> Result<Vec<String>> {
    let Some(text) = members.get::<String>("scope")? else {
        let is_new = old.client_id.is_empty();
        return Ok(if is_new { DEFAULT_SCOPES.map(str::to_owned).into() } else { old.scopes.clone() });
    };
    let mut all: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !SCOPES.contains(&word) && !old.scopes.iter().any(|known| known == word) {
            return Err(metadata(format!(
                "scope: only {} can be registered for. An administrator gives others.",
                SCOPES.join(", ")
            )));
        }
        if !all.iter().any(|known| known == word) {
            all.push(word.to_owned());
        }
    }
    Ok(all)
}

fn grants(members: &Members<'_>, old: &Client) -> Result<Vec<GrantType>> {
    let default = vec![GrantType::AuthorizationCode];
    let grants: Vec<GrantType> = members.get("grant_types")?.unwrap_or(default);
    if grants.iter().any(|grant| !GRANTS.contains(grant) && !old.may(*grant)) {
        return Err(metadata("grant_types: only an administrator gives this one."));
    }
    let responses: Vec<String> = members.get("response_types")?.unwrap_or_else(|| {
        match grants.contains(&GrantType::AuthorizationCode) {
            true => vec!["code".to_owned()],
            false => Vec::new(),
        }
    });
    let fits = match grants.contains(&GrantType::AuthorizationCode) {
        true => responses == ["code"],
        false => responses.is_empty(),
    };
    match fits {
        true => Ok(grants),
        false => {
            Err(metadata("response_types: code, with the grant type authorization_code, and nothing else."))
        }
    }
}

/// The client in the words of RFC 7591. No secret.
pub(super) fn write(client: &Client) -> Map<String, Value> {
    let about = &client.about;
    let responses: &[&str] = if client.may(GrantType::AuthorizationCode) { &["code"] } else { &[] };
    let body = json!({
        "client_id": client.client_id,
        "client_name": client.name,
        "token_endpoint_auth_method": client.auth_method,
        "redirect_uris": client.redirect_uris,
        "grant_types": client.grants,
        "response_types": responses,
        "scope": client.scopes.join(" "),
        "id_token_signed_response_alg": client.signed_with(),
        "subject_type": client.subject_type,
        "require_pushed_authorization_requests": client.require_pushed_requests,
        "require_signed_request_object": client.require_signed_requests,
        "dpop_bound_access_tokens": client.dpop_bound,
        "tls_client_certificate_bound_access_tokens": client.certificate_bound,
        "jwks": client.jwks,
        "jwks_uri": client.jwks_uri,
        "tls_client_auth_subject_dn": client.tls_subject_dn,
        "tls_client_auth_san_dns": client.tls_san_dns,
        "default_max_age": client.default_max_age,
        "default_acr_values": client.default_acr.as_ref().map(|acr| [acr]),
        "client_uri": about.client_uri,
        "logo_uri": about.logo_uri,
        "policy_uri": about.policy_uri,
        "tos_uri": about.tos_uri,
        "contacts": Some(&about.contacts).filter(|contacts| !contacts.is_empty()),
        "backchannel_logout_uri": client.logout.back_channel,
        "backchannel_logout_session_required": client.logout.back_channel_session,
        "frontchannel_logout_uri": client.logout.front_channel,
        "frontchannel_logout_session_required": client.logout.front_channel_session,
        "post_logout_redirect_uris": client.logout.redirect_uris,
    });
    let Value::Object(body) = body else { return Map::new() };
    body.into_iter().filter(|(_, value)| !value.is_null()).collect()
}
