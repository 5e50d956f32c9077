//! The form that crosses crates: the same contract with JSON in the place of types.

use crate::{
    Abilities, Attend, Authenticator, BoxFut, CONTRACT, Call, Challenge, CredentialChange, Effects, Enrol,
    Enrolment, Fault, Held, Host, Identified, Identify, Keypad, LookupKey, Manifest, Module, Outcome,
    Pending, Rehearse, Schemas, Signal, Timestamp, Verdict, Violation, manifest::config_schema_of, schema_of,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt;

mod adapt;
pub use adapt::Erased;

/// A JSON body that may hold a secret: not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(pub Value);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A call with JSON credentials.
pub type RawCall<'a, B> = Call<'a, B, Body>;
/// A challenge in JSON.
pub type RawChallenge = Challenge<Value, Body, Body>;
/// A verdict in JSON.
pub type RawVerdict = Verdict<Value, Body, Body>;
/// An enrolment in JSON.
pub type RawEnrolment = Enrolment<Body, Body>;

/// An authenticator whose types are known only as JSON Schemas. Made by `register_authenticator!` from
/// the typed one, or by the host's loader from a shared library.
pub trait DynAuthenticator: Send + Sync + 'static {
    /// What it says about itself.
    fn manifest(&self) -> &Manifest;
    /// Which of those that have served under this id while the host ran: what one has asked is answered to that one. None
    /// where there is only ever one, as with everything that is linked.
    fn generation(&self) -> Option<&str> {
        None
    }
    /// See [`Authenticator::MODULE`].
    fn module(&self) -> Option<&'static Module> {
        None
    }
    /// See [`Authenticator::misfits`].
    fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        let _ = keypad;
        Vec::new()
    }
    /// See [`Authenticator::challenge`].
    fn challenge<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>>;
    /// See [`Authenticator::verify`]; body: state and answer.
    fn verify<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawVerdict, Fault>>;
    /// See [`Enrol::invite`].
    fn invite<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>>;
    /// See [`Enrol::enrol`]; body: draft and proof.
    fn enrol<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawEnrolment, Fault>>;
    /// See [`Identify::identify`]; body: state and answer.
    fn identify<'a>(&'a self, call: RawCall<'a, (Body, Body)>)
    -> BoxFut<'a, Result<Identified<Body>, Fault>>;
    /// See [`Signal::correlate`].
    fn correlate<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>>;
    /// See [`Signal::speaks_for`]. An event without the shape speaks for nobody.
    fn speaks_for<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<Option<LookupKey>, Fault>>;
    /// See [`Signal::signal`]; body: state and event.
    fn signal<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<Option<Body>, Fault>>;
    /// See [`Attend::asker`].
    fn asker<'a>(&'a self, ask: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>>;
    /// See [`Attend::attend`].
    fn attend<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>>;
    /// See [`Authenticator::describe`].
    fn describe<'a>(&'a self, doc: Body) -> BoxFut<'a, Result<Value, Fault>>;
    /// See [`Authenticator::migrate`].
    fn migrate<'a>(&'a self, from: u32, doc: Body) -> BoxFut<'a, Result<Body, Fault>>;
    /// See [`Rehearse::prove`].
    fn prove<'a>(&'a self, invitation: &'a Value, now: Timestamp) -> BoxFut<'a, Option<Value>>;
    /// See [`Rehearse::answer`]; seen: invitation, reveal and prompt.
    fn answer<'a>(&'a self, seen: [&'a Value; 3], now: Timestamp, turn: usize) -> BoxFut<'a, Option<Value>>;
}

/// Reads what a client sent. The message names the mistake, never the value.
fn read<T: DeserializeOwned>(body: Body) -> Result<T, Fault> {
    // serde would take a list for a struct, member by member; the document says object.
    if body.0.is_array() {
        return Err(Fault::bad_request("", "expected an object, not a list"));
    }
    serde_json::from_value(body.0).map_err(|e| Fault::bad_request("", without_values(&e.to_string())))
}

