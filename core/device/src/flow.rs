//! What the authenticators do alike: pair, ask, wait, decide.

use crate::{
    Ask, Asked, Decide, Device, Finish, Inbox, Invitation, Leaflet, Limits, Pair, Pairing, Prompt, Proof,
    Waiting, digest, shown, wake,
};
use gatewright_contract::{
    Challenge, Effects, Enrolment, Fault, Held, Host, LookupKey, Message, Nothing, Refusal, Scope, Secret,
    Verdict, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// When asking again makes sense.
const POLL: Duration = Duration::from_secs(2);
/// The channel that wakes devices.
const CHANNEL: &str = "web-push";
/// Longest name of a challenge that is looked for, in bytes.
const WAKE_BYTES: usize = 64;

/// What is kept between two steps. One type for both, since a device answers an enrolment and a login alike.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum State {
    /// A device is being paired.
    Pairing(Pairing),
    /// A prompt waits.
    Asked(Asked),
}

/// What a device sends to the callback: one of `pair` and `decide`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, example = Event::example())]
pub struct Event {
    /// Which invitation or prompt it is about.
    #[schemars(length(max = 64))]
    pub wake: String,
    /// The answer to an invitation.
    #[serde(default)]
    pub pair: Option<Pair>,
    /// A decision about a prompt.
    #[serde(default)]
    pub decide: Option<Decide>,
}

impl Event {
    fn example() -> Value {
        json!({"wake": "AAECAwQFBgcICQoLDA0ODw", "decide": {
            "device": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "decision": "approve", "number": 42,
            "prompt": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "at": 1_767_225_600, "signature": "x".repeat(86),
        }})
    }

    /// Which challenge it is for.
    ///
    /// # Errors
    /// 400 where it is not exactly one of the two.
    pub fn correlate(&self) -> Result<LookupKey, Fault> {
        match (&self.pair, &self.decide) {
            (Some(_), None) | (None, Some(_)) if self.wake.len() <= WAKE_BYTES => {
                Ok(LookupKey(self.wake.clone()))
            }
            _ => Err(Fault::bad_request(
                "",
                "send a `wake` of at most 64 bytes and one of `pair` and `decide`",
            )),
        }
    }

    /// Whose it says it is: the device that decides.
    pub fn speaks_for(&self) -> Option<LookupKey> {
        self.decide.as_ref().map(|d| LookupKey(d.device.clone()))
    }
}

/// What a device is told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Reply {
    /// The server's time, in seconds since 1970: for a device whose clock is off.
    pub now: i64,
    /// What waits, the oldest first.
    pub prompts: Vec<Told>,
}

/// A prompt, as a device is told it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Told {
    /// Goes into the decision.
    pub wake: String,
    /// JSON, to be shown to the person; its SHA-256 goes into the decision. What is under `said` is only said.
    pub shown: String,
    /// Whether the person must type the number that the login page shows. It is not told here.
    pub number: bool,
    /// Until when it can be decided, in seconds since 1970.
    pub expires_at: i64,
}

impl Told {
    /// The form in which it is told.
    pub fn of(waiting: Waiting) -> Self {
        let Waiting { wake, shown, number, expires, .. } = waiting;
        Self { wake, shown, number, expires_at: expires.as_secs() }
    }
}

/// One authenticator with its settings.
pub struct Flow {
    /// Its id.
    pub authenticator: &'static str,
    /// Its host.
    pub host: Host,
    /// How long a prompt waits.
    pub lifetime: Duration,
    /// How often somebody may be asked.
    pub limits: Limits,
    /// Devices that a person may have.
    pub max_devices: u8,
    /// The key for which devices subscribe where they are woken.
    pub web_push_key: Option<String>,
}

impl Flow {
    /// Invites a device.
    ///
    /// # Errors
    /// 400 when the person has as many as they may.
    pub fn invite(
        &self,
        scope: &Scope,
        held: usize,
        label: Option<&str>,
    ) -> Result<Challenge<Invitation, State, Device>, Fault> {
        if let Some(full) = self.full(held) {
            return Err(Fault::bad_request("", full.message));
        }
        let (invitation, pairing, wake) =
            Pairing::invite(&self.host, scope, self.authenticator, label, self.web_push_key.as_deref())?;
        Ok(Challenge { wake: Some(wake), ..Challenge::new(invitation, State::Pairing(pairing)) })
    }

    /// Finishes a pairing.
    pub fn enrol(
        &self,
        scope: &Scope,
        held: usize,
        state: State,
        proof: &Proof,
    ) -> Enrolment<Device, Nothing> {
        let State::Pairing(pairing) = state else { return Enrolment::Pending { retry_after: POLL } };
        // Asked again: two invitations may have been open at the same time.
        if let Some(full) = self.full(held) {
            return Enrolment::Rejected(vec![full]);
        }
        match pairing.finish(scope, self.authenticator, proof) {
            Finish::Waiting => Enrolment::Pending { retry_after: POLL },
            Finish::Unconfirmed(violation) => Enrolment::Rejected(vec![violation]),
            Finish::Paired { device, label, lookup } => Enrolment::Enrolled {
                credential: device,
                label: Some(label),
                lookup: Some(lookup),
                reveal: Nothing {},
            },
        }
    }

    fn full(&self, held: usize) -> Option<Violation> {
        let most = self.max_devices;
        (held >= usize::from(most)).then(|| Violation {
            code: "too_many".to_owned(),
            message: format!("At most {most} devices. Remove one first."),
        })
    }

