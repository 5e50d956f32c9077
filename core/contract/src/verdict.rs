//! What a step returns.

use crate::{Body, CredentialId, LookupKey, Secret};
use serde_json::{Map, Value};
use std::time::Duration;

/// A prompt for the person and what the author needs back to judge the answer. Has no `Debug`: a prompt may
/// hold a secret.
pub struct Challenge<P, S, C> {
    /// Shown to the person.
    pub prompt: P,
    /// Sealed by the host and handed back with the answer; the person never sees it.
    pub state: S,
    /// How long an answer is accepted; at most what is left of the transaction.
    pub expires_in: Option<Duration>,
    /// A name under which something from outside may find this challenge ([`crate::Signal`]).
    pub wake: Option<LookupKey>,
    /// What changes.
    pub effects: Effects<C>,
}

impl<P, S, C> Challenge<P, S, C> {
    /// A challenge without side effects.
    pub fn new(prompt: P, state: S) -> Self {
        Self { prompt, state, expires_in: None, wake: None, effects: Effects::none() }
    }
}

/// The answer to an answer.
#[derive(Debug)]
pub struct Verdict<P, S, C> {
    /// Yes, no, wait, or go on.
    pub outcome: Outcome<P, S>,
    /// What changes; written whatever the outcome.
    pub effects: Effects<C>,
}

/// Yes, no, wait, or go on.
#[derive(Debug)]
pub enum Outcome<P, S> {
    /// The person has proven it.
    Accepted(Accepted),
    /// The person has not. The reason goes to the audit log, never to the caller.
    Refused(Refusal),
    /// Nobody has decided yet; ask again later (push).
    Pending(Pending<S>),
    /// Another round.
    Continue {
        /// Shown to the person.
        prompt: P,
        /// Handed back with the next answer.
        state: S,
    },
}

/// A yes, with what is worth knowing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The credential that did it; `None` where there is none (an upstream provider).
    pub credential: Option<CredentialId>,
    /// Replaces the declared `amr` values (RFC 8176) where this proof was stronger or weaker.
    pub amr: Option<Vec<String>>,
    /// Whether the device checked the person itself (PIN, fingerprint): counts as a second kind.
    pub user_verified: bool,
    /// What an upstream provider said about the person, for provisioning.
    pub claims: Map<String, Value>,
    /// It was right for the last time: before the login ends the person must set up a new one (a password that has
    /// grown too old).
    pub renew: bool,
    /// Handed to the client along with the yes, exactly once (the next number of a remembered device).
    pub reveal: Option<Body>,
}

/// A wait.
#[derive(Debug)]
pub struct Pending<S> {
    /// Handed back with the next poll.
    pub state: S,
    /// When polling again makes sense.
    pub retry_after: Duration,
}

/// Why not, for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Not the right answer.
    Wrong,
    /// Was right once and has been used.
    Replayed,
    /// Right, and a sign that the credential exists twice (a counter that went back).
    Cloned,
    /// Came too late.
    Expired,
    /// There is nothing to hold it against.
    NotEnrolled,
    /// The person said no on another device.
    Declined,
    /// The person said on another device that somebody else is trying.
    Concern,
}

impl Refusal {
    /// The word in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Replayed => "replayed",
            Self::Cloned => "cloned",
            Self::Expired => "expired",
            Self::NotEnrolled => "not_enrolled",
            Self::Declined => "declined",
            Self::Concern => "concern",
        }
    }
}

impl Refusal {
    /// All of them.
    const ALL: [Self; 7] = [
        Self::Wrong,
        Self::Replayed,
        Self::Cloned,
        Self::Expired,
        Self::NotEnrolled,
        Self::Declined,
        Self::Concern,
    ];

    /// Of its word; `None` when it is none.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == word)
    }
}

impl<P, S, C> Verdict<P, S, C> {
    /// Yes, by this credential.
    pub fn accepted(credential: CredentialId) -> Self {
        Self::of(Accepted { credential: Some(credential), ..Accepted::default() })
    }

    /// Yes, with details.
    pub fn of(accepted: Accepted) -> Self {
        Self { outcome: Outcome::Accepted(accepted), effects: Effects::none() }
    }

    /// No.
    pub fn refused(why: Refusal) -> Self {
        Self { outcome: Outcome::Refused(why), effects: Effects::none() }
    }

    /// Not yet.
    pub fn pending(state: S, retry_after: Duration) -> Self {
        Self { outcome: Outcome::Pending(Pending { state, retry_after }), effects: Effects::none() }
    }

    /// Another round.
    pub fn go_on(prompt: P, state: S) -> Self {
        Self { outcome: Outcome::Continue { prompt, state }, effects: Effects::none() }
    }

    /// And the credential's document becomes this.
    #[must_use]
    pub fn replacing(mut self, id: CredentialId, doc: C) -> Self {
        self.effects.credentials.push(CredentialChange::Replace { id, doc });
        self
    }

    /// And the credential goes.
    #[must_use]
    pub fn removing(mut self, id: CredentialId) -> Self {
        self.effects.credentials.push(CredentialChange::Remove { id });
        self
    }
}

/// What a step does to the world: the host does it, in one transaction with the step.
#[derive(Debug)]
pub struct Effects<C> {
    /// Written only where nobody else has written since; otherwise the whole step is refused.
    pub credentials: Vec<CredentialChange<C>>,
    /// Written with the step, and handed to a channel after it.
    pub send: Vec<Message>,
}

impl<C> Effects<C> {
    /// Nothing.
    pub fn none() -> Self {
        Self { credentials: Vec::new(), send: Vec::new() }
    }

    /// Whether it is nothing.
    pub fn is_none(&self) -> bool {
        self.credentials.is_empty() && self.send.is_empty()
    }
}

/// A change of one credential.
#[derive(Debug)]
pub enum CredentialChange<C> {
    /// One more (a device that is remembered from now on).
    Add {
        /// Its document.
        doc: C,
        /// A name for it.
        label: Option<String>,
        /// What finds it without the person.
        lookup: Option<LookupKey>,
    },
    /// A new document in place of the old.
    Replace {
        /// Which.
        id: CredentialId,
        /// The new document.
        doc: C,
    },
    /// Gone.
    Remove {
        /// Which.
        id: CredentialId,
    },
}

/// A message for a person, delivered by a channel plugin.
///
/// Where there is nobody to write to (an unknown name, somebody without an address), send one
/// [`Message::nobody`] in its place: it costs and is refused like any other, and goes nowhere.
#[derive(Debug)]
pub struct Message {
    /// Id of the channel (`smtp`, `sms-webhook`, …).
    pub channel: String,
    /// Address or number; empty: nobody.
    pub to: Secret<String>,
    /// Name of the template.
    pub template: String,
    /// Values for the template; may hold a code.
    pub values: Vec<(String, Secret<String>)>,
    /// After this long nobody needs it any more: it is not delivered later. At most a day.
    pub expires_in: Duration,
}

impl Message {
    /// Takes the way of a message by this channel and template, and goes nowhere.
    pub fn nobody(channel: &str, template: &str, expires_in: Duration) -> Self {
        let (channel, template) = (channel.to_owned(), template.to_owned());
        Self { channel, to: Secret::new(String::new()), template, values: Vec::new(), expires_in }
    }
}
