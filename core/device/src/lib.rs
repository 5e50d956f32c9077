#![doc = include_str!("../README.md")]

mod ask;
mod decision;
mod flow;
mod inbox;
mod key;
mod pairing;
mod qr;
mod shown;
mod statement;
mod text;

#[cfg(test)]
mod tests;

pub use ask::Ask;
pub use decision::{Asked, Decide, Decision, Judged};
pub use flow::{Event, Flow, Reply, State, Told};
pub use inbox::{Inbox, Limits, Waiting};
pub use key::{Jwk, PublicKey};
pub use pairing::{Device, Finish, Invitation, Pair, Pairing, Proof, Subscription};
pub use qr::Picture;
pub use shown::{digest, shown};
pub use statement::{Statement, base64url};
pub use text::clean;

use gatewright_contract::{Fault, Host, HostExt as _};

/// How far a device's clock may be off.
pub const CLOCK_SECONDS: i64 = 60;

/// 128 random bits in base64url: names a challenge to a device, and is no secret by itself.
///
/// # Errors
/// Those of the host's random numbers.
pub fn wake(host: &Host) -> Result<String, Fault> {
    Ok(base64url(&host.random_array::<16>()?))
}
