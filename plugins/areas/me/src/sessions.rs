//! `GET` and `DELETE /me/sessions`, `DELETE /me/sessions/{session_id}`

use crate::{DOOR, MeTags};
use gatewright_contract::SessionId;
use gatewright_core::{Problem, session};
use gatewright_plugin::{
    BearerOrCookie, House, SESSION_COOKIE, cookie, or_problem, origin,
    outcome::{cleared_session_cookie, moment, secure},
};
use poem::Request;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Example,
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Sessions(House);

impl Sessions {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A place where the person is logged in.
#[derive(Object)]
#[oai(rename = "MeSession", example)]
struct MeSession {
    /// The session; no secret.
    id: Uuid,
    /// Whether it is the session of the call.
    current: bool,
    /// When it began.
    created_at: OffsetDateTime,
    /// When the person last proved who they are in it.
    authenticated_at: OffsetDateTime,
    /// When it was last used, to the minute.
    last_seen_at: OffsetDateTime,
    /// Its end, whatever happens.
    expires_at: OffsetDateTime,
    /// Assurance level.
    acr: String,
    /// Authentication method references (RFC 8176).
    amr: Vec<String>,
    /// The API area where it began.
    door: String,
    /// Program that asked, as it called itself when it began.
    #[oai(skip_serializing_if_is_none)]
    client: Option<String>,
    /// Network address that it began from.
    #[oai(skip_serializing_if_is_none)]
    address: Option<String>,
    /// `User-Agent` that it began with.
    #[oai(skip_serializing_if_is_none)]
    user_agent: Option<String>,
}

impl MeSession {
    fn of(session: session::Session, current: SessionId) -> Self {
        Self {
            id: session.id.0,
            current: session.id == current,
            created_at: moment(session.created),
            authenticated_at: moment(session.authenticated),
            last_seen_at: moment(session.last_seen),
            expires_at: moment(session.expires),
            acr: session.acr,
            amr: session.amr,
            door: session.door,
            client: session.client,
            address: session.address,
            user_agent: session.user_agent,
        }
    }
}

impl Example for MeSession {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0002),
            current: true,
            created_at: datetime!(2026-01-01 12:00 UTC),
            authenticated_at: datetime!(2026-01-01 12:00 UTC),
            last_seen_at: datetime!(2026-01-01 12:05 UTC),
            expires_at: datetime!(2026-01-31 12:00 UTC),
            acr: "aal1".to_owned(),
            amr: vec!["pwd".to_owned()],
            door: "login".to_owned(),
            client: Some("example app".to_owned()),
            address: Some("192.0.2.7".to_owned()),
            user_agent: Some("ExampleApp/1.0".to_owned()),
        }
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The live sessions, newest first.
    #[oai(status = 200)]
    List(Json<Vec<MeSession>>),
}

#[derive(ApiResponse)]
enum EndReply {
    /// Over, with all its tokens.
    #[oai(status = 204)]
    Ended(
        /// Takes the session cookie away, where its session has ended.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

fn all_of_them() -> bool {
    false
}

#[OpenApi]
impl Sessions {
    /// Where am I logged in
    ///
    /// The live sessions of the caller, newest first, at most 200.
    #[oai(path = "/sessions", method = "get", operation_id = "me_sessions", tag = "MeTags::Me")]
    async fn list(&self, caller: BearerOrCookie) -> poem::Result<ListReply> {
        or_problem(self.listed(caller).await)
    }

    /// Log out in one place
    ///
    /// Ends one session of the caller. It may be the session of the call.
    #[oai(
        path = "/sessions/:session_id",
        method = "delete",
        operation_id = "me_end_session",
        tag = "MeTags::Me"
    )]
    async fn end(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The session, as it is listed.
        session_id: Path<Uuid>,
    ) -> poem::Result<EndReply> {
        or_problem(self.ended(request, caller, SessionId(session_id.0)).await)
    }

    /// Log out everywhere
    ///
    /// Ends all sessions of the caller: this one too, unless it is to be kept.
    #[oai(path = "/sessions", method = "delete", operation_id = "me_end_sessions", tag = "MeTags::Me")]
    async fn end_all(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// Whether the session of the call stays.
        #[oai(default = "all_of_them")]
        keep_current: Query<bool>,
    ) -> poem::Result<EndReply> {
        or_problem(self.all_ended(request, caller, keep_current.0).await)
    }
}

impl Sessions {
    async fn listed(&self, caller: BearerOrCookie) -> Result<ListReply, Problem> {
        let session = caller.caller(&self.0).await?.session;
        let all = self.0.engine.sessions_of(&session.tenant, session.person).await?;
        Ok(ListReply::List(Json(all.into_iter().map(|s| MeSession::of(s, session.id)).collect())))
    }

    async fn ended(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        id: SessionId,
    ) -> Result<EndReply, Problem> {
        let by_cookie = matches!(caller, BearerOrCookie::SessionCookie(_));
        let caller = caller.caller(&self.0).await?;
        self.0.engine.end_own(&caller, id, &origin(request, DOOR)).await?;
        let gone = by_cookie && caller.session.id == id;
        Ok(EndReply::Ended(gone.then(|| cleared_session_cookie(secure(request)))))
    }

    async fn all_ended(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        keep_current: bool,
    ) -> Result<EndReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        self.0.engine.end_all(&caller, !keep_current, &origin(request, DOOR)).await?;
        let gone = !keep_current && cookie(request, SESSION_COOKIE).is_some();
        Ok(EndReply::Ended(gone.then(|| cleared_session_cookie(secure(request)))))
    }
}
