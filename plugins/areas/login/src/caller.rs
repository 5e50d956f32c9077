//! Who is calling, where an operation can do without.

use gatewright_core::{PlainToken, Problem, session::Caller};
use gatewright_plugin::{AccessToken, House, SessionCookie};
use poem_openapi::SecurityScheme;

/// An access token, a session cookie, or neither.
#[derive(SecurityScheme)]
pub(crate) enum AnyCaller {
    /// In the header.
    AccessToken(AccessToken),
    /// In the cookie.
    SessionCookie(SessionCookie),
    /// Neither.
    #[oai(fallback)]
    Nobody,
}

/// A session cookie, or none.
#[derive(SecurityScheme)]
pub(crate) enum CookieCaller {
    /// In the cookie.
    SessionCookie(SessionCookie),
    /// None.
    #[oai(fallback)]
    Nobody,
}

impl AnyCaller {
    /// Checks the token.
    pub(crate) async fn caller(&self, house: &House) -> Result<Caller, Problem> {
        match self {
            Self::AccessToken(token) => house.engine.check(&received(&token.0.token)?, None).await,
            Self::SessionCookie(cookie) => house.engine.check_session(&received(&cookie.0.key)?).await,
            Self::Nobody => Err(Problem::unauthenticated()),
        }
    }

    /// The token of either kind, unchecked.
    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            Self::AccessToken(token) => Some(&token.0.token),
            Self::SessionCookie(cookie) => Some(&cookie.0.key),
            Self::Nobody => None,
        }
    }

    /// Whether it is a browser with its cookie.
    pub(crate) fn is_cookie(&self) -> bool {
        matches!(self, Self::SessionCookie(_))
    }
}

/// A token as it came in; what can't be one is as good as none.
pub(crate) fn received(text: &str) -> Result<PlainToken, Problem> {
    PlainToken::received(text).ok_or_else(Problem::unauthenticated)
}
