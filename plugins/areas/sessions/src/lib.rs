#![doc = include_str!("../README.md")]

use gatewright_contract::{Fault, Nothing};
use gatewright_core::{Problem, session};
use gatewright_plugin::{Area, House, Mount, or_problem, outcome::moment};
use gatewright_vault::{AccessInfo, PREFIX, VaultCaller, dialect};
use poem_openapi::{ApiResponse, Object, OpenApi, Tags, payload::Json, types::Example};
use time::{OffsetDateTime, macros::datetime};

/// The area.
pub struct SessionsArea;

impl Area for SessionsArea {
    const ID: &'static str = "sessions";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Mount::new(PREFIX, Sessions(house.clone())).answering(|_| &[401, 403]).speaking(dialect())]
    }
}

gatewright_plugin::register_area!(SessionsArea);

#[derive(Tags)]
enum SessionsTags {
    /// Where somebody is logged in.
    #[oai(rename = "sessions")]
    Sessions,
}

struct Sessions(House);

/// A place where the person is logged in.
#[derive(Object)]
#[oai(rename = "Session", example)]
struct VaultSession {
    /// The session; no secret.
    session_id: String,
    /// Whose it is.
    user_id: String,
    /// The tenant.
    tenant_id: String,
    /// When it began, and from where.
    created: AccessInfo,
    /// When it was last used, to the minute.
    #[oai(skip_serializing_if_is_none)]
    last_access: Option<AccessInfo>,
    /// When the person last proved who they are in it.
    #[oai(skip_serializing_if_is_none)]
    token_issue: Option<AccessInfo>,
    /// Its end, whatever happens.
    expires_at: OffsetDateTime,
}

/// The sessions of a person.
#[derive(Object)]
#[oai(rename = "SessionList", example)]
struct SessionList {
    /// Newest first, at most 200.
    sessions: Vec<VaultSession>,
    /// How many.
    total: u32,
}

#[derive(ApiResponse)]
enum ListReply {
    /// The live sessions.
    #[oai(status = 200)]
    List(Json<SessionList>),
}

impl VaultSession {
    fn of(house: &House, session: session::Session) -> Self {
        let (address, agent) = (session.address.as_deref(), session.user_agent.as_deref());
        Self {
            session_id: session.id.to_string(),
            user_id: session.person.to_string(),
            tenant_id: session.tenant.to_string(),
            created: AccessInfo::of(house, session.created, address, agent),
            // From where a session is used is not noted, only that it is.
            last_access: Some(AccessInfo::of(house, session.last_seen, None, None)),
            token_issue: Some(AccessInfo::of(house, session.authenticated, None, None)),
            expires_at: moment(session.expires),
        }
    }
}

#[OpenApi]
impl Sessions {
    /// List one's own sessions
    ///
    /// The live ones. API keys are not among them.
    #[oai(path = "/sessions", method = "get", operation_id = "listSessions", tag = "SessionsTags::Sessions")]
    async fn list(&self, caller: VaultCaller) -> poem::Result<ListReply> {
        or_problem(self.listed(caller).await)
    }
}

impl Sessions {
    async fn listed(&self, caller: VaultCaller) -> Result<ListReply, Problem> {
        let caller = caller.own(&self.0).await?.session;
        let all = self.0.engine.sessions_of(&caller.tenant, caller.person).await?;
        let people = all.into_iter().filter(|s| s.door != gatewright_core::api_keys::DOOR);
        let sessions: Vec<_> = people.map(|s| VaultSession::of(&self.0, s)).collect();
        let total = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        Ok(ListReply::List(Json(SessionList { sessions, total })))
    }
}

impl Example for VaultSession {
    fn example() -> Self {
        Self {
            session_id: "018bcfe5-6800-7000-8000-000000000002".to_owned(),
            user_id: "018bcfe5-6800-7000-8000-000000000001".to_owned(),
            tenant_id: "default".to_owned(),
            created: AccessInfo::example(),
            last_access: None,
            token_issue: None,
            expires_at: datetime!(2026-01-31 12:00 UTC),
        }
    }
}

impl Example for SessionList {
    fn example() -> Self {
        Self { sessions: vec![VaultSession::example()], total: 1 }
    }
}
