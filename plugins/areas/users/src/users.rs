//! Making and replacing an account.

use crate::{
    UsersTags,
    desk::{Desk, person},
    wire::{UserReply, VaultUser, shown},
};
use gatewright_plugin::{Body, House, or_problem};
use gatewright_vault::VaultCaller;
use poem::{Request, Result};
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};

pub(crate) struct Users(House);

impl Users {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum UserMade {
    /// The account, without any credential.
    #[oai(status = 201)]
    User(Json<VaultUser>),
}

#[OpenApi]
impl Users {
    /// Make an account
    ///
    /// Without any credential. Takes `people.write`, shortly after a login, and for `roles` what giving them takes.
    #[oai(path = "/:tenant_id/users", method = "post", operation_id = "createUser", tag = "UsersTags::Users")]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        body: Body<VaultUser>,
    ) -> Result<UserMade> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        let form = or_problem(body.0.form(&tenant_id.0, None))?;
        let user = or_problem(desk.admin().create_user(&desk.tenant, form).await)?;
        Ok(UserMade::User(Json(user.into())))
    }

    /// Replace an account
    ///
    /// All of it that can be set, in one step: a field that is left out takes its default; without `roles` they stay. Takes
    /// `people.write`, shortly after a login, and all that the person may.
    #[oai(
        path = "/:tenant_id/users/:user_id",
        method = "put",
        operation_id = "updateUser",
        tag = "UsersTags::Users"
    )]
    async fn replace(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// The person.
        user_id: Path<String>,
        body: Body<VaultUser>,
    ) -> Result<UserReply> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, &tenant_id.0).await)?;
        let id = or_problem(person(&user_id.0))?;
        let form = or_problem(body.0.form(&tenant_id.0, Some(&user_id.0)))?;
        Ok(shown(or_problem(desk.admin().replace_user(&desk.tenant, id, form).await)?))
    }
}
