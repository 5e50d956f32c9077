//! Another e-mail address.

use crate::{
    UsersTags,
    desk::{Desk, person},
};
use gatewright_core::{Problem, admin::PersonChange};
use gatewright_plugin::{Body, House, Text, or_problem};
use gatewright_vault::{Null, VaultCaller};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};

pub(crate) struct Email(House);

/// Another address.
#[derive(Object)]
#[oai(rename = "UpdateEmailForm", deny_unknown_fields, example)]
struct UpdateEmailForm {
    /// The challenge that was answered; empty: what counts is the login.
    #[oai(validator(max_length = 256))]
    challenge_id: Text,
    /// The answer; empty without a challenge.
    #[oai(validator(max_length = 65536))]
    challenge_data: Text,
    /// The address.
    #[oai(validator(min_length = 1, max_length = 254))]
    email: Text,
}

#[derive(ApiResponse)]
enum EmailChanged {
    /// It has been changed, and is not verified.
    #[oai(status = 200)]
    Changed(Json<Null>),
}

impl Email {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn changed(
        &self,
        request: &Request,
        caller: &VaultCaller,
        (tenant, user): (&str, &str),
        form: UpdateEmailForm,
    ) -> Result<(), Problem> {
        let desk = Desk::of(&self.0, request, caller, tenant).await?;
        let id = person(user)?;
        if !form.challenge_id.is_empty() || !form.challenge_data.is_empty() {
            // None has been posed. To pass it over would let a proof count that nobody has looked at.
            return Err(Problem::refused());
        }
        let session = &desk.caller.session;
        if session.tenant == desk.tenant && session.person == id {
            return self.0.engine.change_own_email(&desk.caller, &form.email, &desk.origin).await;
        }
        let change = PersonChange { email: Some(Some(form.email.into())), ..PersonChange::default() };
        desk.admin().change_person(&desk.tenant, id, change).await.map(|_| ())
    }
}

#[OpenApi]
impl Email {
    /// Change an e-mail address
    ///
    /// One's own, shortly after a login and not with an API key (through an application with the scope `admin`); that of somebody else takes `people.write` and all that the person may. The new
    /// address is not verified. Challenges of this contract are not posed yet: leave `challenge_id` and `challenge_data`
    /// empty; others are refused with 401.
    #[oai(
        path = "/:tenant_id/users/:user_id/email",
        method = "put",
        operation_id = "updateEmail",
        tag = "UsersTags::Users"
    )]
    async fn change(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Path<String>,
        /// The person.
        user_id: Path<String>,
        body: Body<UpdateEmailForm>,
    ) -> Result<EmailChanged> {
        or_problem(self.changed(request, &caller, (&tenant_id.0, &user_id.0), body.0).await)?;
        Ok(EmailChanged::Changed(Json(Null)))
    }
}

impl Example for UpdateEmailForm {
    fn example() -> Self {
        Self { challenge_id: "".into(), challenge_data: "".into(), email: "ann@example.net".into() }
    }
}
