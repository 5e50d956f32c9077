//! `/people/{person_id}/password`

use crate::{AdminTags, desk::Desk, replies::Done};
use gatewright_contract::PersonId;
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use serde_json::json;
use uuid::Uuid;

/// The authenticator that an administrator sets for somebody else.
const PASSWORD: &str = "password";

pub(crate) struct Passwords(House);

impl Passwords {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A password for somebody.
#[derive(Object)]
#[oai(rename = "AdminPassword", deny_unknown_fields, example)]
struct AdminPassword {
    /// The password.
    #[oai(validator(min_length = 1, max_length = 1024))]
    password: Text,
    /// The person must choose their own at the next login.
    #[oai(default)]
    must_change: bool,
}

impl Example for AdminPassword {
    fn example() -> Self {
        Self { password: "plum-Orbit 42 lantern".into(), must_change: true }
    }
}

#[OpenApi]
impl Passwords {
    /// Set a password
    ///
    /// In the place of the one that was there; all sessions of the person end. Takes `credentials.write` and all that
    /// the person may. 422 lists the rules that it breaks.
    #[oai(
        path = "/people/:person_id/password",
        method = "put",
        operation_id = "admin_set_password",
        tag = "AdminTags::People"
    )]
    async fn set(
        &self,
        request: &Request,
        body: Body<AdminPassword>,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let AdminPassword { password, must_change } = body.0;
        let (person, proof) =
            (PersonId(person_id.0), json!({"password": &*password, "must_change": must_change}));
        or_problem(desk.admin().set_credential(&desk.tenant, person, PASSWORD, (json!({}), proof)).await)?;
        Ok(Done::Done)
    }
}
