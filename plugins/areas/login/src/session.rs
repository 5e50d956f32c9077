//! `POST /session/rotate` and `POST /session/end`

use crate::{
    LoginTags,
    body::OptionalJson,
    caller::{AnyCaller, CookieCaller, received},
};
use gatewright_core::{Grant, PlainToken, Problem};
use gatewright_plugin::{
    House, SESSION_COOKIE, Text, cookie, or_problem, origin,
    outcome::{DOOR, cleared_session_cookie, moment, secure, session_cookie},
};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};
use time::{OffsetDateTime, macros::datetime};

pub(crate) struct Session(House);

impl Session {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A session token, for a caller that keeps it itself.
#[derive(Object)]
#[oai(rename = "LoginSessionToken", deny_unknown_fields, example)]
struct LoginSessionToken {
    /// The token. Left out: the one in the cookie.
    #[oai(validator(min_length = 1, max_length = 128), skip_serializing_if_is_none)]
    session_token: Option<Text>,
}

const EXAMPLE_ACCESS: &str = "gwa_RXhhbXBsZSBvZiBhbiBhY2Nlc3MgdG9rZW4gb2Ygb3Vycw";
const EXAMPLE_SESSION: &str = "gws_RXhhbXBsZSBvZiBhIHNlc3Npb24gdG9rZW4gb2Ygb3Vycw";

impl Example for LoginSessionToken {
    fn example() -> Self {
        Self { session_token: Some(EXAMPLE_SESSION.into()) }
    }
}

/// New tokens of a session.
#[derive(Object)]
#[oai(rename = "LoginTokens", example)]
struct LoginTokens {
    /// The session; no secret.
    session_id: String,
    /// Assurance level of the session.
    acr: String,
    /// Authentication method references (RFC 8176).
    amr: Vec<String>,
    /// For `Authorization: Bearer`. Shown once.
    access_token: String,
    /// End of the access token.
    access_expires_at: OffsetDateTime,
    /// Good for one exchange. Left out where the old one came in the cookie: so does the new one.
    #[oai(skip_serializing_if_is_none)]
    session_token: Option<String>,
    /// End of the session, whatever happens.
    session_expires_at: OffsetDateTime,
}

impl Example for LoginTokens {
    fn example() -> Self {
        Self {
            session_id: "018bcfe5-6800-7000-8000-000000000002".to_owned(),
            acr: "aal1".to_owned(),
            amr: vec!["pwd".to_owned()],
            access_token: EXAMPLE_ACCESS.to_owned(),
            access_expires_at: datetime!(2026-01-01 12:15 UTC),
            session_token: Some(EXAMPLE_SESSION.to_owned()),
            session_expires_at: datetime!(2026-01-31 12:00 UTC),
        }
    }
}

#[derive(ApiResponse)]
enum RotateReply {
    /// New tokens; the old ones are no longer good.
    #[oai(status = 200)]
    Rotated(
        Json<LoginTokens>,
        /// The new session token, where the old one came in the cookie.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

#[derive(ApiResponse)]
enum EndReply {
    /// The session and all its tokens are over.
    #[oai(status = 204)]
    Ended(
        /// Takes the session cookie away, where it was of no more use.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

#[OpenApi]
impl Session {
    /// Exchange a session token for new tokens
    ///
    /// Takes the session token from the body, or else from the cookie. It is good once: using one a second time
    /// means that it was copied, and ends the session (RFC 9700, section 4.14.2).
    #[oai(
        path = "/session/rotate",
        method = "post",
        operation_id = "session_rotate",
        tag = "LoginTags::Login"
    )]
    async fn rotate(
        &self,
        request: &Request,
        caller: CookieCaller,
        body: OptionalJson<LoginSessionToken>,
    ) -> poem::Result<RotateReply> {
        or_problem(self.rotated(request, caller, body.0.and_then(|b| b.session_token)).await)
    }

    /// End a session
    ///
    /// Ends the session of the token in the body, or else in the header, or else in the cookie. A token that is
    /// not good is an error, so that nobody believes to be logged out who is not.
    #[oai(path = "/session/end", method = "post", operation_id = "session_end", tag = "LoginTags::Login")]
    async fn end(
        &self,
        request: &Request,
        caller: AnyCaller,
        body: OptionalJson<LoginSessionToken>,
    ) -> poem::Result<EndReply> {
        or_problem(self.ended(request, caller, body.0.and_then(|b| b.session_token)).await)
    }
}

impl Session {
    async fn rotated(
        &self,
        request: &Request,
        caller: CookieCaller,
        sent: Option<Text>,
    ) -> Result<RotateReply, Problem> {
        let engine = &self.0.engine;
        let (token, in_cookie) = match (sent, caller) {
            (Some(sent), _) => (received(&sent)?, false),
            (None, CookieCaller::SessionCookie(cookie)) => (received(&cookie.0.key)?, true),
            (None, CookieCaller::Nobody) => return Err(Problem::unauthenticated()),
        };
        let grant = engine.rotate(&token, &origin(request, DOOR)).await?;
        let lifetime = grant.session.expires.since(engine.now());
        let set_cookie = in_cookie.then(|| session_cookie(&grant.session_token, lifetime, secure(request)));
        Ok(RotateReply::Rotated(Json(tokens(grant, in_cookie)), set_cookie))
    }

    async fn ended(
        &self,
        request: &Request,
        caller: AnyCaller,
        sent: Option<Text>,
    ) -> Result<EndReply, Problem> {
        let text = sent.as_deref().or_else(|| caller.token()).ok_or_else(Problem::unauthenticated)?;
        self.0.engine.end_by_token(&received(text)?, &origin(request, DOOR)).await?;
        Ok(EndReply::Ended(self.cleared(request).await))
    }

    /// The cookie may be of the session that has just ended, or of another one.
    async fn cleared(&self, request: &Request) -> Option<String> {
        let value = cookie(request, SESSION_COOKIE)?;
        let of_no_use = match PlainToken::received(&value) {
            Some(token) => {
                self.0.engine.check_session(&token).await.is_err_and(|problem| problem.status == 401)
            }
            None => true,
        };
        of_no_use.then(|| cleared_session_cookie(secure(request)))
    }
}

fn tokens(grant: Grant, in_cookie: bool) -> LoginTokens {
    LoginTokens {
        session_id: grant.session.id.to_string(),
        acr: grant.session.acr,
        amr: grant.session.amr,
        access_token: grant.access_token.expose().to_owned(),
        access_expires_at: moment(grant.access_expires),
        session_token: (!in_cookie).then(|| grant.session_token.expose().to_owned()),
        session_expires_at: moment(grant.session.expires),
    }
}
