//! `/groups`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::SOMEBODY,
    replies::{Done, Found, Made, found, list, made},
};
use gatewright_contract::PersonId;
use gatewright_core::{admin::GroupForm, groups::Group};
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use uuid::Uuid;

pub(crate) struct Groups(House);

impl Groups {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A group.
#[derive(Object)]
#[oai(rename = "AdminGroup", example)]
struct AdminGroup {
    /// Id, never used again.
    id: Uuid,
    /// The name.
    name: String,
    /// What it is for.
    description: String,
}

impl From<Group> for AdminGroup {
    fn from(group: Group) -> Self {
        Self { id: group.id, name: group.name, description: group.description }
    }
}

impl Example for AdminGroup {
    fn example() -> Self {
        Self { id: SOMEBODY, name: "Sales".to_owned(), description: "Everybody who sells.".to_owned() }
    }
}

/// A group to be made.
#[derive(Object)]
#[oai(rename = "AdminNewGroup", deny_unknown_fields, example)]
struct AdminNewGroup {
    /// The name; no two groups of a tenant have the same.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// What it is for.
    #[oai(default, validator(max_length = 1024))]
    description: Text,
}

impl Example for AdminNewGroup {
    fn example() -> Self {
        Self { name: "Sales".into(), description: "Everybody who sells.".into() }
    }
}

/// What is to be different; what is left out stays.
#[derive(Object)]
#[oai(rename = "AdminGroupChange", deny_unknown_fields, example)]
struct AdminGroupChange {
    /// The name.
    #[oai(validator(min_length = 1, max_length = 128), skip_serializing_if_is_none)]
    name: Option<Text>,
    /// What it is for.
    #[oai(validator(max_length = 1024), skip_serializing_if_is_none)]
    description: Option<Text>,
}

impl Example for AdminGroupChange {
    fn example() -> Self {
        Self { name: Some("Sales and service".into()), description: None }
    }
}

#[OpenApi]
impl Groups {
    /// List groups
    ///
    /// By id. Takes `groups.read`.
    #[oai(path = "/groups", method = "get", operation_id = "admin_groups", tag = "AdminTags::Groups")]
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
    ) -> Result<Found<Vec<AdminGroup>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().groups(&desk.tenant, after.0, limit.0).await)?))
    }

    /// Make a group
    ///
    /// Without anybody in it. Takes `groups.write`.
    #[oai(path = "/groups", method = "post", operation_id = "admin_create_group", tag = "AdminTags::Groups")]
    async fn create(
        &self,
        request: &Request,
        body: Body<AdminNewGroup>,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminGroup>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let form = GroupForm { name: Some(body.0.name.into()), description: Some(body.0.description.into()) };
        Ok(made(or_problem(desk.admin().create_group(&desk.tenant, form).await)?))
    }

    /// Show a group
    ///
    /// Takes `groups.read`.
    #[oai(
        path = "/groups/:group_id",
        method = "get",
        operation_id = "admin_group",
        tag = "AdminTags::Groups"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminGroup>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(found(or_problem(desk.admin().group(&desk.tenant, group_id.0).await)?))
    }

    /// Change a group
    ///
    /// Takes `groups.write`.
    #[oai(
        path = "/groups/:group_id",
        method = "patch",
        operation_id = "admin_change_group",
        tag = "AdminTags::Groups"
    )]
    async fn change(
        &self,
        request: &Request,
        body: Body<AdminGroupChange>,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminGroup>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let form = GroupForm {
            name: body.0.name.map(String::from),
            description: body.0.description.map(String::from),
        };
        Ok(found(or_problem(desk.admin().change_group(&desk.tenant, group_id.0, form).await)?))
    }

    /// Delete a group
    ///
    /// With the roles that it has, and those that are limited to it. Takes `groups.write` and all that the group
    /// gives.
    #[oai(
        path = "/groups/:group_id",
        method = "delete",
        operation_id = "admin_delete_group",
        tag = "AdminTags::Groups"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The group.
        group_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().delete_group(&desk.tenant, group_id.0).await)?;
        Ok(Done::Done)
    }

    /// Which groups somebody is in
    ///
    /// Takes `groups.read`.
    #[oai(
        path = "/people/:person_id/groups",
        method = "get",
        operation_id = "admin_groups_of_person",
        tag = "AdminTags::Groups"
    )]
    async fn of_person(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<Vec<AdminGroup>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().groups_of(&desk.tenant, PersonId(person_id.0)).await)?))
    }
}
