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
#[oai(
    ty = "api_key",
    key_name = "gatewright_session",
    key_in = "cookie",
    rename = "SessionCookie",
    checker = "unrivalled"
)]
pub struct SessionCookie(pub ApiKey);

/// poem-openapi takes the first of several cookies; only where [`cookie`] reads the same one it is the person's own.
async fn unrivalled(request: &Request, key: ApiKey) -> Option<ApiKey> {
    cookie(request, SESSION_COOKIE).is_some_and(|value| value == key.key.trim_matches('"')).then_some(key)
}

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

/// The value of a cookie (RFC 6265, section 4.2). None where several of this name differ: a sibling domain can set
/// one for all of the parent domain, and the request does not tell which is whose.
pub fn cookie(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers().get_all(header::COOKIE).iter();
    let mut values = headers.filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.trim_matches('"'))
    });
    let first = values.next()?;
    values.all(|other| other == first).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::cookie;
    use poem::Request;

    fn read(lines: &[&str]) -> Option<String> {
        let request = lines.iter().fold(Request::builder(), |request, line| request.header("cookie", *line));
        cookie(&request.finish(), "name")
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        for lines in [&["name=a"][..], &["x=b; name=\"a\"; namex=c"], &["x=b", "name=a"]] {
            assert_eq!(read(lines).as_deref(), Some("a"), "{lines:?}");
        }
        for lines in [&[][..], &["Name=a"], &["name"], &["x=name=a"]] {
            assert_eq!(read(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn of_two_that_differ_neither_counts() {
        for lines in [&["name=a; name=b"][..], &["name=a", "name=b"], &["name=a; x=c; name=a; name="]] {
            assert_eq!(read(lines), None, "{lines:?}");
        }
        assert_eq!(read(&["name=a; name=a"]).as_deref(), Some("a"));
    }
}
