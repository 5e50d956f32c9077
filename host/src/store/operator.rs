//! What an operator does with a whole database, without a host and without plugins: look at it, bring its
//! tables up to date, move it to another database, back it up.

mod backup;
mod copy;
mod digest;
mod error;
pub(in crate::store) mod link;
pub(in crate::store) mod status;

pub use backup::{Restored, backup, restore};
pub use copy::{Copied, Progress, copy};
pub use error::OperatorError;
pub use status::{Rows, Status, Step, migrate, status};

/// The table that a database has while it is being copied to. A host refuses to start on such a database.
pub(in crate::store) const UNFINISHED: &str = "unfinished_copy";
