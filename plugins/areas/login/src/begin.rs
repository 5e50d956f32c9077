//! `POST /login`

use crate::{LoginTags, caller::AnyCaller};
use gatewright_contract::TenantId;
use gatewright_core::{Problem, engine};
use gatewright_plugin::{
    Body, House, Text, or_problem, origin,
    outcome::{DOOR, EXAMPLE_HANDLE, LoginNext, LoginStep, bind_browser, cookie_note, moment},
};
use poem::Request;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json, types::Example};
use serde_json::Value;
use time::OffsetDateTime;

pub(crate) struct Begin(House);

impl Begin {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// What a login begins with.
#[derive(Object)]
#[oai(rename = "LoginBegin", deny_unknown_fields, example)]
struct LoginBegin {
    /// Tenant to log in to.
    #[oai(default = "default_tenant", validator(max_length = 64, pattern = "^[a-z0-9][a-z0-9-]*$"))]
    tenant: Text,
    /// Login name. Left out where the answer will say who it is (a passkey without a username), and not looked at
    /// with `elevate`.
    #[oai(validator(min_length = 1, max_length = 256), skip_serializing_if_is_none)]
    username: Option<Text>,
    /// Program that asks, as it calls itself; shown in the list of sessions.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    client: Option<Text>,
    /// What the person is approving, for an authenticator that shows it (a push): any JSON of at most 4096 bytes.
    /// Not trusted.
    #[oai(skip_serializing_if_is_none)]
    context: Option<Value>,
    /// `login` for a new session, `elevate` to prove anew who is in the session of the caller, `reset` to replace what
    /// was lost.
    #[oai(default)]
    purpose: LoginPurpose,
    /// With `reset`: the authenticator whose credential was lost.
    #[oai(default = "password", validator(max_length = 48, pattern = "^[a-z0-9-]+$"))]
    lost: Text,
    /// Whether the session token is to leave in a cookie, for a browser. Left out: no, but with `elevate` yes
    /// where the caller came with the cookie.
    #[oai(skip_serializing_if_is_none)]
    cookie: Option<bool>,
}

fn default_tenant() -> Text {
    TenantId::default_tenant().to_string().into()
}

fn password() -> Text {
    "password".into()
}

/// `login` for a new session, `elevate` to prove anew who is in one, `reset` to replace a lost password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename = "LoginPurpose", rename_all = "lowercase")]
enum LoginPurpose {
    #[default]
    Login,
    Elevate,
    Reset,
}

impl Example for LoginBegin {
    fn example() -> Self {
        Self {
            tenant: default_tenant(),
            username: Some("ann".into()),
            client: Some("example app".into()),
            context: None,
            purpose: LoginPurpose::Login,
            lost: password(),
            cookie: None,
        }
    }
}

/// A login that has begun.
#[derive(Object)]
#[oai(rename = "LoginBegun", example)]
struct LoginBegun {
    /// Handle for the next step. Each step that changes something answers with a new one.
    transaction: String,
    /// End of the transaction, whatever happens.
    expires_at: OffsetDateTime,
    /// What may come next.
    next: LoginNext,
}

impl Example for LoginBegun {
    fn example() -> Self {
        Self {
            transaction: EXAMPLE_HANDLE.to_owned(),
            expires_at: time::macros::datetime!(2026-01-01 12:10 UTC),
            next: LoginNext { step: LoginStep::First, authenticators: vec!["password".to_owned()] },
        }
    }
}

#[derive(ApiResponse)]
enum BeginReply {
    /// Begun. The same for people who exist and for people who don't.
    #[oai(status = 200)]
    Begun(
        Json<LoginBegun>,
        /// Ties the login to the browser, with `cookie: true`.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

#[OpenApi]
impl Begin {
    /// Begin a login
    ///
    /// Makes a transaction. Go on with one of the authenticators in `next`: ask it for a challenge where it has
    /// something to show or to send, else answer at once. The reply is the same for people who exist and for
    /// people who don't.
    ///
    /// With `cookie: true` the login is tied to the browser by a cookie, and the session token that it ends with
    /// leaves in a cookie that scripts can't read.
    ///
    /// With `purpose: reset` a lost password is replaced: prove who you are with one of `next` (a code by mail), then set
    /// up `lost` at `/enrol/{authenticator}` with the handle. No session begins, and all others end. Off unless
    /// the tenant's policy names authenticators under `reset`.
    ///
    /// With `purpose: elevate` the caller proves anew who they are; the session stays, its old tokens end.
    #[oai(path = "/login", method = "post", operation_id = "login_begin", tag = "LoginTags::Login")]
    async fn begin(
        &self,
        request: &Request,
        caller: AnyCaller,
        body: Body<LoginBegin>,
    ) -> poem::Result<BeginReply> {
        or_problem(self.run(request, caller, body.0).await)
    }
}

impl Begin {
    async fn run(
        &self,
        request: &Request,
        caller: AnyCaller,
        body: LoginBegin,
    ) -> Result<BeginReply, Problem> {
        let house = &self.0;
        let elevate = match body.purpose {
            LoginPurpose::Login | LoginPurpose::Reset => None,
            LoginPurpose::Elevate => Some(caller.caller(house).await?),
        };
        let cookie = body.cookie.unwrap_or(elevate.is_some() && caller.is_cookie());
        let mut origin = origin(request, DOOR);
        let bound = bind_browser(house, request, cookie, &mut origin)?;
        let begin = engine::Begin {
            tenant: TenantId::parse(&body.tenant).ok_or_else(|| Problem::not_found("tenant"))?,
            username: body.username.map(String::from),
            client: body.client.map(String::from),
            context: body.context.unwrap_or_default(),
            dialect: cookie_note(cookie),
            elevate,
            device: None,
            reset: (body.purpose == LoginPurpose::Reset).then(|| String::from(body.lost)),
            request: None,
        };
        let started = house.engine.begin(begin, &origin).await?;
        let reply = LoginBegun {
            transaction: started.handle.expose().to_owned(),
            expires_at: moment(started.expires),
            next: started.next.into(),
        };
        let set_cookie = bound.map(|bound| bound.set_cookie(house, started.expires));
        Ok(BeginReply::Begun(Json(reply), set_cookie))
    }
}
