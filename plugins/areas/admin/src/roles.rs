//! `/roles`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::SOMEBODY,
    replies::{Done, Found, Made, found, list, made},
};
use gatewright_contract::Violation;
use gatewright_core::{
    Problem,
    access::{Action, OwnRole, Role},
};
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use uuid::Uuid;

pub(crate) struct Roles(House);

impl Roles {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A role.
#[derive(Object)]
#[oai(rename = "AdminRole", example)]
struct AdminRole {
    /// Id, never used again; that of a built-in role is the same everywhere.
    id: Uuid,
    /// The name.
    name: String,
    /// What it is for.
    description: String,
    /// What it allows.
    actions: Vec<String>,
    /// Whether it is there without being made. Such a role can't be changed.
    built_in: bool,
}

impl From<Role> for AdminRole {
    fn from(role: Role) -> Self {
        Self {
            id: role.id,
            name: role.name,
            description: role.description,
            actions: role.actions.iter().map(|action| action.as_str().to_owned()).collect(),
            built_in: role.built_in,
        }
    }
}

impl Example for AdminRole {
    fn example() -> Self {
        Self {
            id: SOMEBODY,
            name: "front desk".to_owned(),
            description: "Finds people.".to_owned(),
            actions: vec!["people.read".to_owned()],
            built_in: false,
        }
    }
}

/// A role to be made, or what is to be in the place of one.
#[derive(Object)]
#[oai(rename = "AdminNewRole", deny_unknown_fields, example)]
struct AdminNewRole {
    /// The name; no two roles of a tenant have the same.
    #[oai(validator(min_length = 1, max_length = 128))]
    name: Text,
    /// What it is for.
    #[oai(default, validator(max_length = 1024))]
    description: Text,
    /// What it allows, in the words that the built-in roles show. Only who has all of it can say so.
    #[oai(validator(max_items = 100))]
    actions: Vec<Text>,
}

impl Example for AdminNewRole {
    fn example() -> Self {
        Self {
            name: "front desk".into(),
            description: "Finds people.".into(),
            actions: vec!["people.read".into()],
        }
    }
}

impl AdminNewRole {
    fn role(self) -> Result<OwnRole, Problem> {
        let known = |word: &Text| {
            Action::parse(word).ok_or_else(|| {
                let all: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
                let message = format!("There is no such action; there are: {}.", all.join(", "));
                Problem::violations(vec![Violation { code: "actions".to_owned(), message }])
            })
        };
        let actions = self.actions.iter().map(known).collect::<Result<_, _>>()?;
        Ok(OwnRole { name: self.name.into(), description: self.description.into(), actions })
    }
}

#[OpenApi]
impl Roles {
    /// List roles
    ///
    /// The first page begins with the built-in ones; those of the tenant follow by id. Takes `roles.read`.
    #[oai(path = "/roles", method = "get", operation_id = "admin_roles", tag = "AdminTags::Roles")]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
        /// Only those of the tenant after this id.
        after: Query<Option<Uuid>>,
        /// How many of the tenant at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminRole>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().roles(&desk.tenant, after.0, limit.0).await)?))
    }

    /// Make a role
    ///
    /// Takes `roles.write` and all that the role allows.
    #[oai(path = "/roles", method = "post", operation_id = "admin_create_role", tag = "AdminTags::Roles")]
    async fn create(
        &self,
        request: &Request,
        body: Body<AdminNewRole>,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminRole>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let role = or_problem(body.0.role())?;
        Ok(made(or_problem(desk.admin().create_role(&desk.tenant, role).await)?))
    }

    /// Show a role
    ///
    /// Takes `roles.read`.
    #[oai(path = "/roles/:role", method = "get", operation_id = "admin_role", tag = "AdminTags::Roles")]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// Name or id of the role.
        role: Path<String>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminRole>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(found(or_problem(desk.admin().role(&desk.tenant, &role.0).await)?))
    }

    /// Replace a role
    ///
    /// Everybody who has it may then what it says. Takes `roles.write` and all that the role allows, before and after.
    #[oai(
        path = "/roles/:role",
        method = "put",
        operation_id = "admin_change_role",
        tag = "AdminTags::Roles"
    )]
    async fn change(
        &self,
        request: &Request,
        body: Body<AdminNewRole>,
        caller: BearerOrCookie,
        /// Name or id of the role.
        role: Path<String>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminRole>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let new = or_problem(body.0.role())?;
        Ok(found(or_problem(desk.admin().change_role(&desk.tenant, &role.0, new).await)?))
    }

    /// Delete a role
    ///
    /// Nobody has it any more. Takes `roles.write` and all that the role allows.
    #[oai(
        path = "/roles/:role",
        method = "delete",
        operation_id = "admin_delete_role",
        tag = "AdminTags::Roles"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// Name or id of the role.
        role: Path<String>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().delete_role(&desk.tenant, &role.0).await)?;
        Ok(Done::Done)
    }
}
