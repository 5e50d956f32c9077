//! What somebody can authenticate with.

use super::{Tag, machine};
use crate::{
    applications::Application,
    door::{self, Door},
    names::{self, Listed, Way},
    tokens::received,
    wire::{
        AuthenticatedResponse, Formed, UserAuthenticateQueryParameters, UserAuthenticateQueryResponse,
        UserAuthenticatorLockoutStatus, UserChallengeParameters,
    },
};
use gatewright_contract::Timestamp;
use gatewright_core::{Origin, PlainToken, Problem, Settings, policy::SecondFactor, session::Caller};
use gatewright_plugin::{Body, or_problem};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};
use std::time::Duration;

pub(crate) struct Query(pub(crate) Door);

#[derive(ApiResponse)]
enum Queried {
    /// Authenticators, and the default challenge if it was asked for.
    #[oai(status = 200)]
    Ok(Json<UserAuthenticateQueryResponse>),
}

#[OpenApi]
impl Query {
    /// List what the user can authenticate with.
    ///
    /// The first of three calls, and the one that can be left out. The reply is the same for every name,
    /// whether somebody has it or not; only with an `authToken` that is good and of this person it can say
    /// that nothing more is needed. The `token` of the reply goes into the challenge as `authToken`.
    #[oai(
        path = "/v2/authentication/users",
        method = "post",
        operation_id = "userAuthenticatorQueryUsingPOST",
        tag = "Tag::Idaas"
    )]
    async fn query(
        &self,
        request: &Request,
        body: Body<UserAuthenticateQueryParameters>,
    ) -> poem::Result<Queried> {
        or_problem(self.list(request, body.0).await).map(|reply| Queried::Ok(Json(reply)))
    }
}

impl Query {
    async fn list(
        &self,
        request: &Request,
        body: UserAuthenticateQueryParameters,
    ) -> Result<UserAuthenticateQueryResponse, Problem> {
        let door = &self.0;
        let application = door.application(&body.application_id)?;
        let tenant = door::at(application, door.engine().tenant(&application.tenant).await)?;
        let offer = Offer::of(door, door.engine().settings_of(&tenant));
        let earlier = body.auth_token.as_deref().and_then(received);
        let caller = match &earlier {
            Some(token) => door.caller(request, token, application, Some(&body.user_id)).await?,
            None => None,
        };
        if let (Some(caller), Some(token)) = (&caller, &earlier)
            && is_recent(caller, door.engine().now(), body.max_age)
        {
            return Ok(offer.reply(door, token, caller.token_expires, true));
        }
        let asks = body.return_default_challenge == Some(true);
        let asked = UserChallengeParameters::of_query(body);
        // The reply of a query has no place for the address that a browser is sent to.
        let shows = |id: &String| asks && !door.sends_away(id);
        let default = offer.default_authenticator(door).filter(shows);
        let origin = door.origin(request, None);
        begun(door, application, (asked, default), caller, offer, &origin).await
    }
}

/// Begins the transaction, with or without a first challenge: one write either way.
async fn begun(
    door: &Door,
    application: &Application,
    (asked, default): (UserChallengeParameters, Option<String>),
    elevate: Option<Caller>,
    offer: Offer,
    origin: &Origin,
) -> Result<UserAuthenticateQueryResponse, Problem> {
    let begin = door::begin(application, &asked, elevate);
    let Some(default) = default else {
        let started = door.engine().begin(begin, origin).await?;
        return Ok(offer.reply(door, &started.handle, started.expires, false));
    };
    let adapter = names::adapter(&default);
    let challenged = door.engine().begin_with(begin, &default, adapter.begin(&asked), origin).await?;
    let mut shown = AuthenticatedResponse::default();
    adapter.show(challenged.prompt, &mut shown);
    Ok(offer.reply(door, &challenged.handle, challenged.expires, false).asking(shown))
}

/// Whether an authentication is young enough for who asks.
fn is_recent(caller: &Caller, now: Timestamp, max_age: Option<i32>) -> bool {
    let limit = max_age.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    limit.is_none_or(|limit| now.since(caller.session.authenticated) <= limit)
}

/// What a tenant's policy offers to everybody.
struct Offer {
    /// Ids of those that may come first.
    due: Vec<String>,
    first: Listed,
    second: Listed,
    /// A lost password can be replaced.
    reset: bool,
    /// Devices are remembered.
    remembers: bool,
    /// Wrong answers before a block.
    tries: i32,
}

impl Offer {
    fn of(door: &Door, settings: &Settings) -> Self {
        let catalogue = door.engine().catalogue();
        let policy = &settings.policy;
        let (due, second) = (policy.first_steps(&catalogue), policy.second_steps(&catalogue));
        let asks = policy.second_factor != SecondFactor::Never && !second.is_empty();
        Self {
            due: due.clone(),
            first: names::first(&due, asks),
            second: names::second(&second),
            remembers: policy.remembers(&catalogue).is_some(),
            reset: !policy.reset_steps(&catalogue).is_empty(),
            tries: i32::try_from(settings.block_config.user_attempts_limit).unwrap_or(i32::MAX),
        }
    }

    /// The authenticator that the first name of the list begins with.
    fn default_authenticator(&self, door: &Door) -> Option<String> {
        let name = self.first.named.first().map(|n| n.0.as_str()).or(self
            .first
            .others
            .first()
            .map(String::as_str))?;
        let catalogue = door.engine().catalogue();
        Way::parse(&name, &catalogue).ok().map(|way| way.of(&self.due, &catalogue).to_owned())
    }

    fn reply(
        self,
        door: &Door,
        token: &PlainToken,
        expires: Timestamp,
        completed: bool,
    ) -> UserAuthenticateQueryResponse {
        UserAuthenticateQueryResponse {
            authentication_completed: Some(completed),
            authenticator_lockout_status: Some(self.lockout()),
            authentication_types: Some(self.first.named),
            available_second_factor: Some(self.second.named),
            password_reset_allowed: Some(self.reset),
            other_authenticators: some(self.first.others),
            other_second_factors: some(self.second.others),
            expires: Some(expires.as_millis()),
            time: door.time(),
            token: Some(token.expose().to_owned()),
            user_machine_settings: machine::settings(self.remembers),
            ..UserAuthenticateQueryResponse::default()
        }
    }

    /// The same for everybody: what is said here must not tell who exists, or who is being attacked.
    fn lockout(&self) -> Vec<UserAuthenticatorLockoutStatus> {
        let mut told: Vec<&str> = Vec::new();
        for name in self.first.named.iter().chain(&self.second.named) {
            if !told.contains(&name.0.as_str()) && !names::is_sequence(&name.0) {
                told.push(&name.0);
            }
        }
        let free = |name: &str| UserAuthenticatorLockoutStatus {
            locked: Some(false),
            lockout_date: None,
            lockout_expiry_date: None,
            name: None,
            remaining_authentication_attempts: Some(self.tries),
            kind: Some(Formed::new(name)),
        };
        told.into_iter().map(free).collect()
    }
}

/// A list, where there is something in it: fields beyond the contract are there only when they are needed.
pub(super) fn some(list: Vec<String>) -> Option<Vec<String>> {
    Some(list).filter(|list| !list.is_empty())
}
