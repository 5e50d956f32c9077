//! `/assignments`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::SOMEBODY,
    replies::{Done, Found, Made, list, made},
};
use gatewright_contract::PersonId;
use gatewright_core::{
    Problem,
    access::{Assignment, To},
    admin::NewAssignment,
};
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use uuid::Uuid;

pub(crate) struct Assignments(House);

impl Assignments {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A role that a person or everybody in a group has.
#[derive(Object)]
#[oai(rename = "AdminAssignment", example)]
struct AdminAssignment {
    /// Id, never used again.
    id: Uuid,
    /// Id of the role.
    role: Uuid,
    /// The person who has it.
    #[oai(skip_serializing_if_is_none)]
    person: Option<Uuid>,
    /// The group whose people have it.
    #[oai(skip_serializing_if_is_none)]
    group: Option<Uuid>,
    /// The group that it is limited to: it holds for the people of that group alone. Left out: for all.
    #[oai(skip_serializing_if_is_none)]
    scope: Option<Uuid>,
}

impl From<Assignment> for AdminAssignment {
    fn from(given: Assignment) -> Self {
        let (person, group) = match given.to {
            To::Person(PersonId(id)) => (Some(id), None),
            To::Group(id) => (None, Some(id)),
        };
        Self { id: given.id, role: given.role, person, group, scope: given.scope }
    }
}

impl Example for AdminAssignment {
    fn example() -> Self {
        Self { id: SOMEBODY, role: Uuid::from_u128(4), person: Some(SOMEBODY), group: None, scope: None }
    }
}

/// A role to be given: to a person or to a group.
#[derive(Object)]
#[oai(rename = "AdminNewAssignment", deny_unknown_fields, example)]
struct AdminNewAssignment {
    /// Name or id of the role.
    #[oai(validator(min_length = 1, max_length = 128))]
    role: Text,
    /// The person who gets it.
    #[oai(skip_serializing_if_is_none)]
    person: Option<Uuid>,
    /// The group whose people get it.
    #[oai(skip_serializing_if_is_none)]
    group: Option<Uuid>,
    /// The group that it is limited to. Left out: it holds for everybody.
    #[oai(skip_serializing_if_is_none)]
    scope: Option<Uuid>,
}

impl Example for AdminNewAssignment {
    fn example() -> Self {
        Self { role: "helpdesk".into(), person: Some(SOMEBODY), group: None, scope: None }
    }
}

impl AdminNewAssignment {
    fn assignment(self) -> Result<NewAssignment, Problem> {
        let to = match (self.person, self.group) {
            (Some(id), None) => To::Person(PersonId(id)),
            (None, Some(id)) => To::Group(id),
            _ => return Err(Problem::invalid("Send either `person` or `group`.")),
        };
        Ok(NewAssignment { role: self.role.into(), to, scope: self.scope })
    }
}

#[OpenApi]
impl Assignments {
    /// Who has which role
    ///
    /// By id; all, or those of one person or group itself. Takes `roles.read`.
    #[oai(
        path = "/assignments",
        method = "get",
        operation_id = "admin_assignments",
        tag = "AdminTags::Roles"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
        /// Only those of this person or group.
        of: Query<Option<Uuid>>,
        /// Only those after this id.
        after: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminAssignment>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().assignments(&desk.tenant, of.0, after.0, limit.0).await)?))
    }

    /// Give a role
    ///
    /// Takes `roles.write` and all that the role allows, for at least as many people.
    #[oai(path = "/assignments", method = "post", operation_id = "admin_grant", tag = "AdminTags::Roles")]
    async fn grant(
        &self,
        request: &Request,
        body: Body<AdminNewAssignment>,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminAssignment>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let new = or_problem(body.0.assignment())?;
        Ok(made(or_problem(desk.admin().grant(&desk.tenant, new).await)?))
    }

    /// Take a role away
    ///
    /// Takes `roles.write` and all that the role allows.
    #[oai(
        path = "/assignments/:assignment_id",
        method = "delete",
        operation_id = "admin_revoke",
        tag = "AdminTags::Roles"
    )]
    async fn revoke(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The assignment, as it is listed.
        assignment_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().revoke(&desk.tenant, assignment_id.0).await)?;
        Ok(Done::Done)
    }
}
