//! The contract as JSON, for an authenticator on the other side of a library boundary.
//!
//! A method has a name, takes one JSON object ([`Request`]) and gives one ([`Reply`]), or a [`Status`] with an
//! explanation ([`Refused`]). `core/abi/include/gatewright.h` describes each for those who write C; [`serve`] is the
//! side of the authenticator, and the host's loader that of the host. What travels holds secrets in clear (opened
//! credential documents, codes to send): neither side logs it.

mod effects;
mod reply;
mod request;
mod serve;
mod status;
#[cfg(test)]
mod tests;

pub use effects::{ChangeOut, MessageOut};
pub use reply::{Reply, Word};
pub use request::Request;
pub use serve::serve;
pub use status::{Refused, Status};

/// Every method, by its name on the wire.
pub const METHODS: [&str; 14] = [
    "challenge",
    "verify",
    "invite",
    "enrol",
    "identify",
    "correlate",
    "speaks_for",
    "signal",
    "asker",
    "attend",
    "describe",
    "migrate",
    "prove",
    "answer",
];
