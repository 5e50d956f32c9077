//! Setting up a token: a secret is shown and a code of it comes back, or a seed is brought by the host.

use crate::{
    Algorithm, Config, Credential, Hotp, Seed,
    code::{Found, Typed},
};
use data_encoding::BASE32_NOPAD;
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Nothing, Purpose, Rehearse, Secret, Timestamp, Violation,
};
use gatewright_device::Picture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest name that a person may give a token, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// What a client may say when it asks to enrol.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { label: Some("Token".to_owned()) })]
pub struct Invite {
    /// A name for this token, for the person's own list: at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What the person is shown: the same secret in three forms. Never stored by a client.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Invitation::example())]
pub struct Invitation {
    /// The secret for typing in (RFC 4648, section 6, without padding).
    pub secret_base32: String,
    /// For an app on the same device: opening it hands over secret and parameters.
    pub otpauth_uri: String,
    /// `otpauth_uri` as a QR code, an SVG document.
    pub qr_svg: String,
    /// Hash function under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: u8,
    /// The counter of the first code.
    pub counter: u64,
}

impl Invitation {
    /// For the document; the picture is cut short.
    fn example() -> Self {
        Self {
            secret_base32: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
            otpauth_uri: "otpauth://hotp/Gatewright:ann?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&\
                          issuer=Gatewright&counter=0"
                .to_owned(),
            qr_svg: "<svg viewBox=\"0 0 49 49\" xmlns=\"http://www.w3.org/2000/svg\">…</svg>".to_owned(),
            algorithm: Algorithm::Sha1,
            digits: 6,
            counter: 0,
        }
    }
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    pub(crate) credential: Credential,
    pub(crate) label: Option<String>,
}

/// What the person sends to finish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "755 224"}))]
pub struct Proof {
    /// The first code that the token shows. White space in it does not count.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub code: Option<Secret<String>>,
    /// In the place of a code, from an administrator alone: the seed of a hardware token.
    #[serde(default)]
    pub seed: Option<Seed>,
}

impl Enrol for Hotp {
    type Invite = Invite;
    type Invitation = Invitation;
    type Draft = Draft;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Invitation, Draft, Credential>, Fault> {
        if let Some(full) = self.full(call.credentials.len()) {
            return Err(Fault::bad_request("", full.message));
        }
        let label = read_label(call.body.label)?;
        let credential = self.fresh_credential()?;
        let account = call.scope.person.as_ref().map_or("account", |p| p.username.as_str());
        let otpauth_uri = credential.uri(&self.config.issuer, account)?;
        let invitation = Invitation {
            secret_base32: BASE32_NOPAD.encode(credential.secret.expose()),
            qr_svg: Picture::of(&otpauth_uri)?.svg(),
            otpauth_uri,
            algorithm: credential.algorithm,
            digits: credential.digits,
            counter: credential.counter,
        };
        Ok(Challenge::new(invitation, Draft { credential, label }))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Draft, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        // Asked again: two invitations may have been open at the same time.
        if let Some(full) = self.full(call.credentials.len()) {
            return Ok(Enrolment::Rejected(vec![full]));
        }
        let (Draft { credential, label }, proof) = call.body;
        match (proof.code, proof.seed) {
            (Some(code), None) => self.proven(&credential, label, &code),
            (None, Some(seed)) if call.scope.purpose == Purpose::Provision => Ok(match seed.take() {
                Ok((credential, lookup)) => {
                    Enrolment::Enrolled { credential, label, lookup, reveal: Nothing {} }
                }
                Err(violation) => Enrolment::Rejected(vec![violation]),
            }),
            _ => Err(Fault::bad_request("code", "send the first code that the token shows")),
        }
    }
}

impl Hotp {
    /// The code that proves the token is used up by it.
    fn proven(
        &self,
        credential: &Credential,
        label: Option<String>,
        code: &Secret<String>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let look_ahead = u64::from(self.config.look_ahead);
        Ok(match credential.find(&Typed::read(code.expose()), look_ahead)? {
            Found::Fresh(counter) => Enrolment::Enrolled {
                credential: credential.moved_to(counter),
                label,
                lookup: None,
                reveal: Nothing {},
            },
            Found::Passed | Found::Nowhere => Enrolment::Rejected(vec![Violation {
                code: "code_wrong".to_owned(),
                message: "This is not one of the first codes that the token shows.".to_owned(),
            }]),
        })
    }

    fn full(&self, held: usize) -> Option<Violation> {
        let most = self.config.max_credentials;
        (held >= usize::from(most)).then(|| Violation {
            code: "too_many".to_owned(),
            message: format!("At most {most} counter tokens. Remove one first."),
        })
    }
}

fn read_label(label: Option<String>) -> Result<Option<String>, Fault> {
    let label = label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    match &label {
        Some(l) if l.chars().count() > MAX_LABEL_CHARS || l.chars().any(char::is_control) => {
            Err(Fault::bad_request("label", "at most 64 characters, none of them a control character"))
        }
        _ => Ok(label),
    }
}

/// What a token does: a code further at each press of its button.
impl Rehearse for Hotp {
    fn prove(invitation: &Invitation, _: Timestamp) -> Value {
        code_of(invitation, 0).map_or(Value::Null, |code| json!({"code": code}))
    }

    fn answer(invitation: &Invitation, _: &Nothing, _: &Value, _: Timestamp, turn: usize) -> Option<Value> {
        code_of(invitation, u64::try_from(turn).ok()?.checked_add(1)?).map(|code| json!({"code": code}))
    }
}

fn code_of(invitation: &Invitation, presses: u64) -> Option<String> {
    let config = Config { algorithm: invitation.algorithm, digits: invitation.digits, ..Config::default() };
    let secret = BASE32_NOPAD.decode(invitation.secret_base32.as_bytes()).ok()?;
    Credential::new(&config, secret).code_at(invitation.counter.checked_add(presses)?).ok()
}