/// serde repeats the offending value in "invalid type" and "invalid value", and the name of an unknown member; a
/// password sent as a number must not come back in an error.
fn without_values(message: &str) -> String {
    if message.starts_with("unknown field ") {
        // The last: what was sent may hold these words too. The names stand between backticks.
        let known = message.rfind(", expected ").map_or("", |at| &message[at..]);
        let names: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        return format!("The body has an unknown member; it may have: {}.", names.join(", "));
    }
    for known in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let Some(rest) = message.strip_prefix(known) {
            let tail = rest.find(", expected").map_or("", |at| &rest[at + 2..]);
            return format!("{}: {tail}", known.trim_end_matches([':', ' ']));
        }
    }
    message.to_owned()
}

/// Reads what the host has sealed; damage is a fault of ours, not of the caller.
fn open<T: DeserializeOwned>(body: Body, what: &str) -> Result<T, Fault> {
    serde_json::from_value(body.0)
        .map_err(|_| Fault::internal(format!("a sealed {what} does not have its shape")))
}

fn write<T: Serialize>(value: &T, what: &str) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|e| Fault::caused(format!("a {what} can't be written as JSON"), e))
}

fn typed_credentials<C: DeserializeOwned>(held: &[Held<Body>]) -> Result<Vec<Held<C>>, Fault> {
    held.iter()
        .map(|h| {
            Ok(Held {
                id: h.id,
                label: h.label.clone(),
                created: h.created,
                last_used: h.last_used,
                doc: open(h.doc.clone(), "credential")?,
            })
        })
        .collect()
}

fn raw_effects<C: Serialize>(effects: Effects<C>) -> Result<Effects<Body>, Fault> {
    let credentials = effects
        .credentials
        .into_iter()
        .map(|change| {
            Ok(match change {
                CredentialChange::Add { doc, label, lookup } => {
                    CredentialChange::Add { doc: Body(write(&doc, "credential")?), label, lookup }
                }
                CredentialChange::Replace { id, doc } => {
                    CredentialChange::Replace { id, doc: Body(write(&doc, "credential")?) }
                }
                CredentialChange::Remove { id } => CredentialChange::Remove { id },
            })
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Effects { credentials, send: effects.send })
}

fn raw_challenge<P: Serialize, S: Serialize, C: Serialize>(
    c: Challenge<P, S, C>,
) -> Result<RawChallenge, Fault> {
    Ok(Challenge {
        prompt: write(&c.prompt, "prompt")?,
        state: Body(write(&c.state, "state")?),
        expires_in: c.expires_in,
        wake: c.wake,
        effects: raw_effects(c.effects)?,
    })
}

fn raw_verdict<P: Serialize, S: Serialize, C: Serialize>(v: Verdict<P, S, C>) -> Result<RawVerdict, Fault> {
    let outcome = match v.outcome {
        Outcome::Accepted(a) => Outcome::Accepted(a),
        Outcome::Refused(r) => Outcome::Refused(r),
        Outcome::Pending(p) => {
            Outcome::Pending(Pending { state: Body(write(&p.state, "state")?), retry_after: p.retry_after })
        }
        Outcome::Continue { prompt, state } => {
            Outcome::Continue { prompt: write(&prompt, "prompt")?, state: Body(write(&state, "state")?) }
        }
    };
    Ok(Verdict { outcome, effects: raw_effects(v.effects)? })
}

fn manifest_of<A: Authenticator>(version: &str, traits: crate::Traits) -> Manifest {
    Manifest {
        id: A::ID.to_owned(),
        version: version.to_owned(),
        contract: CONTRACT,
        about: A::ABOUT.to_owned(),
        document_version: A::DOCUMENT_VERSION,
        sends: A::SENDS,
        asking_counts: A::ASKING_COUNTS,
        assurance: A::ASSURANCE,
        needs: A::NEEDS.iter().map(|&n| n.to_owned()).collect(),
        traits,
        abilities: Abilities::default(),
        schemas: Schemas {
            config: config_schema_of::<A::Config>(),
            config_default: serde_json::to_value(A::Config::default()).unwrap_or(Value::Null),
            begin: schema_of::<A::Begin>(),
            prompt: schema_of::<A::Prompt>(),
            answer: schema_of::<A::Answer>(),
            ..Schemas::default()
        },
    }
}
