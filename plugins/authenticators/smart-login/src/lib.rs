#![doc = include_str!("../README.md")]

mod config;
mod wire;

pub use config::Config;
pub use wire::{AskAbout, Prompt, Reply};

use gatewright_contract::{
    Attend, Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, Identified, Identify, Kind,
    LookupKey, Nothing, Scope, Signal, Steps, Traits, Verdict,
};
use gatewright_device::{
    Device, Event, Flow, Invitation, Invite, Leaflet, Limits, Picture, Proof, State, Told, link,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A registered device approves, and says who it is.
pub struct SmartLogin {
    config: Config,
    flow: Flow,
}

impl Authenticator for SmartLogin {
    const ID: &'static str = "smart-login";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Device;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let flow = Flow {
            authenticator: Self::ID,
            host,
            lifetime: Duration::from_secs(config.lifetime_seconds.into()),
            // Nobody is asked: the device comes by itself.
            limits: Limits { prompts: 0, window: Duration::ZERO },
            max_devices: config.max_devices,
            web_push_key: None,
        };
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
            // Who shows this picture to somebody else may be let in as them: only a policy turns it on.
            steps: Steps { first: false, second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Device>,
    ) -> Result<Challenge<Prompt, State, Device>, Fault> {
        // Any device of the tenant may read it: it does not say whom the login was begun for.
        let scope = Scope { person: None, ..call.scope.clone() };
        let (asked, leaflet) = self.flow.pose(&scope, true)?;
        leaflet.leave(&self.flow.host, &scope).await?;
        let link = link("login", call.scope, Self::ID, &[("wake", &asked.wake)]);
        let picture = Picture::of(&link)?;
        let prompt = Prompt {
            qr_svg: picture.svg(),
            qr_png_base64: picture.png_base64()?,
            link,
            number: asked.number.unwrap_or_default(),
            expires_in_seconds: self.config.lifetime_seconds,
        };
        let (wake, expires_in) = (Some(LookupKey(asked.wake.clone())), Some(self.flow.lifetime));
        Ok(Challenge { wake, expires_in, ..Challenge::new(prompt, State::Asked(asked)) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Nothing), Device>,
    ) -> Result<Verdict<Prompt, State, Device>, Fault> {
        Ok(self.flow.verdict(call.body.0, call.credentials))
    }

    fn describe(device: &Device) -> Value {
        json!({"key": device.key.thumbprint()})
    }
}

impl Identify for SmartLogin {
    /// The device that has decided; nobody, as long as none has.
    async fn identify(&self, call: Call<'_, (State, Nothing), Device>) -> Result<Identified<State>, Fault> {
        let (state, _) = call.body;
        let lookup = match &state {
            State::Asked(asked) => asked.decided.as_ref().map(|(_, key, _)| LookupKey(key.clone())),
            State::Pairing(_) => None,
        };
        Ok(Identified { lookup, state })
    }
}

impl Enrol for SmartLogin {
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

impl Signal for SmartLogin {
    const SAME_BROWSER: bool = false;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        event.correlate()
    }

    fn speaks_for(&self, event: &Event) -> Option<LookupKey> {
        event.speaks_for()
    }

    async fn signal(&self, call: Call<'_, (State, Event), Device>) -> Result<Option<State>, Fault> {
        Ok(self.flow.moved(call.scope, call.credentials, call.body, |_| true))
    }
}

impl Attend for SmartLogin {
    type Ask = AskAbout;
    type Reply = Reply;

    fn asker(&self, ask: &AskAbout) -> Result<LookupKey, Fault> {
        Ok(LookupKey(ask.device.clone()))
    }

    async fn attend(&self, call: Call<'_, AskAbout, Device>) -> Result<Option<Reply>, Fault> {
        let (host, scope, (ask, wake)) = (&self.flow.host, call.scope, call.body.parts());
        if ask.by(host, scope, Self::ID, &wake, call.credentials).await?.is_none() {
            return Ok(None);
        }
        let prompt = Leaflet::find(host, scope, &wake).await?.map(Told::of);
        Ok(Some(Reply { now: scope.now.as_secs(), prompt }))
    }
}

gatewright_contract::register_authenticator!(SmartLogin: enrol, identify, signal, attend);