    /// Asks the devices of the scope's person, and wakes them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn challenge(
        &self,
        scope: &Scope,
        held: &[Held<Device>],
        number: bool,
    ) -> Result<Challenge<Prompt, State, Device>, Fault> {
        let (asked, put) = self.ask(scope, held.len(), number).await?;
        let seconds = u16::try_from(self.lifetime.as_secs()).unwrap_or(u16::MAX);
        let prompt = Prompt { number: asked.number, expires_in_seconds: seconds };
        Ok(Challenge {
            wake: Some(LookupKey(asked.wake.clone())),
            expires_in: Some(self.lifetime),
            effects: Effects { send: self.wake(held, put)?, ..Effects::none() },
            ..Challenge::new(prompt, State::Asked(asked))
        })
    }

    /// A prompt that waits nowhere yet.
    ///
    /// # Errors
    /// Those of the random numbers.
    pub fn pose(&self, scope: &Scope, number: bool) -> Result<(Asked, Leaflet), Fault> {
        let (wake, drawn) = (wake(&self.host)?, Asked::number(&self.host)?);
        let expires = scope.now.plus(self.lifetime);
        let shown = shown(scope, self.authenticator, &wake, expires);
        let number = number.then_some(drawn);
        let asked = Asked { wake: wake.clone(), prompt: digest(&shown), number, decided: None };
        let transaction = scope.transaction;
        Ok((asked, Leaflet(Waiting { transaction, wake, shown, number: number.is_some(), expires })))
    }

    /// Asks the devices of the scope's person. The second value says whether it has been put where they find it: not
    /// for somebody without devices, nor after too many; the caller sees the same.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn ask(&self, scope: &Scope, held: usize, number: bool) -> Result<(Asked, bool), Fault> {
        let (asked, Leaflet(waiting)) = self.pose(scope, number)?;
        let put = Inbox::of(&self.host, scope).put(waiting, self.limits).await?;
        Ok((asked, put && held > 0))
    }

    /// Wakes the devices that can be woken, where a prompt has been put where they find it (`put`). Says no more than
    /// that something waits. For nobody there is a message too: the host makes what it makes of any, and delivers it
    /// nowhere.
    ///
    /// # Errors
    /// When a subscription can't be written.
    fn wake(&self, held: &[Held<Device>], put: bool) -> Result<Vec<Message>, Fault> {
        if self.web_push_key.is_none() {
            return Ok(Vec::new());
        }
        let subscriptions = held.iter().filter(|_| put).filter_map(|held| held.doc.push.as_ref());
        let written: Result<Vec<String>, _> = subscriptions.map(serde_json::to_string).collect();
        let mut to = written.map_err(|e| Fault::caused("a subscription can't be written", e))?;
        if to.is_empty() {
            to.push(String::new());
        }
        let message = |to: String| Message {
            channel: CHANNEL.to_owned(),
            to: Secret::new(to),
            template: "wake".to_owned(),
            values: vec![("for".to_owned(), Secret::new(self.authenticator.to_owned()))],
            expires_in: self.lifetime,
        };
        Ok(to.into_iter().map(message).collect())
    }

    /// How a prompt stands.
    pub fn verdict<P>(&self, state: State, held: &[Held<Device>]) -> Verdict<P, State, Device> {
        let State::Asked(asked) = state else { return Verdict::refused(Refusal::Wrong) };
        let Some((credential, key, judged)) = &asked.decided else {
            return Verdict::pending(State::Asked(asked), POLL);
        };
        // It may have been removed since it said yes.
        let there = held.iter().any(|h| h.id == *credential && h.doc.key.thumbprint() == *key);
        match (judged.refusal(), there) {
            (Some(why), _) => Verdict::refused(why),
            (None, true) => Verdict::accepted(*credential),
            (None, false) => Verdict::refused(Refusal::NotEnrolled),
        }
    }

    /// A device answers an invitation or decides about a prompt. `trusted` says whether a device may, besides having
    /// signed. `None`: refused.
    pub fn moved(
        &self,
        scope: &Scope,
        devices: &[Held<Device>],
        (state, event): (State, Event),
        trusted: impl Fn(&Device) -> bool,
    ) -> Option<State> {
        match (state, event) {
            (State::Pairing(pairing), Event { pair: Some(pair), .. }) => {
                let answered = pairing.answered(scope, self.authenticator, pair)?;
                answered.device().is_some_and(trusted).then_some(State::Pairing(answered))
            }
            (State::Asked(asked), Event { decide: Some(decide), .. }) => {
                let by = asked.by(scope, self.authenticator, devices, &decide)?;
                trusted(&by.doc).then(|| State::Asked(asked.decided(by, &decide)))
            }
            _ => None,
        }
    }

    /// The same for a prompt that waits with a person: what is decided no longer does.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn signal(
        &self,
        scope: &Scope,
        devices: &[Held<Device>],
        moving: (State, Event),
        trusted: impl Fn(&Device) -> bool,
    ) -> Result<Option<State>, Fault> {
        let moved = self.moved(scope, devices, moving, trusted);
        if let Some(State::Asked(asked)) = &moved {
            Inbox::of(&self.host, scope).take(&asked.wake, self.limits).await?;
        }
        Ok(moved)
    }

    /// What waits for the device that asks; `None` for one that is not believed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn attend(
        &self,
        scope: &Scope,
        devices: &[Held<Device>],
        ask: &Ask,
    ) -> Result<Option<Reply>, Fault> {
        let Some(_) = ask.by(&self.host, scope, self.authenticator, "", devices).await? else {
            return Ok(None);
        };
        let waiting = Inbox::of(&self.host, scope).waiting().await?;
        Ok(Some(Reply { now: scope.now.as_secs(), prompts: waiting.into_iter().map(Told::of).collect() }))
    }
}
