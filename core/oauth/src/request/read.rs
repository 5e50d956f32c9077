//! Reading a request, in two steps (RFC 6749, section 4.1.2.1): first where an answer may go at all, then everything else, whose
//! mistakes are told to the client there.

use super::{Acr, AuthorizationRequest, Prompt, ResponseMode, claims, redirect, scopes};
use crate::{
    Client, ErrorCode, OAuthError, Params, Result,
    client::{ClientType, GrantType},
};
use gatewright_contract::Timestamp;
use serde_json::Value;
use url::Url;

/// Characters of a text that is kept, at most.
const LONGEST_STATE: usize = 4_096;
const LONGEST_NONCE: usize = 1_024;
const LONGEST_HINT: usize = 256;
/// `max_age` at most: a year. Longer than any session, so that it asks nothing.
const LONGEST_AGE: u64 = 31_536_000;
/// Languages, levels and resources at most.
const MOST: usize = 16;

/// Where the answer goes, whatever it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    pub(super) redirect_uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

/// The first step. What is wrong here is told to the person and to nobody else.
pub(super) fn target(client: &Client, params: &Params) -> Result<Target> {
    let uri = params.required("redirect_uri")?;
    if !redirect::is_registered(client, uri) {
        return Err(OAuthError::invalid(
            "The redirect_uri is not registered for this application. It is compared letter by letter.",
        ));
    }
    let mode = params.get("response_mode").and_then(ResponseMode::parse).unwrap_or_default();
    // A page that posts needs an origin to post to.
    let fits = mode == ResponseMode::Query || redirect::origin(uri).is_some();
    let state = params.get("state").filter(|state| state.len() <= LONGEST_STATE);
    Ok(Target {
        redirect_uri: uri.to_owned(),
        mode: if fits { mode } else { ResponseMode::Query },
        state: state.map(str::to_owned),
    })
}

/// The second step.
pub(super) fn request(
    client: &Client,
    params: &Params,
    target: &Target,
    now: Timestamp,
) -> Result<AuthorizationRequest> {
    response(client, params, target)?;
    let read = asked(client, params, target, now)?;
    proof_of_origin(client, &read)?;
    Ok(read)
}

/// What is asked for, whatever it is that answers.
pub(super) fn asked(
    client: &Client,
    params: &Params,
    target: &Target,
    now: Timestamp,
) -> Result<AuthorizationRequest> {
    let (prompt, claims) = (prompt(params)?, claims::read(params)?);
    let scopes = scopes::read(client, params, &prompt)?;
    Ok(AuthorizationRequest {
        nonce: bounded(params, "nonce", LONGEST_NONCE)?,
        code_challenge: code_challenge(params)?,
        dpop_jkt: thumbprint(params, "dpop_jkt")?,
        resources: resources(client, params)?,
        prompt,
        max_age: max_age(params)?.or(client.default_max_age),
        acr: acr(params, &claims)?,
        subject: claims::subject(&claims),
        login_hint: bounded(params, "login_hint", LONGEST_HINT)?,
        ui_locales: locales(params),
        claims,
        scopes,
        ..plain(client, params, target, now)?
    })
}

/// A request that asks for nothing yet.
pub(super) fn plain(
    client: &Client,
    params: &Params,
    target: &Target,
    now: Timestamp,
) -> Result<AuthorizationRequest> {
    Ok(AuthorizationRequest {
        client_id: client.client_id.clone(),
        redirect_uri: target.redirect_uri.clone(),
        response_mode: target.mode,
        state: bounded(params, "state", LONGEST_STATE)?,
        scopes: Vec::new(),
        nonce: None,
        code_challenge: None,
        dpop_jkt: None,
        resources: Vec::new(),
        claims: None,
        prompt: Prompt::default(),
        max_age: None,
        acr: None,
        subject: None,
        login_hint: None,
        ui_locales: locales(params),
        created: now,
        agreed: None,
        denied: false,
        entra: None,
    })
}

