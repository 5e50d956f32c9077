//! Accounts whose secret never comes here: people register themselves, replace what they have lost, and change what they
//! have, with an authenticator that keeps what it has asked itself.

mod change;
mod invite;
pub(super) mod letters;
mod lost;
mod register;

use gatewright_contract::TenantId;

/// For whom something is to be set up, and by which program.
#[derive(Clone, Debug)]
pub struct Anybody {
    /// The tenant.
    pub tenant: TenantId,
    /// The login name, as it was typed.
    pub username: String,
    /// Program that asks, in the dialect's own words.
    pub client: Option<String>,
    /// The authorization request that it is for.
    pub request: Option<String>,
}
