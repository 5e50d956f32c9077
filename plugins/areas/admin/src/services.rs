//! `/service-accounts`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::SOMEBODY,
    replies::{Done, Found, Made, found, list, made},
};
use gatewright_contract::PersonId;
use gatewright_core::Person;
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem, outcome::moment};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Services(House);

impl Services {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A program with an account.
#[derive(Object)]
#[oai(rename = "AdminService", example)]
struct AdminService {
    /// Id, never used again; also that of a person, for roles and groups.
    id: Uuid,
    /// Its name, unique among people.
    username: String,
    /// The name to show.
    #[oai(skip_serializing_if_is_none)]
    display_name: Option<String>,
    /// Whether its tokens are refused.
    disabled: bool,
    /// When it was made.
    created_at: OffsetDateTime,
}

impl From<Person> for AdminService {
    fn from(service: Person) -> Self {
        Self {
            id: service.id.0,
            username: service.username,
            display_name: service.display_name,
            disabled: service.disabled,
            created_at: moment(service.created),
        }
    }
}

impl Example for AdminService {
    fn example() -> Self {
        Self {
            id: SOMEBODY,
            username: "backup-robot".to_owned(),
            display_name: Some("Nightly backup".to_owned()),
            disabled: false,
            created_at: datetime!(2026-01-01 09:00 UTC),
        }
    }
}

/// A service account to be made.
#[derive(Object)]
#[oai(rename = "AdminNewService", deny_unknown_fields, example)]
struct AdminNewService {
    /// Its name, unique among people.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: Text,
    /// The name to show.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    display_name: Option<Text>,
}

impl Example for AdminNewService {
    fn example() -> Self {
        Self { username: "backup-robot".into(), display_name: Some("Nightly backup".into()) }
    }
}

#[OpenApi]
impl Services {
    /// List service accounts
    ///
    /// By id. Takes `services.write`.
    #[oai(
        path = "/service-accounts",
        method = "get",
        operation_id = "admin_services",
        tag = "AdminTags::Services"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
        /// Only those after this id.
        after: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminService>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let after = after.0.map(PersonId);
        Ok(list(or_problem(desk.admin().services(&desk.tenant, after, limit.0).await)?))
    }

    /// Make a service account
    ///
    /// Without any token or role. Takes `services.write`.
    #[oai(
        path = "/service-accounts",
        method = "post",
        operation_id = "admin_create_service",
        tag = "AdminTags::Services"
    )]
    async fn create(
        &self,
        request: &Request,
        body: Body<AdminNewService>,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminService>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (name, shown) = (body.0.username.into(), body.0.display_name.map(String::from));
        Ok(made(or_problem(desk.admin().create_service(&desk.tenant, name, shown).await)?))
    }

    /// Show a service account
    ///
    /// Takes `services.write`.
    #[oai(
        path = "/service-accounts/:service_id",
        method = "get",
        operation_id = "admin_service",
        tag = "AdminTags::Services"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The service account.
        service_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminService>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(found(or_problem(desk.admin().service(&desk.tenant, PersonId(service_id.0)).await)?))
    }

    /// Delete a service account
    ///
    /// With its tokens and roles. Takes `services.write` and all that the account may.
    #[oai(
        path = "/service-accounts/:service_id",
        method = "delete",
        operation_id = "admin_delete_service",
        tag = "AdminTags::Services"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The service account.
        service_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().delete_service(&desk.tenant, PersonId(service_id.0)).await)?;
        Ok(Done::Done)
    }
}