/// What is answered, and how.
fn response(client: &Client, params: &Params, target: &Target) -> Result<()> {
    if params.required("response_type")? != "code" {
        let why = "Only response_type=code is answered; there are no tokens in front of a browser.";
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, why));
    }
    if !client.may(GrantType::AuthorizationCode) {
        let why = "The client is not registered for the authorization code grant.";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, why));
    }
    match params.get("response_mode") {
        Some(word) if ResponseMode::parse(word) != Some(target.mode) => Err(OAuthError::invalid(
            "The response_mode is not one of query, form_post and web_message, or does not fit the redirect_uri.",
        )),
        _ => Ok(()),
    }?;
    for (name, why) in [
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("request", ErrorCode::RequestNotSupported),
        ("registration", ErrorCode::InvalidRequest),
    ] {
        if params.get(name).is_some() {
            return Err(OAuthError::new(why, format!("The parameter {name} is not taken here.")));
        }
    }
    Ok(())
}

/// A code that somebody has put before the wrong client must be worth nothing: PKCE, or for who proves who it is the nonce of
/// the ID token (RFC 9700, section 2.1.1).
fn proof_of_origin(client: &Client, read: &AuthorizationRequest) -> Result<()> {
    let public = client.client_type == ClientType::Public || !client.is_confidential();
    let bound = read.code_challenge.is_some() || (!public && read.is_openid() && read.nonce.is_some());
    match bound {
        true => Ok(()),
        false => {
            Err(OAuthError::invalid("Send a code_challenge with code_challenge_method=S256 (RFC 7636)."))
        }
    }
}

fn code_challenge(params: &Params) -> Result<Option<String>> {
    let challenge = thumbprint(params, "code_challenge")?;
    match (&challenge, params.get("code_challenge_method")) {
        // Left out it would mean `plain`.
        (Some(_), Some("S256")) | (None, None) => Ok(challenge),
        _ => Err(OAuthError::invalid("Send a code_challenge together with code_challenge_method=S256.")),
    }
}

/// A SHA-256 in base64url.
fn thumbprint(params: &Params, name: &str) -> Result<Option<String>> {
    let Some(text) = params.get(name) else { return Ok(None) };
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes());
    match bytes.is_ok_and(|bytes| bytes.len() == 32) {
        true => Ok(Some(text.to_owned())),
        false => Err(OAuthError::invalid(format!("The parameter {name} is not a SHA-256 in base64url."))),
    }
}

fn bounded(params: &Params, name: &str, longest: usize) -> Result<Option<String>> {
    match params.get(name) {
        Some(text) if text.len() > longest => {
            Err(OAuthError::invalid(format!("The parameter {name} is longer than {longest} bytes.")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn prompt(params: &Params) -> Result<Prompt> {
    let (mut prompt, words) = (Prompt::default(), params.words("prompt"));
    for word in &words {
        match word.as_str() {
            "none" if words.len() > 1 => {
                return Err(OAuthError::invalid("prompt=none stands alone."));
            }
            "none" => prompt.none = true,
            "login" | "create" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => {
                return Err(OAuthError::invalid(
                    "The prompt is none, login, consent, select_account or create.",
                ));
            }
        }
    }
    Ok(prompt)
}

fn acr(params: &Params, claims: &Option<Value>) -> Result<Option<Acr>> {
    match claims::acr(params, claims) {
        Some(acr) if acr.values.len() > MOST => Err(OAuthError::invalid("There are too many values of acr.")),
        acr => Ok(acr),
    }
}

fn max_age(params: &Params) -> Result<Option<u64>> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let read = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let seconds = read.ok_or_else(|| OAuthError::invalid("The max_age is not a number of seconds."))?;
    Ok(Some(seconds.min(LONGEST_AGE)))
}

fn locales(params: &Params) -> Vec<String> {
    let fits = |tag: &String| tag.len() <= 35 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    params.words("ui_locales").into_iter().filter(fits).take(MOST).collect()
}

/// Resources that tokens of this client may be for (RFC 8707, section 2).
fn resources(client: &Client, params: &Params) -> Result<Vec<String>> {
    let refuse = |why: &str| Err(OAuthError::new(ErrorCode::InvalidTarget, why));
    let mut all: Vec<String> = Vec::new();
    for resource in params.all("resource") {
        if all.len() == MOST || resource.len() > 2_048 {
            return refuse("There are too many resources, or one is too long.");
        }
        if Url::parse(resource).is_err() || resource.contains('#') {
            return refuse("A resource is an absolute URI without a fragment.");
        }
        if !client.resources.iter().any(|known| known == resource) {
            return refuse("The client is not registered for this resource.");
        }
        if !all.iter().any(|known| known == resource) {
            all.push(resource.to_owned());
        }
    }
    Ok(all)
}
