//! `/people/{person_id}/sessions`

use crate::{
    AdminTags,
    desk::Desk,
    replies::{Done, Found, list},
};
use gatewright_contract::{PersonId, SessionId};
use gatewright_core::Session;
use gatewright_plugin::{BearerOrCookie, House, or_problem, outcome::moment};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
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

/// A place where somebody is logged in.
#[derive(Object)]
#[oai(rename = "AdminSession", example)]
struct AdminSession {
    /// The session; no secret.
    id: Uuid,
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
    /// Program that asked, as it called itself.
    #[oai(skip_serializing_if_is_none)]
    client: Option<String>,
    /// Network address that it began from.
    #[oai(skip_serializing_if_is_none)]
    address: Option<String>,
    /// `User-Agent` that it began with.
    #[oai(skip_serializing_if_is_none)]
    user_agent: Option<String>,
}

impl From<Session> for AdminSession {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.0,
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

impl Example for AdminSession {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0002),
            created_at: datetime!(2026-01-01 12:00 UTC),
            authenticated_at: datetime!(2026-01-01 12:00 UTC),
            last_seen_at: datetime!(2026-01-01 12:05 UTC),
            expires_at: datetime!(2026-01-31 12:00 UTC),
            acr: "aal1".to_owned(),
            amr: vec!["pwd".to_owned()],
            door: "login".to_owned(),
            client: None,
            address: Some("192.0.2.7".to_owned()),
            user_agent: Some("ExampleApp/1.0".to_owned()),
        }
    }
}

#[OpenApi]
impl Sessions {
    /// Where somebody is logged in
    ///
    /// The live sessions, newest first, at most 200. Takes `sessions.write`.
    #[oai(
        path = "/people/:person_id/sessions",
        method = "get",
        operation_id = "admin_sessions",
        tag = "AdminTags::People"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<Vec<AdminSession>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().sessions(&desk.tenant, PersonId(person_id.0)).await)?))
    }

    /// End one session of somebody
    ///
    /// Takes `sessions.write` and all that the person may.
    #[oai(
        path = "/people/:person_id/sessions/:session_id",
        method = "delete",
        operation_id = "admin_end_session",
        tag = "AdminTags::People"
    )]
    async fn end(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The session, as it is listed.
        session_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (person, session) = (PersonId(person_id.0), SessionId(session_id.0));
        or_problem(desk.admin().end_session(&desk.tenant, person, session).await)?;
        Ok(Done::Done)
    }

    /// Log somebody out everywhere
    ///
    /// Takes `sessions.write` and all that the person may.
    #[oai(
        path = "/people/:person_id/sessions",
        method = "delete",
        operation_id = "admin_end_sessions",
        tag = "AdminTags::People"
    )]
    async fn end_all(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().end_sessions(&desk.tenant, PersonId(person_id.0)).await)?;
        Ok(Done::Done)
    }
}
