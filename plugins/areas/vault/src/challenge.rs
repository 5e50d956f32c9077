//! `/challenge`

use crate::{VaultTags, within::Within};
use gatewright_contract::Violation;
use gatewright_core::{Problem, engine::Begin};
use gatewright_plugin::{Body, House, Text, or_problem, origin};
use gatewright_vault::{
    DOOR,
    proof::{KEY_BYTES, VERSION, ZKP, bytes},
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use serde_json::{Value, json};

pub(crate) struct Challenge(House);

/// Who wants to prove who they are, or to set up a secret.
#[derive(Object)]
#[oai(rename = "ChallengeForm", deny_unknown_fields, example)]
struct ChallengeForm {
    /// Login name, as it is in the account.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: Text,
    /// What is wanted (1: to log in, 2: to set up a secret), the key that the challenge is sealed for, and a blinded element, as
    /// VP1 puts them together: 65 bytes in base64url.
    #[oai(rename = "cipherKey", validator(min_length = 87, max_length = 87))]
    cipher_key: Text,
}

/// A challenge.
#[derive(Object)]
#[oai(rename = "ChallengeResponse", example)]
struct ChallengeResponse {
    /// The challenge, its id and what is needed to answer it, sealed for `cipherKey`.
    challenge_data: String,
    /// The version of the protocol.
    proto_version: String,
    /// To set up a secret: the key of this server that the commitment is sealed for, 32 bytes in base64url.
    #[oai(skip_serializing_if_is_none)]
    hpke_public_key: Option<String>,
    /// To set up a secret: which key that is.
    #[oai(skip_serializing_if_is_none)]
    kid: Option<String>,
}

#[derive(ApiResponse)]
enum Challenged {
    /// The challenge. Somebody who is not there gets one of the same shape.
    #[oai(status = 200)]
    Challenged(Json<ChallengeResponse>),
}

impl Challenge {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn challenged(
        &self,
        request: &Request,
        within: (Option<&str>, Option<&str>),
        form: &ChallengeForm,
    ) -> Result<ChallengeResponse, Problem> {
        let key: [u8; KEY_BYTES] = bytes("cipherKey", &form.cipher_key)?;
        let within = Within::of(&self.0, within).await?;
        let (engine, origin) = (&self.0.engine, origin(request, DOOR));
        let asked = json!({"cipher_key": &*form.cipher_key});
        let prompt = match key[0] {
            1 => {
                let username = Some(String::from(&*form.username));
                let (client, request) = (within.client.clone(), within.request());
                let begin = Begin { client, request, ..Begin::login(within.tenant, username) };
                engine.begin_with(begin, ZKP, asked, &origin).await.map(|asked| asked.prompt)
            }
            2 => engine.invite_anybody(&within.anybody(&form.username), ZKP, asked, &origin).await,
            _ => Err(Problem::invalid("cipherKey: must begin with 1 (to log in) or 2 (to set up a secret).")),
        };
        let prompt = prompt.map_err(told)?;
        let text = |name: &str| prompt.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(ChallengeResponse {
            challenge_data: text("challenge_data").unwrap_or_default(),
            proto_version: text("proto_version").unwrap_or_else(|| VERSION.to_owned()),
            hpke_public_key: text("hpke_public_key"),
            kid: text("kid"),
        })
    }
}

/// The authenticator calls the key by another name, and where it is not offered the contract has no status of its own.
fn told(problem: Problem) -> Problem {
    let says = |message: &str| {
        Problem::violations(vec![Violation { code: "cipherKey".to_owned(), message: message.to_owned() }])
    };
    match (problem.status, problem.code) {
        (_, "unknown_authenticator" | "step_out_of_order") => says("This factor is not offered here."),
        (400, _) => match problem.detail.strip_prefix("cipher_key: ") {
            Some(detail) => says(detail),
            None => problem,
        },
        _ => problem,
    }
}

#[OpenApi]
impl Challenge {
    /// Get a challenge
    ///
    /// To log in, it counts as a try: what it holds tells whoever knows the secret that they do. The reply is the same for people
    /// who exist and who do not. It is good for one answer, within two minutes.
    #[oai(path = "/challenge", method = "post", operation_id = "getChallenge", tag = "VaultTags::Vault")]
    async fn challenge(
        &self,
        request: &Request,
        /// The authorization request that it belongs to; not for another secret and another address.
        #[oai(validator(max_length = 128))]
        auth_req_id: Query<Option<String>>,
        /// Without an authorization request: the tenant, in the place of `default`.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<Option<String>>,
        body: Body<ChallengeForm>,
    ) -> Result<Challenged> {
        let within = (auth_req_id.0.as_deref(), tenant_id.0.as_deref());
        let challenged = self.challenged(request, within, &body.0).await;
        Ok(Challenged::Challenged(Json(or_problem(challenged)?)))
    }
}

/// A login, the point 9 of X25519, and the base point of ristretto255 (RFC 9496, appendix A.1).
pub(crate) const EXAMPLE_KEY: &str =
    "AQkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY";

impl Example for ChallengeForm {
    fn example() -> Self {
        Self { username: "ann".into(), cipher_key: EXAMPLE_KEY.into() }
    }
}

impl Example for ChallengeResponse {
    fn example() -> Self {
        Self {
            challenge_data: "AAECAw".to_owned(),
            proto_version: VERSION.to_owned(),
            hpke_public_key: None,
            kid: None,
        }
    }
}
