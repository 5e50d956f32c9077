//! A client of VP1, written from its description alone and not from the server's code: what the two agree on, two have read
//! the same way. Every part can be bent, so that a story can lie in it.

mod bytes;
mod code;
mod context;
mod helper;
mod proof;
mod secret;
mod stretch;
mod talk;

pub use bytes::{b64u, lp, of_b64u, random};
pub use code::{Picture, decoded, encoded};
pub use context::{Context, Sealed};
pub use helper::{ALG, CODE, Helper};
pub use proof::{Key, challenge_of, proves, user_id};
pub use secret::{Secret, blinded_by, evaluate, finalized};
pub use stretch::{Stretched, hkdf, stretched};
pub use talk::{Asking, Commitment, Told, sealed_open};

/// The version that is spoken.
pub const VERSION: &str = "vp1";
/// `kind` of a key for a login, and of one for an enrolment.
pub const LOGIN: u8 = 1;
/// See [`LOGIN`].
pub const ENROL: u8 = 2;
