//! Another e-mail address.

use crate::{
    UsersTags,
    desk::{Desk, person},
};
use gatewright_core::{Problem, admin::PersonChange};
use gatewright_plugin::{Body, House, Text, or_problem};
use gatewright_vault::{
    Null, VaultCaller,
    proof::{ZKP, challenge_key, is_proof, refusal},
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};
use serde_json::json;

pub(crate) struct Email(House);

/// Another address.
#[derive(Object)]
#[oai(rename = "UpdateEmailForm", deny_unknown_fields, example)]
struct UpdateEmailForm {
    /// The challenge that was answered, 16 bytes in base64url; empty: what counts is the login.
    #[oai(validator(max_length = 22))]
    challenge_id: Text,
    /// The proof, which is for the new address: 65 bytes in base64url; empty without a challenge.
    #[oai(validator(max_length = 87))]
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
        let session = &desk.caller.session;
        let own = session.tenant == desk.tenant && session.person == id;
        if !form.challenge_id.is_empty() || !form.challenge_data.is_empty() {
            return match own {
                true => self.proven(&desk, &form).await,
                // To pass it over would let a proof count that says nothing about the account.
                false => Err(Problem::forbidden(
                    "A challenge proves who the caller is: it changes one's own address. Leave it empty for another's.",
                )),
            };
        }
        if own {
            return self.0.engine.change_own_email(&desk.caller, &form.email, &desk.origin).await;
        }
        let change = PersonChange { email: Some(Some(form.email.into())), ..PersonChange::default() };
        desk.admin().change_person(&desk.tenant, id, change).await.map(|_| ())
    }

    /// Who answers a challenge need not have logged in recently.
    async fn proven(&self, desk: &Desk<'_>, form: &UpdateEmailForm) -> Result<(), Problem> {
        let key = challenge_key(&form.challenge_id)?;
        is_proof(&form.challenge_data)?;
        let answer = json!({
            "challenge_id": &*form.challenge_id,
            "challenge_data": &*form.challenge_data,
            "email": &*form.email,
        });
        let (engine, answered) = (&self.0.engine, (ZKP, &key, answer));
        let changed = engine.change_email_by_proof(&desk.caller, &form.email, answered, &desk.origin).await;
        changed.map_err(|problem| refusal("challenge_data", problem))
    }
}

#[OpenApi]
impl Email {
    /// Change an e-mail address
    ///
    /// One's own with the answer to a challenge of `getChallenge` (kind 1, a proof for this address), or with both fields empty
    /// shortly after a login; not with an API key (through an application with the scope `admin`). Everything that is wrong about
    /// a proof is one and the same 422. That of somebody else takes `people.write` and all that the person may. The new address
    /// is not verified.
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
