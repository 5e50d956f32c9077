#![doc = include_str!("../README.md")]

mod authenticator;
mod blocklist;
mod config;
mod enrolment;
pub mod hash;
pub mod rules;

pub use authenticator::Password;
pub use config::Config;

gatewright_contract::register_authenticator!(Password: enrol, rehearse);
