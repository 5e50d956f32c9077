//! `/service-accounts/{service_id}/tokens`

use crate::{
    AdminTags,
    desk::Desk,
    people_wire::SOMEBODY,
    replies::{Done, Found, Made, list, made},
};
use gatewright_contract::{PersonId, SessionId};
use gatewright_core::{
    Session,
    admin::{IssuedToken, NewToken},
};
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem, outcome::moment};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Tokens(House);

impl Tokens {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A token of a service account, without what is secret of it.
#[derive(Object)]
#[oai(rename = "AdminToken", example)]
struct AdminToken {
    /// The token; no secret.
    id: Uuid,
    /// What it is for.
    name: String,
    /// When it was issued.
    created_at: OffsetDateTime,
    /// When it was last used, to the minute; when it was issued where it never was.
    last_seen_at: OffsetDateTime,
    /// When it ends.
    expires_at: OffsetDateTime,
}

impl From<Session> for AdminToken {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.0,
            name: session.client.unwrap_or_default(),
            created_at: moment(session.created),
            last_seen_at: moment(session.last_seen),
            expires_at: moment(session.expires),
        }
    }
}

impl Example for AdminToken {
    fn example() -> Self {
        Self {
            id: SOMEBODY,
            name: "backup host 7".to_owned(),
            created_at: datetime!(2026-01-01 09:00 UTC),
            last_seen_at: datetime!(2026-01-02 02:00 UTC),
            expires_at: datetime!(2026-04-01 09:00 UTC),
        }
    }
}

/// A token to be issued.
#[derive(Object)]
#[oai(rename = "AdminNewToken", deny_unknown_fields, example)]
struct AdminNewToken {
    /// What it is for, for the list.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// Seconds until it ends: a year at most.
    #[oai(validator(minimum(value = "60"), maximum(value = "31536000")))]
    expires_in_seconds: u32,
}

impl Example for AdminNewToken {
    fn example() -> Self {
        Self { name: "backup host 7".into(), expires_in_seconds: 7_776_000 }
    }
}

/// A token that was issued.
#[derive(Object)]
#[oai(rename = "AdminIssuedToken", example)]
struct AdminIssuedToken {
    /// The id, for revoking it.
    id: Uuid,
    /// The token, for the `Authorization` header. It is shown only now.
    token: String,
    /// When it ends.
    expires_at: OffsetDateTime,
}

impl From<IssuedToken> for AdminIssuedToken {
    fn from(issued: IssuedToken) -> Self {
        Self {
            id: issued.session.id.0,
            token: issued.token.expose().to_owned(),
            expires_at: moment(issued.session.expires),
        }
    }
}

impl Example for AdminIssuedToken {
    fn example() -> Self {
        Self {
            id: SOMEBODY,
            token: "gwk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            expires_at: datetime!(2026-04-01 09:00 UTC),
        }
    }
}

#[OpenApi]
impl Tokens {
    /// List the tokens of a service account
    ///
    /// Those that are good, newest first. Takes `services.write`.
    #[oai(
        path = "/service-accounts/:service_id/tokens",
        method = "get",
        operation_id = "admin_tokens",
        tag = "AdminTags::Services"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The service account.
        service_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<Vec<AdminToken>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().tokens(&desk.tenant, PersonId(service_id.0)).await)?))
    }

    /// Issue a token
    ///
    /// It is shown only in this reply. Takes `services.write` and all that the account may.
    #[oai(
        path = "/service-accounts/:service_id/tokens",
        method = "post",
        operation_id = "admin_issue_token",
        tag = "AdminTags::Services"
    )]
    async fn issue(
        &self,
        request: &Request,
        body: Body<AdminNewToken>,
        caller: BearerOrCookie,
        /// The service account.
        service_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminIssuedToken>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let new = NewToken { name: body.0.name.into(), lifetime: body.0.expires_in_seconds };
        Ok(made(or_problem(desk.admin().issue_token(&desk.tenant, PersonId(service_id.0), new).await)?))
    }

    /// Revoke a token
    ///
    /// It is refused from now on. Takes `services.write` and all that the account may.
    #[oai(
        path = "/service-accounts/:service_id/tokens/:token_id",
        method = "delete",
        operation_id = "admin_revoke_token",
        tag = "AdminTags::Services"
    )]
    async fn revoke(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The service account.
        service_id: Path<Uuid>,
        /// The token, as it is listed.
        token_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (service, token) = (PersonId(service_id.0), SessionId(token_id.0));
        or_problem(desk.admin().revoke_token(&desk.tenant, service, token).await)?;
        Ok(Done::Done)
    }
}
