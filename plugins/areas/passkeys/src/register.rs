//! `/passkeys/register`

use crate::{PASSKEY, PasskeysTags, wire::PasskeyRegistrationForm};
use gatewright_core::{
    Problem, Result,
    engine::{Enrolling, Inviter, Wish},
};
use gatewright_plugin::{Body, House, or_problem, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};
use serde_json::{Value, json};

pub(crate) struct Register(House);

impl Register {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum OptionsReply {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON`: `rp`, `user`, `challenge`, `pubKeyCredParams` and more.
    #[oai(status = 200)]
    Options(Json<Value>),
}

#[derive(ApiResponse)]
enum VerifyReply {
    /// It is set up: `null`.
    #[oai(status = 200)]
    Made(Json<Value>),
}

#[OpenApi]
impl Register {
    /// Begin to set up a passkey
    ///
    /// The login must be recent. The challenge is good for one try.
    #[oai(
        path = "/passkeys/register/options",
        method = "get",
        operation_id = "getPasskeyRegistrationOptions",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn options(&self, request: &Request, caller: VaultCaller) -> poem::Result<OptionsReply> {
        or_problem(self.begun(request, caller).await)
    }

    /// Finish setting up a passkey
    ///
    /// With what `navigator.credentials.create` gave for the options.
    #[oai(
        path = "/passkeys/register/verify",
        method = "post",
        operation_id = "verifyPasskeyRegistration",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn verify(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Body<PasskeyRegistrationForm>,
    ) -> poem::Result<VerifyReply> {
        or_problem(self.made(request, caller, body.0).await)
    }
}

impl Register {
    async fn begun(&self, request: &Request, caller: VaultCaller) -> Result<OptionsReply> {
        let (engine, origin) = (&self.0.engine, origin(request, DOOR));
        let caller = caller.own(&self.0).await?;
        let tenant = caller.session.tenant.clone();
        let asked = engine.invite(Inviter::Session(caller), PASSKEY, json!({}), &origin).await?;
        let mut options = asked.prompt["publicKey"].clone();
        let challenge = options["challenge"].as_str().unwrap_or_default();
        engine.keep_handle(&tenant, &name(challenge), &asked.handle, asked.answer_by).await?;
        Ok(OptionsReply::Options(Json(options.take())))
    }

    async fn made(
        &self,
        request: &Request,
        caller: VaultCaller,
        form: PasskeyRegistrationForm,
    ) -> Result<VerifyReply> {
        let (engine, origin) = (&self.0.engine, origin(request, DOOR));
        let caller = caller.own(&self.0).await?;
        let (challenge, proof) = form.read()?;
        let handle = engine.take_handle(&caller.session.tenant, &name(&challenge)).await?;
        let handle = handle.ok_or_else(unknown)?;
        let Enrolling::Done(done) = engine.enrol(&handle, PASSKEY, proof, Wish::default(), &origin).await?
        else {
            return Err(unknown());
        };
        if let Some(label) = form.name.as_deref().filter(|label| !label.is_empty()) {
            engine.rename_credential(&caller, done.credential, label, &origin).await?;
        }
        Ok(VerifyReply::Made(Json(Value::Null)))
    }
}

/// Under which name the handle is kept: another one than that of a login.
fn name(challenge: &str) -> String {
    format!("passkey-register|{challenge}")
}

fn unknown() -> Problem {
    Problem { status: 400, ..Problem::unknown_transaction() }
}
