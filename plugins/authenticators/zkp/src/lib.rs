#![doc = include_str!("../README.md")]

mod authenticator;
mod body;
mod bounded;
mod challenged;
mod config;
mod enrol;
mod fakes;
mod keys;
mod module;
mod oprf;
mod record;
pub mod vp1;

#[cfg(test)]
mod tests;

pub use authenticator::{State, Zkp};
pub use body::{Answer, Begin, Invitation, Invite, Prompt, Proof};
pub use bounded::Report;
pub use config::Config;
pub use oprf::{Evaluated, Oprf};
pub use record::{Credential, Fixed};

gatewright_contract::register_authenticator!(Zkp: enrol);
