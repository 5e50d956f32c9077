//! Who is calling: an access token in the header, or a session token in a cookie.

use crate::House;
use gatewright_core::{PlainToken, Problem, session::Caller};
use poem::{Request, http::header};
use poem_openapi::{
    SecurityScheme,
    auth::{ApiKey, Bearer},
};

/// Cookie that holds the session token.
pub const SESSION_COOKIE: &str = "gatewright_session";

/// Bearer token (RFC 6750).
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "AccessToken")]
pub struct AccessToken(pub Bearer);

/// Session cookie of a browser.
#[derive(SecurityScheme)]
#[oai(ty = "api_key", key_name = "gatewright_session", key_in = "cookie", rename = "SessionCookie")]
pub struct SessionCookie(pub ApiKey);

/// Either of them, for an operation of a typed area.
#[derive(SecurityScheme)]
pub enum BearerOrCookie {
    /// In the header.
    AccessToken(AccessToken),
    /// In the cookie.
    SessionCookie(SessionCookie),
}

/// A caller who has been checked.
pub type Authenticated = Caller;

impl BearerOrCookie {
    /// Checks the token.
    ///
    /// # Errors
    /// 401 for every token that is not good.
    pub async fn caller(&self, house: &House) -> Result<Authenticated, Problem> {
        let read = |text: &str| PlainToken::received(text).ok_or_else(Problem::unauthenticated);
        match self {
            Self::AccessToken(token) => house.engine.check(&read(&token.0.token)?, None).await,
            Self::SessionCookie(key) => house.engine.check_session(&read(&key.0.key)?).await,
        }
    }

    /// The same for a request that poem-openapi has not parsed.
    ///
    /// # Errors
    /// 401 without a good token.
    pub async fn caller_of(request: &Request, house: &House) -> Result<Authenticated, Problem> {
        if let Some(token) = bearer(request) {
            return house.engine.check(&token, None).await;
        }
        let token = cookie(request, SESSION_COOKIE).and_then(|v| PlainToken::received(&v));
        house.engine.check_session(&token.ok_or_else(Problem::unauthenticated)?).await
    }
}

/// The bearer token of the `Authorization` header (RFC 6750, section 2.1).
pub fn bearer(request: &Request) -> Option<PlainToken> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| PlainToken::received(token.trim()))?
}

/// The value of a cookie (RFC 6265, section 4.2).
pub fn cookie(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers().get_all(header::COOKIE).iter();
    headers.filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.trim_matches('"').to_owned())
    })
}
