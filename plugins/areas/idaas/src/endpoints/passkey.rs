//! The deprecated way to a passkey challenge.

use super::Tag;
use crate::{
    door::{self, Door},
    names::{self, Way},
    wire::{
        AuthenticatedResponse, PasskeyChallengeParameters, PasskeyChallengeResult, UserChallengeParameters,
    },
};
use gatewright_core::Problem;
use gatewright_plugin::{Body, or_problem};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

pub(crate) struct Passkey(pub(crate) Door);

#[derive(ApiResponse)]
enum Posed {
    /// Challenge and token.
    #[oai(status = 200)]
    Ok(Json<PasskeyChallengeResult>),
}

#[OpenApi]
impl Passkey {
    /// Deprecated: get a passkey challenge without a username.
    ///
    /// The same challenge as that of `userChallengeUsingPOST` with PASSKEY, in a smaller reply. It is completed
    /// with PASSKEY.
    #[oai(
        path = "/v1/authentication/passkey",
        method = "post",
        operation_id = "requestPasskeyChallengeUsingPOST",
        tag = "Tag::Idaas",
        deprecated
    )]
    async fn passkey(
        &self,
        request: &Request,
        body: Body<PasskeyChallengeParameters>,
    ) -> poem::Result<Posed> {
        or_problem(self.ask(request, body.0).await).map(|reply| Posed::Ok(Json(reply)))
    }
}

impl Passkey {
    async fn ask(
        &self,
        request: &Request,
        body: PasskeyChallengeParameters,
    ) -> Result<PasskeyChallengeResult, Problem> {
        let door = &self.0;
        let way = Way::parse(&"PASSKEY", &door.engine().catalogue())?;
        let application = door.application(body.application_id.as_deref().unwrap_or_default())?;
        let id = door.at_first(way, application).await?;
        let asked = UserChallengeParameters::default();
        let adapter = names::adapter(&id);
        let begin = door::begin(application, &asked, None);
        let origin = door.origin(request, None);
        let challenged = door.engine().begin_with(begin, &id, adapter.begin(&asked), &origin).await;
        let challenged = door::at(application, challenged)?;
        let mut shown = AuthenticatedResponse::default();
        adapter.show(challenged.prompt, &mut shown);
        Ok(PasskeyChallengeResult {
            expires: Some(challenged.expires.as_millis()),
            fido_challenge: shown.fido_challenge,
            time: door.time(),
            token: Some(challenged.handle.expose().to_owned()),
        })
    }
}
