//! `GET /me`

use crate::MeTags;
use gatewright_core::Problem;
use gatewright_plugin::{BearerOrCookie, House, or_problem, outcome::moment};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Person(House);

impl Person {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Who is calling.
#[derive(Object)]
#[oai(rename = "MePerson", example)]
struct MePerson {
    /// Id, never used again.
    id: Uuid,
    /// The tenant.
    tenant: String,
    /// Login name, as the person writes it.
    username: String,
    /// The name to show.
    #[oai(skip_serializing_if_is_none)]
    display_name: Option<String>,
    /// The e-mail address; not a login name.
    #[oai(skip_serializing_if_is_none)]
    email: Option<String>,
    /// May administer the tenant.
    administrator: bool,
    /// When the account was made.
    created_at: OffsetDateTime,
    /// The session of the call.
    session: MeCurrentSession,
}

/// The session of the call.
#[derive(Object)]
#[oai(rename = "MeCurrentSession")]
struct MeCurrentSession {
    /// The session; no secret.
    id: Uuid,
    /// Assurance level.
    acr: String,
    /// Authentication method references (RFC 8176).
    amr: Vec<String>,
    /// When the person last proved who they are.
    authenticated_at: OffsetDateTime,
    /// End of the session, whatever happens.
    expires_at: OffsetDateTime,
}

impl Example for MePerson {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0001),
            tenant: "default".to_owned(),
            username: "ann".to_owned(),
            display_name: Some("Ann Archer".to_owned()),
            email: Some("ann@example.org".to_owned()),
            administrator: false,
            created_at: datetime!(2026-01-01 09:00 UTC),
            session: MeCurrentSession {
                id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0002),
                acr: "aal1".to_owned(),
                amr: vec!["pwd".to_owned()],
                authenticated_at: datetime!(2026-01-01 12:00 UTC),
                expires_at: datetime!(2026-01-31 12:00 UTC),
            },
        }
    }
}

#[derive(ApiResponse)]
enum PersonReply {
    /// Who is calling, and in which session.
    #[oai(status = 200)]
    Person(Json<MePerson>),
}

#[OpenApi]
impl Person {
    /// Who am I
    ///
    /// The account of the caller, and the session of the call.
    #[oai(path = "/", method = "get", operation_id = "me", tag = "MeTags::Me")]
    async fn show(&self, caller: BearerOrCookie) -> poem::Result<PersonReply> {
        or_problem(self.run(caller).await)
    }
}

impl Person {
    async fn run(&self, caller: BearerOrCookie) -> Result<PersonReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let person = self.0.engine.person_of(&caller).await?;
        let session = &caller.session;
        Ok(PersonReply::Person(Json(MePerson {
            id: person.id.0,
            tenant: person.tenant.to_string(),
            username: person.username,
            display_name: person.display_name,
            email: person.email,
            administrator: person.administrator,
            created_at: moment(person.created),
            session: MeCurrentSession {
                id: session.id.0,
                acr: session.acr.clone(),
                amr: session.amr.clone(),
                authenticated_at: moment(session.authenticated),
                expires_at: moment(session.expires),
            },
        })))
    }
}
