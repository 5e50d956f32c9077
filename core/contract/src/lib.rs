#![doc = include_str!("../README.md")]

mod ability;
mod allowance;
mod authenticator;
mod call;
mod erased;
mod fault;
mod host;
mod id;
mod manifest;
mod provision;
mod register;
mod secret;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
mod verdict;
pub mod wire;

pub use ability::{
    Attend, Enrol, Enrolment, Identified, Identify, InvitationOf, Rehearse, Signal, Violation,
};
pub use allowance::Allowance;
pub use authenticator::{Authenticator, ChallengeOf, VerdictOf};
pub use call::{Asker, Call, Held, Keypad, PersonView, Pseudonym, Purpose, Scope, Site};
pub use erased::{Body, DynAuthenticator, Erased, RawCall, RawChallenge, RawEnrolment, RawVerdict};
pub use fault::Fault;
pub use host::{BoxFut, Host, HostExt, HostServices, LogLevel, Versioned};
pub use id::{CredentialId, LookupKey, PersonId, SessionId, TenantId, TransactionId};
pub use manifest::{Abilities, Assurance, Kind, Manifest, Module, Schemas, Steps, Traits, schema_of};
pub use provision::{Change, ChangeKind, Provisioned, Provisioner};
pub use register::Registration;
pub use secret::{Secret, in_sealed_document};
/// The JSON of this contract, in the version that it speaks.
pub use serde_json;
pub use timestamp::Timestamp;
pub use verdict::{
    Accepted, Challenge, CredentialChange, Effects, Message, Outcome, Pending, Refusal, Verdict,
};

/// Version of this contract. A plugin made for another version is refused at start.
pub const CONTRACT: u32 = 1;

/// What `register_authenticator!` expands to needs these.
#[doc(hidden)]
pub mod private {
    pub use inventory;
}

/// An empty JSON object: for a step that needs no input or shows nothing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
#[schemars(example = Nothing {})]
pub struct Nothing {}
