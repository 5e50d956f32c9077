//! `/passkeys/authenticate`

use crate::{
    PASSKEY, PasskeysTags,
    wire::{PasskeyAuthForm, PasskeyAuthOptionsForm},
};
use gatewright_contract::TenantId;
use gatewright_core::{
    Grant, PlainToken, Problem, Result,
    engine::{Begin, Progress, Wish},
};
use gatewright_plugin::{Body, House, or_problem, origin};
use gatewright_vault::DOOR;
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use serde_json::{Value, json};

pub(crate) struct Login(House);

impl Login {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A proven login.
#[derive(Object)]
#[oai(rename = "AuthenticateResponse", example)]
struct AuthenticateResponse {
    /// Spent once at `/sign-in`, for the authorization code.
    nonce: String,
    /// Whether the person's address is still to be verified.
    need_verify: bool,
}

#[derive(ApiResponse)]
enum OptionsReply {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`: `challenge`, `rpId`, `allowCredentials` and more. The same for somebody
    /// who is not there.
    #[oai(status = 200)]
    Options(Json<Value>),
}

#[derive(ApiResponse)]
enum VerifyReply {
    /// Proven.
    #[oai(status = 200)]
    Proven(Json<AuthenticateResponse>),
}

#[OpenApi]
impl Login {
    /// Begin a login with a passkey
    ///
    /// The reply is the same for people who exist and who do not. The challenge is good for one try.
    #[oai(
        path = "/passkeys/authenticate/options",
        method = "post",
        operation_id = "getPasskeyAuthOptions",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn options(
        &self,
        request: &Request,
        /// The tenant, as in the body.
        tenant_id: Query<String>,
        body: Body<PasskeyAuthOptionsForm>,
    ) -> poem::Result<OptionsReply> {
        or_problem(self.begun(request, &tenant_id.0, body.0).await)
    }

    /// Finish a login with a passkey
    ///
    /// With what `navigator.credentials.get` gave for the options, within an authorization request.
    #[oai(
        path = "/passkeys/authenticate/verify",
        method = "post",
        operation_id = "verifyPasskeyAuth",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn verify(
        &self,
        request: &Request,
        /// The authorization request that the login is for, as the authorization endpoint named it.
        auth_req_id: Query<Option<String>>,
        body: Body<PasskeyAuthForm>,
    ) -> poem::Result<VerifyReply> {
        or_problem(self.proven(request, auth_req_id.0.as_deref(), body.0).await)
    }
}

impl Login {
    async fn begun(
        &self,
        request: &Request,
        tenant: &str,
        form: PasskeyAuthOptionsForm,
    ) -> Result<OptionsReply> {
        let (engine, origin) = (&self.0.engine, origin(request, DOOR));
        if tenant != &*form.tenant_id {
            return Err(Problem::invalid("tenant_id: query and body name two tenants."));
        }
        let tenant = read(tenant)?;
        let username = Some(String::from(form.username)).filter(|name| !name.is_empty());
        let begun = engine.begin(Begin::login(tenant.clone(), username), &origin).await?;
        let asked = engine.challenge(&begun.handle, PASSKEY, json!({}), &origin).await?;
        let mut options = asked.prompt["publicKey"].clone();
        let challenge = options["challenge"].as_str().unwrap_or_default();
        engine.keep_handle(&tenant, &name(challenge), &asked.handle, asked.answer_by).await?;
        Ok(OptionsReply::Options(Json(options.take())))
    }

    async fn proven(
        &self,
        request: &Request,
        auth_req_id: Option<&str>,
        form: PasskeyAuthForm,
    ) -> Result<VerifyReply> {
        let (engine, provider, origin) = (&self.0.engine, &self.0.provider, origin(request, DOOR));
        let none = || Problem { status: 400, ..Problem::unknown_transaction() };
        let tenant = read(&form.tenant_id)?;
        let pending = auth_req_id.and_then(PlainToken::received).ok_or_else(none)?;
        // Before the passkey is asked: a login that leads nowhere is not made.
        let request = provider.pending(&pending).await.map_err(|_| none())?;
        if request.tenant.id != tenant {
            return Err(none());
        }
        let (challenge, answer) = form.read()?;
        let handle = engine.take_handle(&tenant, &name(&challenge)).await?.ok_or_else(none)?;
        let username = Some(String::from(form.username)).filter(|name| !name.is_empty());
        let wish = Wish { named: username, ..Wish::default() };
        let grant = done(engine.answer(&handle, PASSKEY, answer, wish, &origin).await?)?;
        let nonce = provider.login_nonce(&pending, &grant.session, &origin).await.map_err(|_| none())?;
        let need_verify = engine.unproven_address(&grant.person).await?.is_some();
        Ok(VerifyReply::Proven(Json(AuthenticateResponse { nonce: nonce.expose().to_owned(), need_verify })))
    }
}

/// The contract has one step; who owes another one goes to the login page.
fn done(progress: Progress) -> Result<Grant> {
    match progress {
        Progress::Done(grant) => Ok(*grant),
        _ => Err(Problem::forbidden("Something else is to be proven or set up. Log in at the login page.")),
    }
}

fn read(tenant: &str) -> Result<TenantId> {
    TenantId::parse(tenant).ok_or_else(|| Problem::not_found("tenant"))
}

/// Under which name the handle is kept.
fn name(challenge: &str) -> String {
    format!("passkey-login|{challenge}")
}

impl Example for AuthenticateResponse {
    fn example() -> Self {
        Self { nonce: "gwn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), need_verify: false }
    }
}
