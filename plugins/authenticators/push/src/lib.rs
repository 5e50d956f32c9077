#![doc = include_str!("../README.md")]

mod config;

pub use config::Config;

use gatewright_contract::{
    Attend, Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, Kind, LookupKey, Nothing, Signal,
    Steps, Traits, Verdict,
};
use gatewright_device::{
    Ask, Begin, Device, Event, Flow, Invitation, Invite, NumberMatching, Prompt, Proof, Reply, State,
};
use serde_json::{Value, json};

/// Another device approves the login.
pub struct Push {
    config: Config,
    flow: Flow,
}

impl Authenticator for Push {
    const ID: &'static str = "push";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Device;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        let rules = config.rules();
        rules.check()?;
        let flow = rules.flow(Self::ID, host);
        Ok(Self { config, flow })
    }

    fn traits(&self) -> Traits {
        Traits {
            // Whether hardware holds the key is not known: neither `hwk` nor `swk` (RFC 8176).
            amr: vec!["pop".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Begin, Device>,
    ) -> Result<Challenge<Prompt, State, Device>, Fault> {
        let number = self.config.number_matching == NumberMatching::Always || call.body.number != Some(false);
        self.flow.challenge(call.scope, call.credentials, number).await
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), Device>,
    ) -> Result<Verdict<Prompt, State, Device>, Fault> {
        Ok(self.flow.verdict(call.body.0, call.credentials))
    }

    fn describe(device: &Device) -> Value {
        json!({"key": device.key.thumbprint(), "woken": device.push.is_some()})
    }
}

impl Enrol for Push {
    type Invite = Invite;
    type Invitation = Invitation;
    type Draft = State;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Device>,
    ) -> Result<Challenge<Invitation, State, Device>, Fault> {
        self.flow.invite(call.scope, call.credentials.len(), call.body.label.as_deref())
    }

    async fn enrol(
        &self,
        call: Call<'_, (State, Proof), Device>,
    ) -> Result<Enrolment<Device, Nothing>, Fault> {
        let (state, proof) = call.body;
        Ok(self.flow.enrol(call.scope, call.credentials.len(), state, &proof))
    }
}

impl Signal for Push {
    const SAME_BROWSER: bool = false;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        event.correlate()
    }

    async fn signal(&self, call: Call<'_, (State, Event), Device>) -> Result<Option<State>, Fault> {
        self.flow.signal(call.scope, call.credentials, call.body, |_| true).await
    }
}

impl Attend for Push {
    type Ask = Ask;
    type Reply = Reply;

    fn asker(&self, ask: &Ask) -> Result<LookupKey, Fault> {
        Ok(LookupKey(ask.device.clone()))
    }

    async fn attend(&self, call: Call<'_, Ask, Device>) -> Result<Option<Reply>, Fault> {
        self.flow.attend(call.scope, call.credentials, &call.body).await
    }
}

gatewright_contract::register_authenticator!(Push: enrol, signal, attend);
