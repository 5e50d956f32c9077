//! `keyless`: the answer names the credential, and nobody types a name. The shape of a passkey.

use super::prelude::*;

pub fn registration() -> Registration {
    gatewright_contract::registration!(Keyless: enrol, identify, rehearse)
}

pub struct Keyless(Host);

/// What the device signs: prompt, invitation and state.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Nonce {
    pub nonce: String,
}

/// The device's word: which key it is, and the nonce under its secret. It is also the proof of an enrolment,
/// together with the secret (a real device would send a public key).
#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"key": "key of 00", "signed": "00 under secret of 00"}))]
pub struct Signed {
    pub key: String,
    pub signed: String,
    #[serde(default)]
    pub secret: Option<Secret<String>>,
}

#[derive(Serialize, Deserialize)]
pub struct Device {
    key: String,
    #[serde(with = "in_sealed_document")]
    secret: Secret<String>,
}

impl Device {
    fn has_signed(&self, nonce: &str, answer: &Signed) -> bool {
        self.key == answer.key && answer.signed == format!("{nonce} under {}", self.secret.expose())
    }
}

impl Authenticator for Keyless {
    const ID: &'static str = "keyless";
    const ABOUT: &'static str = "# keyless\n\nA key that says whose it is. For tests.";
    type Config = Nothing;
    type Credential = Device;
    type Begin = Nothing;
    type Prompt = Nonce;
    type State = Nonce;
    type Answer = Signed;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: true, fallback: false };
        Traits { phishing_resistant: true, many: true, steps, ..second(&["hwk", "user"], Kind::Possession) }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Device>,
    ) -> Result<Challenge<Nonce, Nonce, Device>, Fault> {
        let nonce = Nonce { nonce: token(&self.0)? };
        Ok(Challenge::new(nonce.clone(), nonce))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nonce, Signed), Device>,
    ) -> Result<Verdict<Nonce, Nonce, Device>, Fault> {
        let (Nonce { nonce }, answer) = &call.body;
        let right = call.credentials.iter().find(|held| held.doc.has_signed(nonce, answer));
        Ok(match right {
            // The device has asked for a PIN or a finger.
            Some(held) => Verdict::of(Accepted { user_verified: true, ..by(held.id) }),
            None if call.credentials.is_empty() => Verdict::refused(Refusal::NotEnrolled),
            None => Verdict::refused(Refusal::Wrong),
        })
    }
}

impl Identify for Keyless {
    async fn identify(&self, call: Call<'_, (Nonce, Signed), Device>) -> Result<Identified<Nonce>, Fault> {
        let (state, answer) = call.body;
        Ok(Identified { lookup: Some(LookupKey(answer.key)), state })
    }
}

impl Enrol for Keyless {
    type Invite = Nothing;
    type Invitation = Nonce;
    type Draft = Nonce;
    type Proof = Signed;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Nothing, Device>,
    ) -> Result<Challenge<Nonce, Nonce, Device>, Fault> {
        self.challenge(call).await
    }

    async fn enrol(
        &self,
        call: Call<'_, (Nonce, Signed), Device>,
    ) -> Result<Enrolment<Device, Nothing>, Fault> {
        let (Nonce { nonce }, mut proof) = call.body;
        let secret = proof.secret.take().unwrap_or_else(|| Secret::new(String::new()));
        let device = Device { key: proof.key.clone(), secret };
        if !device.has_signed(&nonce, &proof) {
            let violation = Violation { code: "unsigned".to_owned(), message: "Sign the nonce.".to_owned() };
            return Ok(Enrolment::Rejected(vec![violation]));
        }
        let lookup = Some(LookupKey(proof.key));
        Ok(Enrolment::Enrolled { credential: device, label: None, lookup, reveal: Nothing {} })
    }
}

/// A device whose key and secret follow from the nonce that it was enrolled with.
impl Rehearse for Keyless {
    fn prove(Nonce { nonce }: &Nonce, _: Timestamp) -> Value {
        let secret = format!("secret of {nonce}");
        json!({"key": format!("key of {nonce}"), "signed": format!("{nonce} under {secret}"), "secret": secret})
    }

    fn answer(enrolled: &Nonce, _: &Nothing, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        let (mine, asked) = (&enrolled.nonce, prompt["nonce"].as_str()?);
        Some(json!({"key": format!("key of {mine}"), "signed": format!("{asked} under secret of {mine}")}))
    }
}
