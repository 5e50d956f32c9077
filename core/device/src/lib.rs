#![doc = include_str!("../README.md")]

mod ask;
mod decision;
mod flow;
mod inbox;
mod key;
mod leaflet;
mod pairing;
mod qr;
mod rules;
mod shown;
mod statement;
mod text;
mod wire;

#[cfg(test)]
mod tests;

pub use ask::Ask;
pub use decision::{Asked, Decide, Decision, Judged};
pub use flow::{Event, Flow, Reply, State, Told};
pub use inbox::{Inbox, Limits, Waiting};
pub use key::{Jwk, PublicKey};
pub use leaflet::Leaflet;
pub use pairing::{Device, Finish, Invitation, Pair, Pairing, Proof, Subscription};
pub use qr::Picture;
pub use rules::{NumberMatching, Rules};
pub use shown::{digest, shown};
pub use statement::{Statement, base64url};
pub use text::clean;
pub use wire::{Begin, Invite, Prompt};

use gatewright_contract::{Fault, Host, HostExt as _, Scope};
use url::form_urlencoded::Serializer;

/// How far a device's clock may be off.
pub const CLOCK_SECONDS: i64 = 60;

/// 128 random bits in base64url: names a challenge to a device, and is no secret by itself.
///
/// # Errors
/// Those of the host's random numbers.
pub fn wake(host: &Host) -> Result<String, Fault> {
    Ok(base64url(&host.random_array::<16>()?))
}

/// What a device opens: which server, tenant and authenticator it is about, and more.
pub fn link(about: &str, scope: &Scope, authenticator: &str, more: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new())
        .append_pair("server", &scope.site.url)
        .append_pair("tenant", scope.tenant.as_str())
        .append_pair("for", authenticator)
        .extend_pairs(more)
        .finish();
    format!("gatewright:{about}?{query}")
}
