//! `/groups/{group_id}/members`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::{AdminPerson, SOMEBODY},
    replies::{Done, Found, list},
};
use gatewright_contract::PersonId;
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use uuid::Uuid;

pub(crate) struct Members(House);

impl Members {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// People to be put into a group or taken out.
#[derive(Object)]
#[oai(rename = "AdminMembers", deny_unknown_fields, example)]
struct AdminMembers {
    /// The people.
    #[oai(validator(min_items = 1, max_items = 100))]
    people: Vec<Uuid>,
}

impl Example for AdminMembers {
    fn example() -> Self {
        Self { people: vec![SOMEBODY] }
    }
}

#[OpenApi]
impl Members {
    /// Who is in a group
    ///
    /// By id. Takes `people.read`, which a role that is limited to this group may give.
    #[oai(
        path = "/groups/:group_id/members",
        method = "get",
        operation_id = "admin_members",
        tag = "AdminTags::Groups"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
        /// Only those after this id.
        after: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminPerson>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (id, after) = (group_id.0, after.0.map(PersonId));
        Ok(list(or_problem(desk.admin().members(&desk.tenant, id, after, limit.0).await)?))
    }

    /// Put people into a group
    ///
    /// All of them or, where one is not there, none; who is in it already stays. Takes `groups.write` and all that
    /// the group gives.
    #[oai(
        path = "/groups/:group_id/members",
        method = "post",
        operation_id = "admin_add_members",
        tag = "AdminTags::Groups"
    )]
    async fn add(
        &self,
        request: &Request,
        body: Body<AdminMembers>,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let people = body.0.people.into_iter().map(PersonId).collect();
        or_problem(desk.admin().add_members(&desk.tenant, group_id.0, &people).await)?;
        Ok(Done::Done)
    }

    /// Take people out of a group
    ///
    /// Takes `groups.write` and all that the group gives.
    #[oai(
        path = "/groups/:group_id/members/remove",
        method = "post",
        operation_id = "admin_remove_members",
        tag = "AdminTags::Groups"
    )]
    async fn remove(
        &self,
        request: &Request,
        body: Body<AdminMembers>,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let people = body.0.people.into_iter().map(PersonId).collect();
        or_problem(desk.admin().remove_members(&desk.tenant, group_id.0, &people).await)?;
        Ok(Done::Done)
    }
}
