//! Setting up an app: a secret is shown, a code of it comes back.

use crate::{Algorithm, Config, Credential, Seed, Totp, code::Typed};
use data_encoding::BASE32_NOPAD;
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Nothing, Purpose, Rehearse, Scope, Secret, Timestamp, Violation,
};
use gatewright_device::Picture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest name that a person may give an app, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// What a client may say when it asks to enrol.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { label: Some("Phone".to_owned()) })]
pub struct Invite {
    /// A name for this app, for the person's own list: at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What the person is shown: the same secret in four forms. Never stored by a client.
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
    /// `otpauth_uri` as a QR code, a PNG file in base64: put `data:image/png;base64,` before it.
    pub qr_png_base64: String,
    /// Hash function under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: u8,
    /// How long a code lives, in seconds.
    pub period_seconds: u32,
}

impl Invitation {
    /// For the document; the pictures are cut short.
    fn example() -> Self {
        Self {
            secret_base32: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
            otpauth_uri:
                "otpauth://totp/Gatewright:ann?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatewright"
                    .to_owned(),
            qr_svg: "<svg viewBox=\"0 0 49 49\" xmlns=\"http://www.w3.org/2000/svg\">…</svg>".to_owned(),
            qr_png_base64: "iVBORw0KGgo…".to_owned(),
            algorithm: Algorithm::Sha1,
            digits: 6,
            period_seconds: 30,
        }
    }
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    credential: Credential,
    label: Option<String>,
}

/// What the person sends to finish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "123 456"}))]
pub struct Proof {
    /// The code that the app shows now. White space in it does not count.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub code: Option<Secret<String>>,
    /// In the place of a code, from an administrator alone: the seed of a hardware token.
    #[serde(default)]
    pub seed: Option<Seed>,
}

impl Enrol for Totp {
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
        let picture = Picture::of(&otpauth_uri)?;
        let invitation = Invitation {
            secret_base32: BASE32_NOPAD.encode(credential.secret.expose()),
            qr_svg: picture.svg(),
            qr_png_base64: picture.png_base64()?,
            otpauth_uri,
            algorithm: credential.algorithm,
            digits: credential.digits,
            period_seconds: credential.period_seconds,
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
        let (draft, proof) = call.body;
        match (proof.code, proof.seed) {
            (Some(code), None) => self.proven(call.scope, draft, &code),
            (None, Some(seed)) if call.scope.purpose == Purpose::Provision => Ok(match seed.take() {
                Ok((credential, lookup)) => {
                    Enrolment::Enrolled { credential, label: draft.label, lookup, reveal: Nothing {} }
                }
                Err(violation) => Enrolment::Rejected(vec![violation]),
            }),
            _ => Err(Fault::bad_request("code", "send the code that the app shows now")),
        }
    }
}

impl Totp {
    /// The code that proves the app is used up by it.
    fn proven(
        &self,
        scope: &Scope,
        Draft { credential, label }: Draft,
        code: &Secret<String>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let typed = Typed::read(code.expose());
        Ok(match credential.step_of(&typed, scope.now, self.config.skew_steps)? {
            Some(step) => Enrolment::Enrolled {
                credential: credential.used_at(step),
                label,
                lookup: None,
                reveal: Nothing {},
            },
            None => Enrolment::Rejected(vec![Violation {
                code: "code_wrong".to_owned(),
                message:
                    "This is not the code that the app shows now. Let the phone set its clock by itself, and \
                          type the newest code."
                        .to_owned(),
            }]),
        })
    }

    fn full(&self, held: usize) -> Option<Violation> {
        let most = self.config.max_credentials;
        (held >= usize::from(most)).then(|| Violation {
            code: "too_many".to_owned(),
            message: format!("At most {most} authenticator apps. Remove one first."),
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

/// What an app does with an invitation.
impl Rehearse for Totp {
    fn prove(invitation: &Invitation, now: Timestamp) -> Value {
        code_of(invitation, now).map_or(Value::Null, |code| json!({"code": code}))
    }

    fn answer(invitation: &Invitation, _: &Nothing, _: &Value, now: Timestamp, _: usize) -> Option<Value> {
        code_of(invitation, now).map(|code| json!({"code": code}))
    }
}

fn code_of(invitation: &Invitation, now: Timestamp) -> Option<String> {
    let config = Config {
        algorithm: invitation.algorithm,
        digits: invitation.digits,
        period_seconds: invitation.period_seconds,
        ..Config::default()
    };
    let secret = BASE32_NOPAD.decode(invitation.secret_base32.as_bytes()).ok()?;
    Credential::new(&config, secret).code_at(now).ok()
}

#[cfg(test)]
impl Draft {
    pub(crate) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
}
