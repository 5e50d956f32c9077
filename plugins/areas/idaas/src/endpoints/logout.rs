//! The end of a session.

use super::Tag;
use crate::{
    door::Door,
    tokens::{MaybeToken, clear_web_session, web_session},
};
use gatewright_core::Problem;
use gatewright_plugin::or_problem;
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi};

pub(crate) struct Logout(pub(crate) Door);

#[derive(ApiResponse)]
enum LoggedOut {
    /// The session has ended; the body is empty.
    #[oai(status = 200)]
    Done(
        /// Takes `INTELLITRUST_SESSION_ID` back, where it was sent.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

#[OpenApi]
impl Logout {
    /// End the session of the token.
    ///
    /// The header holds the access token, bare or with `Bearer` before it. A token that is bound to a cookie must
    /// come with it, as in every other call. A token that is missing or not good is refused, so that nobody
    /// believes to have logged out.
    #[oai(
        path = "/v1/authentication/logout",
        method = "post",
        operation_id = "logoutUsingPOST",
        tag = "Tag::Idaas"
    )]
    async fn logout(&self, request: &Request, token: MaybeToken) -> poem::Result<LoggedOut> {
        or_problem(self.end(request, &token).await)
    }
}

impl Logout {
    async fn end(&self, request: &Request, token: &MaybeToken) -> Result<LoggedOut, Problem> {
        let door = &self.0;
        let token = token.read().ok_or_else(Problem::unauthenticated)?;
        door.engine().check(&token, web_session(request).as_ref()).await?;
        door.engine().end_by_token(&token, &door.origin(request, None)).await?;
        Ok(LoggedOut::Done(clear_web_session(request)))
    }
}
