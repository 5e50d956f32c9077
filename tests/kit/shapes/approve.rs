//! `approve`: another device says yes or no. The shape of a push with number matching.

use super::prelude::*;

pub fn registration() -> Registration {
    gatewright_contract::registration!(Approve: enrol, signal)
}

pub struct Approve(Host);

/// The same for everybody. Who knows the ticket can do nothing without the device's key.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Names the challenge to the device.
    pub ticket: String,
    /// Typed on the device by whoever sees this screen, 10 to 99.
    pub number: u8,
}

#[derive(Serialize, Deserialize)]
pub struct State {
    number: u8,
    decided: Option<(CredentialId, Decision)>,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Decision {
    Approve,
    Deny,
    Concern,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"ticket": "00", "key": "00", "number": 42, "decision": "approve"}))]
pub struct Event {
    pub ticket: String,
    pub key: Secret<String>,
    pub number: Option<u8>,
    pub decision: Decision,
}

/// The device's key; also what is shown to pair it, and what it keeps.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    #[serde(with = "in_sealed_document")]
    key: Secret<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Pairing {
    pub key: String,
}

impl Authenticator for Approve {
    const ID: &'static str = "approve";
    const ABOUT: &'static str = "# approve\n\nAnother device says yes or no. For tests.";
    type Config = Nothing;
    type Credential = Device;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        Traits { many: true, ..second(&["swk", "user"], Kind::Possession) }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Device>,
    ) -> Result<Challenge<Prompt, State, Device>, Fault> {
        let [drawn] = self.0.random_array()?;
        let number = 10 + drawn % 90;
        let ticket = token(&self.0)?;
        let wake = Some(LookupKey(ticket.clone()));
        let expires_in = Some(Duration::from_secs(60));
        let state = State { number, decided: None };
        Ok(Challenge { wake, expires_in, ..Challenge::new(Prompt { ticket, number }, state) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), Device>,
    ) -> Result<Verdict<Prompt, State, Device>, Fault> {
        let (state, _) = call.body;
        Ok(match state.decided {
            None => Verdict::pending(state, Duration::from_secs(2)),
            Some((by, Decision::Approve)) => Verdict::accepted(by),
            Some((_, Decision::Deny)) => Verdict::refused(Refusal::Declined),
            Some((_, Decision::Concern)) => Verdict::refused(Refusal::Concern),
        })
    }
}

impl Signal for Approve {
    const SAME_BROWSER: bool = false;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        Ok(LookupKey(event.ticket.clone()))
    }

    async fn signal(&self, call: Call<'_, (State, Event), Device>) -> Result<Option<State>, Fault> {
        let (state, event) = call.body;
        let device = call.credentials.iter().find(|held| held.doc.key == event.key);
        let matches = event.number == Some(state.number) || !matches!(event.decision, Decision::Approve);
        Ok(match (device, state.decided) {
            (Some(held), None) if matches => {
                Some(State { decided: Some((held.id, event.decision)), ..state })
            }
            _ => None,
        })
    }
}

impl Enrol for Approve {
    type Invite = Nothing;
    type Invitation = Pairing;
    type Draft = Device;
    type Proof = Pairing;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Device>,
    ) -> Result<Challenge<Pairing, Device, Device>, Fault> {
        let key = token(&self.0)?;
        Ok(Challenge::new(Pairing { key: key.clone() }, Device { key: Secret::new(key) }))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Device, Pairing), Device>,
    ) -> Result<Enrolment<Device, Nothing>, Fault> {
        let (credential, proof) = call.body;
        if credential.key.expose() == &proof.key {
            return Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} });
        }
        let violation =
            Violation { code: "other_device".to_owned(), message: "Send the key back.".to_owned() };
        Ok(Enrolment::Rejected(vec![violation]))
    }
}
