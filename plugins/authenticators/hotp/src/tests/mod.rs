#![allow(clippy::unwrap_used)]

mod enrolment;
mod login;
mod seeds;
mod settings;
mod vectors;

use crate::{Algorithm, Config, Credential, Hotp};
use gatewright_contract::{
    Authenticator as _, Call, CredentialId, Fault, Held, Scope, Secret, Timestamp,
    testing::{self, Desk, ready},
};
use std::sync::Arc;

const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);

fn made(config: Config) -> Hotp {
    Hotp::new(config, Arc::new(Desk::counting(NOON))).unwrap()
}

fn scope() -> Scope {
    testing::scope(NOON, Some("anna@example.com"))
}

fn credential(secret: &[u8], algorithm: Algorithm, digits: u8) -> Credential {
    Credential { secret: Secret::new(secret.to_vec()), algorithm, digits, counter: 0, serial: None }
}

fn held(n: u8, doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOON, [n; 10]), label: None, created: NOON, last_used: None, doc }
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Credential>], body: B) -> Call<'a, B, Credential> {
    Call { scope, credentials, body }
}
