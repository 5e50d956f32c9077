//! `/request-reset-password` and `/reset-password`

use crate::{VaultTags, log_data::LogData, register::commitment, small::Small};
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{PlainToken, Problem, engine::Anybody};
use gatewright_plugin::{Body, House, Text, or_problem, origin};
use gatewright_vault::{
    DOOR, Null,
    proof::{ZKP, refusal},
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};

pub(crate) struct Reset(House);

/// Who has lost their secret.
#[derive(Object)]
#[oai(rename = "RequestResetForm", deny_unknown_fields, example)]
struct RequestResetForm {
    /// Login name.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: Text,
    /// The e-mail address of the account.
    #[oai(validator(min_length = 1, max_length = 254))]
    email: Text,
}

/// A new secret for who has the code.
#[derive(Object)]
#[oai(rename = "ResetForm", deny_unknown_fields, example)]
struct ResetForm {
    /// The code of the mail. It says by itself in which tenant.
    #[oai(validator(min_length = 1, max_length = 128))]
    code: Text,
    /// Login name, as for the challenge.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: Text,
    /// The public part of the new secret with its proof, as for `register`.
    #[oai(validator(min_length = 1, max_length = 2048))]
    encrypted_commitment: Text,
    /// The version of the protocol: `vp1`.
    #[oai(validator(max_length = 16))]
    proto_version: Text,
    /// What the client has seen. It is checked and not kept: nobody is logged in.
    #[oai(skip_serializing_if_is_none)]
    log_data: Option<LogData>,
}

#[derive(ApiResponse)]
enum ResetAsked {
    /// If there is such an account, a code has been mailed to it.
    #[oai(status = 200)]
    Asked(Json<Null>),
}

#[derive(ApiResponse)]
enum ResetDone {
    /// The new one holds, and all sessions have ended.
    #[oai(status = 200)]
    Done(Json<Null>),
}

impl Reset {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn asked(
        &self,
        request: &Request,
        client: String,
        tenant: &str,
        form: &RequestResetForm,
    ) -> Result<(), Problem> {
        let none = || Problem::not_found("tenant");
        let id = TenantId::parse(tenant).ok_or_else(none)?;
        let tenant = self.0.engine.tenant(&id).await?;
        let known = self.0.provider.client(&tenant.id, &client).await.map_err(|error| match error.cause {
            Some(problem) => *problem,
            None => Problem::internal(Fault::internal(error.description)),
        })?;
        if known.is_none() {
            return Err(Problem::not_found("client"));
        }
        let username = String::from(&*form.username);
        let who = Anybody { tenant: id, username, client: Some(client), request: None };
        self.0.engine.mail_reset(&who, &form.email, ZKP, &origin(request, DOOR)).await
    }

    async fn done(&self, request: &Request, form: &ResetForm) -> Result<(), Problem> {
        let sent = (&*form.encrypted_commitment, &*form.proto_version);
        let proof = commitment(sent.0, sent.1, (None, Some(&form.code)))?;
        let code = PlainToken::received(&form.code).ok_or_else(no_code)?;
        let origin = origin(request, DOOR);
        let done = self.0.engine.reset_by_code(&code, &form.username, (ZKP, proof), &origin).await;
        done.map_err(|problem| refusal("encrypted_commitment", problem))
    }
}

/// 400, and not the 422 of a mistake of form: it had the right form.
fn no_code() -> Problem {
    let detail = "The code is wrong, used or too old, or it is for another username. Ask for a new one.";
    Problem { code: "invalid_code", ..Problem::invalid(detail) }
}

#[OpenApi]
impl Reset {
    /// Ask for a new secret
    ///
    /// Mails a code to who has this login name and this proven address. The reply is the same for everybody else.
    #[oai(
        path = "/request-reset-password",
        method = "post",
        operation_id = "requestResetPassword",
        tag = "VaultTags::Vault"
    )]
    async fn ask(
        &self,
        request: &Request,
        /// The client whose login page asks.
        #[oai(validator(max_length = 128))]
        client_id: Query<String>,
        /// Its tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<String>,
        body: Body<RequestResetForm>,
    ) -> Result<ResetAsked> {
        or_problem(self.asked(request, client_id.0, &tenant_id.0, &body.0).await)?;
        Ok(ResetAsked::Asked(Json(Null)))
    }

    /// Replace a lost secret
    ///
    /// With the code of `requestResetPassword` and a commitment that answers a challenge of `getChallenge` (kind 2) for the same
    /// name and tenant, without an authorization request. A refused commitment does not spend the code until it has been tried too often.
    #[oai(
        path = "/reset-password",
        method = "post",
        operation_id = "resetPasswordCode",
        tag = "VaultTags::Vault"
    )]
    async fn replace(&self, request: &Request, body: Small<ResetForm>) -> Result<ResetDone> {
        or_problem(self.done(request, &body.0).await)?;
        Ok(ResetDone::Done(Json(Null)))
    }
}

impl Example for RequestResetForm {
    fn example() -> Self {
        Self { username: "ann".into(), email: "ann@example.org".into() }
    }
}

impl Example for ResetForm {
    fn example() -> Self {
        Self {
            code: "gwr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
            username: "ann".into(),
            encrypted_commitment: "AQ".into(),
            proto_version: "vp1".into(),
            log_data: None,
        }
    }
}
