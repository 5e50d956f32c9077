//! Answering, polling or cancelling a challenge.

use super::{Tag, machine, new_password, query::some};
use crate::{
    adapters::machine::shown,
    door::{Door, must_fit},
    names::{self, Way},
    tokens::{MaybeToken, set_web_session},
    wire::{AuthenticatedResponse, Formed, Named, PushStatus, UserAuthenticateParameters},
};
use gatewright_core::{
    Grant, Origin, PlainToken, Problem,
    engine::{Answered, NextStep, Noted, OnDevice, Progress, Started, Wish},
};
use gatewright_plugin::{Body, or_problem};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};
use serde_json::Value;

pub(crate) struct Complete(pub(crate) Door);

#[derive(ApiResponse)]
enum Completed {
    /// How the authentication stands; not necessarily complete.
    #[oai(status = 200)]
    Ok(
        Json<AuthenticatedResponse>,
        /// `INTELLITRUST_SESSION_ID`, when the authentication is complete and `enableWebSession` was true.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

#[OpenApi]
impl Complete {
    /// Answer, poll or cancel a challenge.
    ///
    /// The last of three calls. The header holds the token of the challenge, bare or with `Bearer` before it.
    /// `authenticationCompleted` decides, not the status: while it is false, the reply's token goes into the next
    /// challenge. It is false after a right password of somebody who has a second factor, whatever the path says.
    ///
    /// With `newPassword`, the password is changed where the answer ends the authentication, or where nothing but a new
    /// password is missing. One that breaks a rule is 400 `rejected`, and the authentication must begin anew.
    ///
    /// Without `response`, a push is asked how it stands: `status` is `NO_RESPONSE` until the person decides. So is FACE without
    /// `faceResponse` and `answer`, until its challenge is answered or over.
    #[oai(
        path = "/v1/authentication/users/authenticate/:authenticator/complete",
        method = "post",
        operation_id = "userAuthenticateUsingPOST",
        tag = "Tag::Idaas"
    )]
    async fn complete(
        &self,
        request: &Request,
        /// The authenticator of the challenge: its name here, or its own id where it has none.
        authenticator: Path<Formed<Named>>,
        token: MaybeToken,
        body: Body<UserAuthenticateParameters>,
    ) -> poem::Result<Completed> {
        or_problem(self.judge(request, &authenticator.0.0, &token, &body.0).await)
    }
}

impl Complete {
    async fn judge(
        &self,
        request: &Request,
        authenticator: &str,
        token: &MaybeToken,
        body: &UserAuthenticateParameters,
    ) -> Result<Completed, Problem> {
        let door = &self.0;
        let way = Way::parse(&authenticator, &door.engine().catalogue())?;
        let token = token.read().ok_or_else(Problem::unauthenticated)?;
        let origin = door.origin(request, body.locale.as_deref());
        if body.cancel == Some(true) {
            door.engine().cancel(&token, &origin).await?;
            return Ok(Completed::Ok(Json(self.cancelled()), None));
        }
        let noted = door.engine().note(&token, &origin).await?;
        must_fit(&noted, body.application_id.as_deref(), body.user_id.as_deref())?;
        let id = self.due(way, &noted, body, (&token, &origin)).await?;
        if noted.pending.as_deref() == Some(&*id) && names::adapter(&id).polls(body) {
            return self.stands(&noted, &token);
        }
        let asker = noted.asker(&door.engine().catalogue(), &id)?;
        let manifest = asker.manifest();
        let answer = names::adapter(&id).answer(body, manifest)?;
        let pushed = manifest.abilities.signal;
        let answered = self.answered((&token, &id, answer), body, &origin).await?;
        let decided = pushed.then_some(PushStatus::Confirm);
        let told = self.told(request, (&token, &id), answered.progress, decided).await?;
        let Completed::Ok(mut reply, cookie) = told;
        machine::tell(answered.device, &mut reply.0);
        Ok(Completed::Ok(reply, cookie))
    }

    /// How a challenge stands that nobody has answered; it stays as it is.
    fn stands(&self, noted: &Noted, token: &PlainToken) -> Result<Completed, Problem> {
        match noted.answerable {
            true => Ok(self.undecided(token)),
            false => Err(Problem::unknown_transaction()),
        }
    }

    /// Has the answer judged, with all that the body wishes along with it.
    async fn answered(
        &self,
        (token, id, answer): (&PlainToken, &str, Value),
        body: &UserAuthenticateParameters,
        origin: &Origin,
    ) -> Result<Answered, Problem> {
        let engine = self.0.engine();
        // Where the answer itself says who it is, it must be the one whom the call is about.
        let named = body.user_id.as_deref().map(str::to_owned).filter(|name| !name.is_empty());
        let changes = body.new_password.as_deref().is_some_and(|new| !new.is_empty());
        let registration = body.machine_authenticator_registration.as_ref().filter(|_| !changes);
        let bind = body.enable_web_session == Some(true);
        let wish =
            Wish { bind, named, remember: registration.map(machine::invite).map(gatewright_contract::Body) };
        if changes {
            // By somebody who is there: no device stands for them, and none is remembered longer than the password.
            let progress = engine.answer(token, id, answer, wish.clone(), origin).await?;
            let change = (body.new_password.as_deref(), &wish);
            let progress = new_password::follow(&self.0, progress, change, origin).await?;
            Ok(Answered { progress, device: OnDevice::Untouched })
        } else {
            let on_device = (wish, body.machine_authenticator.as_ref().and_then(shown));
            engine.answer_on_device(token, id, answer, on_device, origin).await
        }
    }

