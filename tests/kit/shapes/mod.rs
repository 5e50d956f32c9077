//! Five fake authenticators, one for each shape that the contract must carry. They are whole, small, and
//! proofs of nothing but the contract: where a real one computes a signature, these compare two texts.
//!
//! None registers itself; a test hands over the [`registration`](keyless::registration) of what it needs.

pub mod approve;
pub mod asked;
pub mod cells;
pub mod edition;
pub mod keyless;
pub mod mailed;
pub mod redirect;
pub mod rounds;
pub mod unbuilt;

/// What each of them names.
mod prelude {
    pub(super) use super::{by, second, token};
    pub(super) use gatewright_contract::{
        Accepted, Authenticator, Call, Challenge, CredentialChange, CredentialId, Effects, Enrol, Enrolment,
        Fault, Host, HostExt as _, Identified, Identify, Kind, LookupKey, Nothing, Refusal, Registration,
        Rehearse, Secret, Signal, Steps, Timestamp, Traits, Verdict, Violation, in_sealed_document,
    };
    pub(super) use schemars::JsonSchema;
    pub(super) use serde::{Deserialize, Serialize};
    pub(super) use serde_json::{Value, json};
    pub(super) use std::time::Duration;
}

use gatewright_contract::{
    Accepted, CredentialId, Fault, Host, HostExt as _, Kind, Registration, Steps, Traits,
};

/// All five.
pub fn registrations() -> [Registration; 5] {
    [
        approve::registration(),
        cells::registration(),
        keyless::registration(),
        redirect::registration(),
        rounds::registration(),
    ]
}

/// 128 random bits as hex digits.
fn token(host: &Host) -> Result<String, Fault> {
    Ok(data_encoding::HEXLOWER.encode(&host.random_array::<16>()?))
}

/// A second factor, one a person.
fn second(amr: &[&str], kind: Kind) -> Traits {
    Traits {
        amr: amr.iter().map(ToString::to_string).collect(),
        kind,
        phishing_resistant: false,
        many: false,
        single_use: true,
        self_service: true,
        steps: Steps { first: false, second: true, fallback: false },
    }
}

fn by(credential: CredentialId) -> Accepted {
    Accepted { credential: Some(credential), ..Accepted::default() }
}
