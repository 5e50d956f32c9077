//! What the authenticator replies.

use super::{ChangeOut, MessageOut};
use crate::{
    Accepted, Body, Challenge, CredentialChange, CredentialId, Effects, Enrolment, Fault, Identified,
    LookupKey, Message, Outcome, Pending, RawChallenge, RawEnrolment, RawVerdict, Refusal, Verdict,
    Violation,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// verify: yes.
    Accepted,
    /// verify: no (`why`); signal, attend: not believed.
    Refused,
    /// verify, enrol: nobody has decided yet.
    Pending,
    /// verify: another round.
    Continue,
    /// enrol: it is there.
    Enrolled,
    /// enrol: the person can do something about it (`violations`).
    Rejected,
    /// signal: `state` is the state from now on.
    Moved,
    /// attend: `reply` is told.
    Answered,
}

/// One reply; which members a method gives is in its line of `gatewright.h`. A member that is null may be absent, one
/// that is not known is a mistake.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// How it came out (verify, enrol, signal, attend).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Word>,
    /// Shown to the person.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub prompt: Value,
    /// Shown to the person to enrol.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub invitation: Value,
    /// Kept between two steps, sealed.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub state: Value,
    /// Kept between the two steps of an enrolment, sealed.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub draft: Value,
    /// See [`Challenge::expires_in`]; milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// See [`Challenge::wake`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake: Option<LookupKey>,
    /// See [`Effects::credentials`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeOut>,
    /// See [`Effects::send`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<MessageOut>,
    /// Accepted: which credential did it. Enrolled: the document to keep.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub credential: Value,
    /// See [`Accepted::amr`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// See [`Accepted::user_verified`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub user_verified: bool,
    /// See [`Accepted::claims`].
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
    /// See [`Accepted::renew`].
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub renew: bool,
    /// Shown exactly once (accepted, enrolled).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Value>,
    /// Refused: the word of [`Refusal::as_str`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Pending: when asking again makes sense; milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Rejected: what is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// Enrolled: a name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What finds a credential (enrolled, identify, correlate, speaks_for, asker).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<LookupKey>,
    /// Answered: what the device is told.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub reply: Value,
    /// describe: what may be seen.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub details: Value,
    /// migrate: the document in the current version.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub doc: Value,
    /// prove, answer: what a person would send; null where that can't be told.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub rehearsed: Value,
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn shapeless(what: &str) -> Fault {
    Fault::internal(format!("the plugin's reply is not one: {what}"))
}

