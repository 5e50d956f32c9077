//! `/authenticate`

use crate::{
    VaultConfig, VaultTags,
    ber::BerForm,
    challenge::EXAMPLE_KEY,
    claims::{self, Claims},
    log_data::LogData,
    small::Small,
    within::Within,
};
use gatewright_core::{Grant, Problem, engine::Wish};
use gatewright_plugin::{
    House, Text, or_problem, origin,
    outcome::{bind_browser, from_browser},
};
use gatewright_vault::{
    DOOR,
    proof::{KEY_BYTES, ZKP, alike, bytes, challenge_key, in_one_step, is_proof, not_accepted},
    ticket,
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use serde_json::json;
use std::time::Duration;

/// How long the cookie lasts that ties a nonce to its browser: longer than the nonce.
const COOKIE_LASTS: Duration = Duration::from_secs(600);

pub(crate) struct Authenticate {
    house: House,
    config: VaultConfig,
}

/// The answer to a challenge.
#[derive(Object)]
#[oai(rename = "AuthenticateForm", deny_unknown_fields, example)]
struct AuthenticateForm {
    /// Login name, as for the challenge.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: Text,
    /// The key that the challenge was sealed for.
    #[oai(rename = "cipherKey", validator(min_length = 87, max_length = 87))]
    cipher_key: Text,
    /// The id of the challenge, which stands in it: 16 bytes in base64url.
    #[oai(validator(min_length = 22, max_length = 22))]
    challenge_id: Text,
    /// The proof: 65 bytes in base64url.
    #[oai(validator(min_length = 87, max_length = 87))]
    challenge_data: Text,
    /// How well the picture was read.
    #[oai(skip_serializing_if_is_none)]
    ber: Option<BerForm>,
    /// What the client has seen.
    #[oai(skip_serializing_if_is_none)]
    log_data: Option<LogData>,
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
enum Authenticated {
    /// Proven.
    #[oai(status = 200)]
    Proven(
        Json<AuthenticateResponse>,
        /// Ties the nonce to the browser that may spend it.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

impl Authenticate {
    pub(crate) fn new(house: &House, config: VaultConfig) -> Self {
        Self { house: house.clone(), config }
    }

    async fn proven(
        &self,
        request: &Request,
        auth_req_id: Option<&str>,
        form: &AuthenticateForm,
    ) -> Result<Authenticated, Problem> {
        bytes::<KEY_BYTES>("cipherKey", &form.cipher_key)?;
        let key = challenge_key(&form.challenge_id)?;
        is_proof(&form.challenge_data)?;
        let claims = claims::of(form.log_data.as_ref(), form.ber.as_ref());
        let within = Within::of(&self.house, (auth_req_id, None)).await?;
        // Everything that the challenge was for is said again, and that there was no request, too: the authenticator compares.
        let answer = json!({
            "challenge_id": &*form.challenge_id,
            "challenge_data": &*form.challenge_data,
            "username": &*form.username,
            "cipher_key": &*form.cipher_key,
            "auth_req_id": within.request().unwrap_or_default(),
        });
        let origin = origin(request, DOOR);
        let judged = self.house.engine.answer_waiting(ZKP, &key, answer, Wish::default(), &origin).await;
        let grant = in_one_step(judged.map_err(|problem| alike("challenge_data", problem))?)?;
        self.keep(&grant, claims).await;
        self.nonce(request, &within, &grant).await
    }

    async fn keep(&self, grant: &Grant, claims: Option<Claims>) {
        if let (Some(claims), Some(lasts)) = (claims, self.config.lasts()) {
            self.house.engine.keep_claims(&grant.session, "authenticate", claims.0, lasts).await;
        }
    }

    async fn nonce(
        &self,
        request: &Request,
        within: &Within,
        grant: &Grant,
    ) -> Result<Authenticated, Problem> {
        let (house, mut origin) = (&self.house, origin(request, DOOR));
        let need_verify = house.engine.unproven_address(&grant.person).await?.is_some();
        // A program without cookies takes the nonce of a request along by itself; a browser's is good in that browser alone.
        let wanted = within.request.is_none() || from_browser(request);
        let bound = bind_browser(house, request, wanted, &mut origin)?;
        let nonce = match &within.request {
            // Refused where the request was answered in the same moment.
            Some(name) => {
                let nonce = house.provider.login_nonce(name, &grant.session, &origin).await;
                nonce.map_err(|_| not_accepted("challenge_data"))?
            }
            None => ticket::issue(house, grant, &origin).await?,
        };
        let until = house.engine.now().plus(COOKIE_LASTS);
        let cookie = bound.map(|bound| bound.set_cookie(house, until));
        let reply = AuthenticateResponse { nonce: nonce.expose().to_owned(), need_verify };
        Ok(Authenticated::Proven(Json(reply), cookie))
    }
}

#[OpenApi]
impl Authenticate {
    /// Answer a challenge
    ///
    /// Any answer ends the challenge. Whatever is wrong (secret, name, key, request, time, a challenge that was answered) is
    /// refused with one and the same 422. The nonce is good once, at `/sign-in`: for the authorization request, or outside any
    /// for a session of this browser. Who owes a second factor gets 403 and logs in at the login page.
    #[oai(path = "/authenticate", method = "post", operation_id = "authenticate", tag = "VaultTags::Vault")]
    async fn authenticate(
        &self,
        request: &Request,
        /// The authorization request that it belongs to, as for the challenge.
        #[oai(validator(max_length = 128))]
        auth_req_id: Query<Option<String>>,
        body: Small<AuthenticateForm>,
    ) -> Result<Authenticated> {
        or_problem(self.proven(request, auth_req_id.0.as_deref(), &body.0).await)
    }
}

impl Example for AuthenticateForm {
    fn example() -> Self {
        Self {
            username: "ann".into(),
            cipher_key: EXAMPLE_KEY.into(),
            challenge_id: "AAECAwQFBgcICQoLDA0ODw".into(),
            challenge_data: EXAMPLE_KEY.into(),
            ber: Some(BerForm::example()),
            log_data: Some(LogData::example()),
        }
    }
}

impl Example for AuthenticateResponse {
    fn example() -> Self {
        Self { nonce: "gwn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), need_verify: false }
    }
}
