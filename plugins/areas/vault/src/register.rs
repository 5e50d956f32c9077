//! `/register`

use crate::{VaultTags, log_data::LogData, small::Small, within::Within};
use gatewright_core::{PlainToken, Problem};
use gatewright_plugin::{House, Text, or_problem, origin};
use gatewright_vault::{
    DOOR, Null,
    proof::{ZKP, is_spoken, refusal},
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use serde_json::{Value, json};

pub(crate) struct Register(House);

/// Somebody who wants an account.
#[derive(Object)]
#[oai(rename = "RegisterForm", deny_unknown_fields, example)]
struct RegisterForm {
    /// Login name.
    #[oai(validator(min_length = 1, max_length = 128, pattern = "^[a-zA-Z0-9_.@-]+$"))]
    username: Text,
    /// The e-mail address; whose it is, a letter finds out.
    #[oai(validator(min_length = 3, max_length = 254))]
    email: Text,
    /// The public part of the secret with its proof, sealed for this server: VP1 calls it so, 639 characters of base64url.
    #[oai(validator(min_length = 1, max_length = 2048))]
    encrypted_commitment: Text,
    /// The version of the protocol: `vp1`.
    #[oai(validator(max_length = 16))]
    proto_version: Text,
    /// What the client has seen. It is checked and not kept: nobody has an account yet.
    #[oai(skip_serializing_if_is_none)]
    log_data: Option<LogData>,
}

#[derive(ApiResponse)]
enum Registered {
    /// Taken. The same where the name or the address belongs to somebody: whoever has the address is told by mail.
    #[oai(status = 201)]
    Taken(Json<Null>),
}

/// What the authenticator is handed of a commitment.
pub(crate) fn commitment(
    commitment: &str,
    version: &str,
    (email, code): (Option<&str>, Option<&str>),
) -> Result<Value, Problem> {
    is_spoken(version)?;
    Ok(json!({
        "encrypted_commitment": commitment,
        "proto_version": version,
        "email": email.unwrap_or_default(),
        "code": code.unwrap_or_default(),
    }))
}

impl Register {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn registered(
        &self,
        request: &Request,
        within: (Option<&str>, Option<&str>),
        form: &RegisterForm,
    ) -> Result<(), Problem> {
        let engine = &self.0.engine;
        let sent = (&*form.encrypted_commitment, &*form.proto_version);
        let proof = commitment(sent.0, sent.1, (Some(&form.email), None))?;
        let within = Within::of(&self.0, within).await?;
        let tenant = engine.tenant(&within.tenant).await?;
        // As people reach it from outside: a mail has no host of its own.
        let site = engine.site_of(&tenant).url;
        let id = &tenant.id;
        let link = move |token: &PlainToken| format!("{site}/ui/{id}/verify?token={}", token.expose());
        let who = within.anybody(&form.username);
        engine.register(&who, &form.email, (ZKP, proof), link, &origin(request, DOOR)).await.map_err(refused)
    }
}

/// Where the tenant has other factors, people don't register themselves with this one.
fn refused(problem: Problem) -> Problem {
    match problem.code {
        "unknown_authenticator" => {
            Problem::forbidden("Nobody registers here with this factor. Ask an administrator.")
        }
        _ => refusal("encrypted_commitment", problem),
    }
}

#[OpenApi]
impl Register {
    /// Make an account
    ///
    /// With a secret that this server never sees: the commitment answers a challenge of `getChallenge` (kind 2). The reply is the
    /// same where name or address are taken. 403 where people don't register themselves.
    #[oai(path = "/register", method = "post", operation_id = "register", tag = "VaultTags::Vault")]
    async fn register(
        &self,
        request: &Request,
        /// The authorization request that it belongs to, as for the challenge.
        #[oai(validator(max_length = 128))]
        auth_req_id: Query<Option<String>>,
        /// Without an authorization request: the tenant, in the place of `default`.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<Option<String>>,
        body: Small<RegisterForm>,
    ) -> Result<Registered> {
        let within = (auth_req_id.0.as_deref(), tenant_id.0.as_deref());
        or_problem(self.registered(request, within, &body.0).await)?;
        Ok(Registered::Taken(Json(Null)))
    }
}

impl Example for RegisterForm {
    fn example() -> Self {
        Self {
            username: "ann".into(),
            email: "ann@example.org".into(),
            encrypted_commitment: "AQ".into(),
            proto_version: "vp1".into(),
            log_data: None,
        }
    }
}
