//! Asking the person something.

use super::Tag;
use crate::{
    adapters,
    applications::Application,
    door::{self, Door, begin, must_fit, named},
    names::{self, Way},
    tokens::received,
    wire::{AuthenticatedResponse, Formed, Named, UserChallengeParameters},
};
use gatewright_core::{
    Origin, PlainToken, Problem,
    engine::{Challenged, Noted},
    session::Caller,
};
use gatewright_plugin::{Body, or_problem};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};

pub(crate) struct Challenge(pub(crate) Door);

#[derive(ApiResponse)]
enum Posed {
    /// Challenge and token.
    #[oai(status = 200)]
    Ok(
        Json<AuthenticatedResponse>,
        /// Ties the login to the browser, where the challenge sends it elsewhere (IDP).
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

/// A challenge, with the cookie that goes with it.
type Asked = (AuthenticatedResponse, Option<String>);

#[OpenApi]
impl Challenge {
    /// Start a challenge with one authenticator.
    ///
    /// The second of three calls. Without `authToken` a new authentication begins, and the query can be left
    /// out. With the token of a completion that was not the last, the challenge is the next factor's: with a
    /// `…_AND_SECONDFACTOR` path the same path again, and `secondFactorAuthenticator` says which. With an access
    /// token the session behind it is proven anew.
    ///
    /// The reply is the same whether somebody of this name exists or not. Its `token` goes into the completion, in
    /// the `Authorization` header.
    #[oai(
        path = "/v2/authentication/users/authenticate/:authenticator",
        method = "post",
        operation_id = "userChallengeUsingPOST",
        tag = "Tag::Idaas"
    )]
    async fn challenge(
        &self,
        request: &Request,
        /// The authenticator: its name here, or its own id where it has none.
        authenticator: Path<Formed<Named>>,
        body: Body<UserChallengeParameters>,
    ) -> poem::Result<Posed> {
        or_problem(self.ask(request, &authenticator.0.0, &body.0).await)
            .map(|(reply, cookie)| Posed::Ok(Json(reply), cookie))
    }
}

impl Challenge {
    async fn ask(
        &self,
        request: &Request,
        authenticator: &str,
        body: &UserChallengeParameters,
    ) -> Result<Asked, Problem> {
        let door = &self.0;
        let way = Way::parse(&authenticator, &door.engine().catalogue())?;
        let application = door.application(&body.application_id)?;
        let origin = door.origin(request, body.locale.as_deref());
        let Some(token) = named(body.auth_token.as_deref()) else {
            return begun(door, request, (application, way, body), None, origin).await;
        };
        let token = received(token).ok_or_else(Problem::unauthenticated)?;
        match door.engine().note(&token, &origin).await {
            Ok(noted) => {
                must_fit(&noted, Some(&application.id), body.user_id.as_deref())?;
                self.next(request, way, (&token, &noted), body, origin).await
            }
            // No transaction: an access token of somebody who is to prove it anew.
            Err(problem) if problem.code == "unknown_transaction" => {
                let user = named(body.user_id.as_deref());
                let caller = door.caller(request, &token, application, user).await?;
                let caller = caller.ok_or_else(Problem::unauthenticated)?;
                begun(door, request, (application, way, body), Some(caller), origin).await
            }
            Err(problem) => Err(problem),
        }
    }

    /// Goes on in a transaction.
    async fn next(
        &self,
        request: &Request,
        way: Way<'_>,
        (token, noted): (&PlainToken, &Noted),
        body: &UserChallengeParameters,
        mut origin: Origin,
    ) -> Result<Asked, Problem> {
        let door = &self.0;
        let id = match way {
            Way::Sequence(_) if noted.proofs > 0 => {
                match door.second(body.second_factor_authenticator.as_ref(), (token, &origin)).await? {
                    Some(id) => id,
                    None => best_next(door, token, &origin).await?,
                }
            }
            way => door.which(way, (token, &origin)).await?,
        };
        let bound = door.bind(request, &id, &mut origin)?;
        if let Some(device) = body.machine_authenticator.as_ref().and_then(adapters::machine::shown) {
            door.engine().show_device(token, device, &origin).await?;
        }
        let asked = names::adapter(&id).begin(body);
        let about = door::context(body);
        let challenged = door.engine().challenge_about(token, &id, asked, about, &origin).await?;
        let cookie = door.cookie(bound, challenged.expires);
        Ok((shown(door, &id, challenged), cookie))
    }
}

/// What the policy puts first of what this person has left.
async fn best_next(door: &Door, token: &PlainToken, origin: &Origin) -> Result<String, Problem> {
    let next = door.engine().next(token, origin).await?;
    next.authenticators.into_iter().next().ok_or_else(Problem::unknown_authenticator)
}

/// Begins and asks at once.
async fn begun(
    door: &Door,
    request: &Request,
    (application, way, body): (&Application, Way<'_>, &UserChallengeParameters),
    elevate: Option<Caller>,
    mut origin: Origin,
) -> Result<Asked, Problem> {
    let id = door.at_first(way, application).await?;
    let asked = names::adapter(&id).begin(body);
    let bound = door.bind(request, &id, &mut origin)?;
    let challenged = door.engine().begin_with(begin(application, body, elevate), &id, asked, &origin).await;
    let challenged = door::at(application, challenged)?;
    let cookie = door.cookie(bound, challenged.expires);
    Ok((shown(door, &id, challenged), cookie))
}

fn shown(door: &Door, id: &str, challenged: Challenged) -> AuthenticatedResponse {
    let mut reply = AuthenticatedResponse {
        authentication_completed: Some(false),
        expires: Some(challenged.expires.as_millis()),
        time: door.time(),
        token: Some(challenged.handle.expose().to_owned()),
        ..AuthenticatedResponse::default()
    };
    names::adapter(id).show(challenged.prompt, &mut reply);
    reply
}
