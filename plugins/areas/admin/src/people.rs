//! `/people`

use crate::{
    AdminTags,
    desk::{Desk, usual_limit},
    people_wire::{AdminNewPerson, AdminPerson, AdminPersonChange},
    replies::{Done, Found, Made, found, list, made},
};
use gatewright_contract::PersonId;
use gatewright_core::people::NewPerson;
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use uuid::Uuid;

pub(crate) struct People(House);

impl People {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[OpenApi]
impl People {
    /// List people
    ///
    /// By id; or the one with a login name or an e-mail address, in a list of at most one. Takes `people.read`.
    #[oai(path = "/people", method = "get", operation_id = "admin_people", tag = "AdminTags::People")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter of the query")]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
        /// Only the one with this login name.
        username: Query<Option<String>>,
        /// Only the one with this e-mail address.
        email: Query<Option<String>>,
        /// Only those after this id.
        after: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<Vec<AdminPerson>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (admin, after) = (desk.admin(), after.0.map(PersonId));
        let all = match (&username.0, &email.0) {
            (None, None) => admin.people(&desk.tenant, after, limit.0).await,
            (username, email) => admin.find_people(&desk.tenant, username.as_deref(), email.as_deref()).await,
        };
        Ok(list(or_problem(all)?))
    }

    /// Make an account
    ///
    /// Without any credential: set a password next. Takes `people.write`, and for an administrator `roles.write` and
    /// all that one may.
    #[oai(path = "/people", method = "post", operation_id = "admin_create_person", tag = "AdminTags::People")]
    async fn create(
        &self,
        request: &Request,
        body: Body<AdminNewPerson>,
        caller: BearerOrCookie,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Made<AdminPerson>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let new = NewPerson {
            tenant: desk.tenant.clone(),
            username: body.0.username.into(),
            display_name: body.0.display_name.map(String::from),
            email: body.0.email.map(String::from),
            administrator: body.0.administrator,
        };
        Ok(made(or_problem(desk.admin().create_person(new).await)?))
    }

    /// Show somebody
    ///
    /// Takes `people.read`.
    #[oai(
        path = "/people/:person_id",
        method = "get",
        operation_id = "admin_person",
        tag = "AdminTags::People"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminPerson>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(found(or_problem(desk.admin().person(&desk.tenant, PersonId(person_id.0)).await)?))
    }

    /// Change somebody
    ///
    /// Names, address, attributes, and whether they administer. Takes `people.write` and all that the person may.
    #[oai(
        path = "/people/:person_id",
        method = "patch",
        operation_id = "admin_change_person",
        tag = "AdminTags::People"
    )]
    async fn change(
        &self,
        request: &Request,
        body: Body<AdminPersonChange>,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminPerson>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (id, change) = (PersonId(person_id.0), body.0.into());
        Ok(found(or_problem(desk.admin().change_person(&desk.tenant, id, change).await)?))
    }

    /// Delete somebody
    ///
    /// With credentials, sessions, tokens, memberships and roles. Takes `people.write` and all that the person may.
    #[oai(
        path = "/people/:person_id",
        method = "delete",
        operation_id = "admin_delete_person",
        tag = "AdminTags::People"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().delete_person(&desk.tenant, PersonId(person_id.0)).await)?;
        Ok(Done::Done)
    }

    /// Keep somebody out
    ///
    /// Ends all sessions, and all tokens of a service account, at once. Takes `people.disable` and all that the
    /// person may.
    #[oai(
        path = "/people/:person_id/disable",
        method = "post",
        operation_id = "admin_disable_person",
        tag = "AdminTags::People"
    )]
    async fn disable(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminPerson>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let id = PersonId(person_id.0);
        Ok(found(or_problem(desk.admin().set_disabled(&desk.tenant, id, true).await)?))
    }

    /// Let somebody in again
    ///
    /// Takes `people.disable` and all that the person may.
    #[oai(
        path = "/people/:person_id/enable",
        method = "post",
        operation_id = "admin_enable_person",
        tag = "AdminTags::People"
    )]
    async fn enable(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<AdminPerson>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let id = PersonId(person_id.0);
        Ok(found(or_problem(desk.admin().set_disabled(&desk.tenant, id, false).await)?))
    }

    /// End a block
    ///
    /// Forgets what was tried on the account: who was blocked by that, be it for good, can log in again at once. Takes
    /// `people.write` and all that the person may.
    #[oai(
        path = "/people/:person_id/unblock",
        method = "post",
        operation_id = "admin_unblock_person",
        tag = "AdminTags::People"
    )]
    async fn unblock(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        or_problem(desk.admin().unblock(&desk.tenant, PersonId(person_id.0)).await)?;
        Ok(Done::Done)
    }
}
