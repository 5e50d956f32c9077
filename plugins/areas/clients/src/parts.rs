//! What the operations of both dialects need.

use gatewright_contract::Violation;
use gatewright_core::Problem;

/// One thing that is wrong.
pub(crate) fn wrong(member: &str, message: &str) -> Problem {
    let violation = Violation { code: member.to_owned(), message: format!("`{member}`: {message}") };
    Problem::violations(vec![violation])
}
