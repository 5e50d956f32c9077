//! Cookies of a browser (RFC 6265): the session, and what ties a login to the browser where it began.

use crate::{
    House, SESSION_COOKIE, cookie,
    request::{BROWSER_COOKIE, Secure},
};
use gatewright_contract::Timestamp;
use gatewright_core::{Origin, PlainToken, Problem, session::Session};
use poem::Request;
use std::time::Duration;

/// Whether the client came over TLS, as the front door found out.
pub fn secure(request: &Request) -> bool {
    request.extensions().get::<Secure>().is_some_and(|secure| secure.0)
}

/// `Set-Cookie` with the session token.
pub fn session_cookie(token: &PlainToken, lifetime: Duration, secure: bool) -> String {
    set_cookie(SESSION_COOKIE, token.expose(), lifetime, secure)
}

/// `Set-Cookie` that takes the session cookie away.
pub fn cleared_session_cookie(secure: bool) -> String {
    set_cookie(SESSION_COOKIE, "", Duration::ZERO, secure)
}

/// Ends the session that the browser's cookie still holds when the cookie of a new one takes its place: nobody could end it
/// from there any more, and the applications that know it would never hear. The login itself stands, whatever comes of it.
pub async fn end_replaced(house: &House, request: &Request, by: &Session, origin: &Origin) {
    let held = cookie(request, SESSION_COOKIE).and_then(|value| PlainToken::received(&value));
    let Some(held) = held else { return };
    if let Err(problem) = house.engine.end_replaced(&held, by, origin).await {
        tracing::warn!(code = problem.code, cause = ?problem.cause, "a session that was replaced in its browser did not end");
    }
}

/// The cookie that a transaction has been bound to.
#[derive(Debug)]
pub struct Bound {
    value: PlainToken,
    secure: bool,
}

impl Bound {
    /// `Set-Cookie` that keeps the cookie for as long as the transaction lasts. A cookie that was there is
    /// kept as well: one that ended in between would end the login with it.
    pub fn set_cookie(&self, house: &House, transaction_expires: Timestamp) -> String {
        let lifetime = transaction_expires.since(house.engine.now());
        set_cookie(BROWSER_COOKIE, self.value.expose(), lifetime, self.secure)
    }
}

/// Whether it is a browser that asks: browsers send one of these with every POST, and scripts can't take them out
/// (Fetch, "append a request `Origin` header"; Fetch Metadata, section 2.4).
pub fn from_browser(request: &Request) -> bool {
    request.headers().contains_key("origin") || request.headers().contains_key("sec-fetch-site")
}

/// Binds what begins now to the browser: to the cookie that it sent, or where it is `wanted` to a new one.
/// (The cookie that is there stays: logins in two windows share it.)
///
/// # Errors
/// When there is no randomness.
pub fn bind_browser(
    house: &House,
    request: &Request,
    wanted: bool,
    origin: &mut Origin,
) -> Result<Option<Bound>, Problem> {
    let sent = cookie(request, BROWSER_COOKIE).and_then(|value| PlainToken::received(&value));
    let value = match sent {
        Some(value) => value,
        None if wanted => PlainToken::new("gwb", house.engine.world())?,
        None => return Ok(None),
    };
    origin.browser = Some(value.hashed());
    Ok(Some(Bound { value, secure: secure(request) }))
}

/// `SameSite=Lax`: a redirect back from an identity provider must still find the login that it belongs to.
pub(super) fn set_cookie(name: &str, value: &str, lifetime: Duration, secure: bool) -> String {
    let seconds = lifetime.as_secs();
    let suffix = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{suffix}")
}

#[cfg(test)]
mod tests {
    use super::{cleared_session_cookie, set_cookie};
    use std::time::Duration;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_of_plain_http() {
        assert_eq!(
            set_cookie("a", "b", Duration::from_secs(60), true),
            "a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            cleared_session_cookie(false),
            "gatewright_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