    /// What has come of an answer.
    async fn told(
        &self,
        request: &Request,
        (token, id): (&PlainToken, &str),
        progress: Progress,
        decided: Option<PushStatus>,
    ) -> Result<Completed, Problem> {
        match progress {
            Progress::Done(mut grant) => {
                let reveal = grant.reveal.take();
                let devices = machine::settings_of(&self.0, &grant).await?;
                let Completed::Ok(mut reply, cookie) = self.done(request, *grant, decided);
                reply.0.user_machine_settings = devices;
                reveal.into_iter().for_each(|r| names::adapter(id).reveal(r.0, &mut reply.0));
                Ok(Completed::Ok(reply, cookie))
            }
            Progress::More(mut started) => {
                let reveal = started.reveal.take();
                let mut reply = self.more(started, decided);
                reveal.into_iter().for_each(|r| names::adapter(id).reveal(r.0, &mut reply));
                Ok(Completed::Ok(Json(reply), None))
            }
            Progress::Declined { concern } => {
                let status = Some(if concern { PushStatus::Concern } else { PushStatus::Cancel });
                Ok(Completed::Ok(Json(AuthenticatedResponse { status, ..self.cancelled() }), None))
            }
            // Nothing is begun here that resets.
            Progress::Reset => Err(Problem::unauthenticated()),
            Progress::Continue { handle, expires, prompt } => {
                let mut reply = self.not_yet(&handle);
                reply.expires = Some(expires.as_millis());
                names::adapter(id).show(prompt.0, &mut reply);
                Ok(Completed::Ok(Json(reply), None))
            }
            // The handle stays good.
            Progress::Pending { .. } => Ok(self.undecided(token)),
        }
    }

    /// Which authenticator answers: in a sequence, what stands in the transaction decides.
    async fn due(
        &self,
        way: Way<'_>,
        noted: &Noted,
        body: &UserAuthenticateParameters,
        under_way: (&PlainToken, &Origin),
    ) -> Result<String, Problem> {
        match way {
            Way::Sequence(_) if noted.proofs > 0 => {
                let named = self.0.second(body.second_factor_authenticator.as_ref(), under_way).await?;
                named.or_else(|| noted.pending.clone()).ok_or_else(|| {
                    Problem::invalid("secondFactorAuthenticator: say which, or ask for its challenge first")
                })
            }
            way => self.0.which(way, under_way).await,
        }
    }

    fn cancelled(&self) -> AuthenticatedResponse {
        AuthenticatedResponse {
            authentication_completed: Some(false),
            status: Some(PushStatus::Cancel),
            time: self.0.time(),
            ..AuthenticatedResponse::default()
        }
    }

    fn undecided(&self, token: &PlainToken) -> Completed {
        let reply = AuthenticatedResponse { status: Some(PushStatus::NoResponse), ..self.not_yet(token) };
        Completed::Ok(Json(reply), None)
    }

    fn not_yet(&self, token: &PlainToken) -> AuthenticatedResponse {
        AuthenticatedResponse {
            authentication_completed: Some(false),
            time: self.0.time(),
            token: Some(token.expose().to_owned()),
            ..AuthenticatedResponse::default()
        }
    }

    /// Proven, but not enough. From here on it may be said what this person has.
    fn more(&self, started: Started, status: Option<PushStatus>) -> AuthenticatedResponse {
        let reply = AuthenticatedResponse {
            expires: Some(started.expires.as_millis()),
            status,
            ..self.not_yet(&started.handle)
        };
        match started.next.step {
            NextStep::Enrol => AuthenticatedResponse { user_registration_required: Some(true), ..reply },
            _ => {
                let listed = names::second(&started.next.authenticators);
                AuthenticatedResponse {
                    available_second_factor: Some(listed.named),
                    other_second_factors: some(listed.others),
                    ..reply
                }
            }
        }
    }

    fn done(&self, request: &Request, grant: Grant, status: Option<PushStatus>) -> Completed {
        let cookie = grant.binding.as_ref().map(|value| set_web_session(request, value));
        let token = grant.access_token.expose().to_owned();
        let person = grant.person;
        let (first_name, last_name) = person.display_name.as_deref().and_then(split).unzip();
        let reply = AuthenticatedResponse {
            authentication_completed: Some(true),
            expires: Some(grant.access_expires.as_millis()),
            first_name,
            last_name,
            status,
            time: self.0.time(),
            token: Some(token),
            user_id: Some(person.username),
            ..AuthenticatedResponse::default()
        };
        Completed::Ok(Json(reply), cookie)
    }
}

/// Given and family name, where the display name is two words: with more of them nobody can tell.
fn split(display_name: &str) -> Option<(String, String)> {
    let mut words = display_name.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(first), Some(last), None) => Some((first.to_owned(), last.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn only_two_words_are_a_given_and_a_family_name() {
        assert_eq!(split("Ada  Lovelace"), Some(("Ada".to_owned(), "Lovelace".to_owned())));
        for unclear in ["", "Ada", "Ada King Lovelace"] {
            assert_eq!(split(unclear), None, "{unclear:?}");
        }
    }
}
