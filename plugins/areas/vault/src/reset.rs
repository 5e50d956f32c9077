//! `/request-reset-password`

use crate::VaultTags;
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{Problem, engine::Anybody};
use gatewright_plugin::{Body, House, Text, or_problem, origin};
use gatewright_vault::{DOOR, Null};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};

/// What is replaced.
const LOST: &str = "password";

pub(crate) struct Reset(House);

/// Who wants a new password.
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

#[derive(ApiResponse)]
enum ResetAsked {
    /// If there is such an account, a code has been mailed to it.
    #[oai(status = 200)]
    Asked(Json<Null>),
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
        let username = form.username.to_string();
        let who = Anybody { tenant: id, username, client: Some(client), request: None };
        self.0.engine.mail_reset(&who, &form.email, LOST, &origin(request, DOOR)).await
    }
}

#[OpenApi]
impl Reset {
    /// Ask for a new password
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
}

impl Example for RequestResetForm {
    fn example() -> Self {
        Self { username: "ann".into(), email: "ann@example.org".into() }
    }
}
