#![doc = include_str!("../README.md")]

mod config;
mod store;
mod trust;

pub use config::{Config, Revocation};

use gatewright_contract::{
    Attend, Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Held, Host, Kind, LogLevel, LookupKey,
    Nothing, Signal, Steps, Traits, Verdict,
};
use gatewright_device::{
    Ask, Begin, Device, Event, Flow, Invitation, Invite, NumberMatching, Prompt, Proof, Reply, State,
};
use serde_json::{Value, json};
use store::{Store, TRUST_READ};
use trust::Checks;

/// Another device approves the login, with a key that an authority has certified.
pub struct SmartCredential {
    config: Config,
    flow: Flow,
    host: Host,
    checks: Checks,
    store: Option<Store>,
}

impl Authenticator for SmartCredential {
    const ID: &'static str = "smart-credential";
    const ABOUT: &'static str = include_str!("../README.md");
    const NEEDS: &'static [&'static str] = &[TRUST_READ];

    type Config = Config;
    type Credential = Device;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Nothing;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let flow = config.rules().flow(Self::ID, host.clone());
        let store = config.store.clone().map(|name| Store::new(name, host.clone()));
        let checks = Checks {
            extended_key_usage: config.extended_key_usage.clone(),
            revocation: config.revocation,
            stale: config.accept_stale_crls,
        };
        Ok(Self { config, flow, host, checks, store })
    }

    fn traits(&self) -> Traits {
        Traits {
            // What the authority says of where the key lives is between it and the operator (RFC 8176).
            amr: vec!["pop".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            // Nothing counts without an authority: a tenant's policy turns it on.
            steps: Steps { first: false, second: false, fallback: false },
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
        let leaf = device.certificates.first().and_then(|text| trust::serial(text));
        json!({"key": device.key.thumbprint(), "certificate_serial": leaf})
    }
}

impl Enrol for SmartCredential {
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

impl Signal for SmartCredential {
    const SAME_BROWSER: bool = false;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        event.correlate()
    }

    /// The certificate is looked at when a device is paired and each time it decides: it may have expired or been
    /// revoked since.
    async fn signal(&self, call: Call<'_, (State, Event), Device>) -> Result<Option<State>, Fault> {
        // Without authorities nobody's certificate counts.
        let Some(store) = &self.store else { return Ok(None) };
        let trust = store.now().await?;
        let trusted = |device: &Device| match trust.admits(device, &self.checks, call.scope.now) {
            Ok(()) => true,
            Err(why) => {
                let key = device.key.thumbprint();
                self.host.log(
                    LogLevel::Warn,
                    &format!("the certificate of the device {key} does not count: {why:?}"),
                );
                false
            }
        };
        self.flow.signal(call.scope, call.credentials, call.body, trusted).await
    }
}

impl Attend for SmartCredential {
    type Ask = Ask;
    type Reply = Reply;

    fn asker(&self, ask: &Ask) -> Result<LookupKey, Fault> {
        Ok(LookupKey(ask.device.clone()))
    }

    /// What waits is nobody's business whose certificate does not count any more.
    async fn attend(&self, call: Call<'_, Ask, Device>) -> Result<Option<Reply>, Fault> {
        let Some(store) = &self.store else { return Ok(None) };
        let trust = store.now().await?;
        let counts = |held: &Held<Device>| trust.admits(&held.doc, &self.checks, call.scope.now).is_ok();
        if !call.credentials.iter().all(counts) {
            return Ok(None);
        }
        self.flow.attend(call.scope, call.credentials, &call.body).await
    }
}

gatewright_contract::register_authenticator!(SmartCredential: enrol, signal, attend);
