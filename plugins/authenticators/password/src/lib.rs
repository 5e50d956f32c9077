#![doc = include_str!("../README.md")]

mod authenticator;
mod blocklist;
mod config;
mod credential;
mod enrolment;
pub mod hash;
pub mod rules;
#[cfg(test)]
mod tests;

pub use authenticator::Password;
pub use config::Config;
pub use credential::{Credential, Old};

gatewright_contract::register_authenticator!(Password: enrol, rehearse);