impl Reply {
    /// The bytes.
    ///
    /// # Errors
    /// When a number can't be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(|e| Fault::caused("a reply can't be written", e))
    }

    /// Reads it. The message names the place, never a value.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it is no reply.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        // serde would take a list for a struct, member by member.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(shapeless("not an object"));
        }
        serde_json::from_slice(bytes)
            .map_err(|e| shapeless(&format!("line {}, column {}", e.line(), e.column())))
    }

    fn with(mut self, effects: Effects<Body>) -> Self {
        self.changes = effects.credentials.into_iter().map(ChangeOut::from).collect();
        self.send = effects.send.iter().map(MessageOut::from).collect();
        self
    }

    fn effects(changes: Vec<ChangeOut>, send: Vec<MessageOut>) -> Effects<Body> {
        Effects {
            credentials: changes.into_iter().map(CredentialChange::from).collect(),
            send: send.into_iter().map(Message::from).collect(),
        }
    }

    /// Of a challenge.
    pub fn of_challenge(c: RawChallenge) -> Self {
        let expires_in_ms = c.expires_in.map(millis);
        let reply =
            Self { prompt: c.prompt, state: c.state.0, expires_in_ms, wake: c.wake, ..Self::default() };
        reply.with(c.effects)
    }

    /// Of an invitation.
    pub fn of_invitation(c: RawChallenge) -> Self {
        let mut reply = Self::of_challenge(c);
        reply.invitation = reply.prompt.take();
        reply.draft = reply.state.take();
        reply
    }

    /// The challenge.
    pub fn challenge(self) -> RawChallenge {
        Challenge {
            prompt: self.prompt,
            state: Body(self.state),
            expires_in: self.expires_in_ms.map(Duration::from_millis),
            wake: self.wake,
            effects: Self::effects(self.changes, self.send),
        }
    }

    /// The invitation.
    pub fn invited(self) -> RawChallenge {
        let (invitation, draft) = (self.invitation.clone(), self.draft.clone());
        Challenge { prompt: invitation, state: Body(draft), ..self.challenge() }
    }

    /// Of a verdict.
    pub fn of_verdict(v: RawVerdict) -> Self {
        let reply = match v.outcome {
            Outcome::Accepted(a) => Self {
                outcome: Some(Word::Accepted),
                credential: a.credential.map_or(Value::Null, |id| Value::String(id.to_string())),
                amr: a.amr,
                user_verified: a.user_verified,
                claims: a.claims,
                renew: a.renew,
                reveal: a.reveal.map(|r| r.0),
                ..Self::default()
            },
            Outcome::Refused(why) => {
                Self { outcome: Some(Word::Refused), why: Some(why.as_str().to_owned()), ..Self::default() }
            }
            Outcome::Pending(p) => Self {
                outcome: Some(Word::Pending),
                state: p.state.0,
                retry_after_ms: Some(millis(p.retry_after)),
                ..Self::default()
            },
            Outcome::Continue { prompt, state } => {
                Self { outcome: Some(Word::Continue), prompt, state: state.0, ..Self::default() }
            }
        };
        reply.with(v.effects)
    }

    /// The verdict.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it is none. Never a yes by mistake: `accepted` must be said.
    pub fn verdict(self) -> Result<RawVerdict, Fault> {
        let outcome = match self.outcome {
            Some(Word::Accepted) => Outcome::Accepted(Accepted {
                credential: match &self.credential {
                    Value::Null => None,
                    Value::String(id) => {
                        Some(CredentialId::parse(id).ok_or_else(|| shapeless("`credential` is no id"))?)
                    }
                    _ => return Err(shapeless("`credential` is no id")),
                },
                amr: self.amr,
                user_verified: self.user_verified,
                claims: self.claims,
                renew: self.renew,
                reveal: self.reveal.map(Body),
            }),
            Some(Word::Refused) => Outcome::Refused(match self.why.as_deref() {
                None => Refusal::Wrong,
                Some(why) => Refusal::parse(why).ok_or_else(|| shapeless("`why` is no known word"))?,
            }),
            Some(Word::Pending) => Outcome::Pending(Pending {
                state: Body(self.state),
                retry_after: Duration::from_millis(self.retry_after_ms.unwrap_or(1_000)),
            }),
            Some(Word::Continue) => Outcome::Continue { prompt: self.prompt, state: Body(self.state) },
            _ => return Err(shapeless("`outcome` of verify is accepted, refused, pending or continue")),
        };
        Ok(Verdict { outcome, effects: Self::effects(self.changes, self.send) })
    }

    /// Of an enrolment.
    pub fn of_enrolment(e: RawEnrolment) -> Self {
        match e {
            Enrolment::Enrolled { credential, label, lookup, reveal } => Self {
                outcome: Some(Word::Enrolled),
                credential: credential.0,
                label,
                lookup,
                reveal: Some(reveal.0),
                ..Self::default()
            },
            Enrolment::Rejected(violations) => {
                Self { outcome: Some(Word::Rejected), violations, ..Self::default() }
            }
            Enrolment::Pending { retry_after } => Self {
                outcome: Some(Word::Pending),
                retry_after_ms: Some(millis(retry_after)),
                ..Self::default()
            },
        }
    }

    /// The enrolment.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it is none.
    pub fn enrolment(self) -> Result<RawEnrolment, Fault> {
        Ok(match self.outcome {
            Some(Word::Enrolled) => Enrolment::Enrolled {
                credential: Body(self.credential),
                label: self.label,
                lookup: self.lookup,
                reveal: Body(self.reveal.unwrap_or(Value::Null)),
            },
            Some(Word::Rejected) => Enrolment::Rejected(self.violations),
            Some(Word::Pending) => Enrolment::Pending {
                retry_after: Duration::from_millis(self.retry_after_ms.unwrap_or(1_000)),
            },
            _ => return Err(shapeless("`outcome` of enrol is enrolled, rejected or pending")),
        })
    }

    /// Who was found.
    pub fn identified(self) -> Identified<Body> {
        Identified { lookup: self.lookup, state: Body(self.state) }
    }

    /// The key, where one must be there.
    ///
    /// # Errors
    /// [`Fault::Internal`] without one.
    pub fn key(self) -> Result<LookupKey, Fault> {
        self.lookup.ok_or_else(|| shapeless("`lookup` is missing"))
    }

    /// The state after an event; `None`: refused.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it is neither.
    pub fn moved(self) -> Result<Option<Body>, Fault> {
        match self.outcome {
            Some(Word::Moved) => Ok(Some(Body(self.state))),
            Some(Word::Refused) => Ok(None),
            _ => Err(shapeless("`outcome` of signal is moved or refused")),
        }
    }

    /// What a device is told; `None`: refused.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it is neither.
    pub fn answered(self) -> Result<Option<Value>, Fault> {
        match self.outcome {
            Some(Word::Answered) => Ok(Some(self.reply)),
            Some(Word::Refused) => Ok(None),
            _ => Err(shapeless("`outcome` of attend is answered or refused")),
        }
    }
}
