//! Blocks, so that somebody can look at them. What keeps people out is the counter ([`crate::throttle`]), which holds
//! nothing but a hash of a name; so each block is noted when it begins, in the commit of the wrong answer that began it.

use crate::{problem::Result, rate::network_of, store::Record};
use gatewright_contract::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The kind of record that tells of somebody who is blocked. Its owner is the person. One is written for a name that
/// nobody has as well: a wrong answer costs the same for all names. Its date is its end.
pub const BLOCKED_PERSON: &str = "block-person";

/// The kind of record that tells of an address that is blocked. Its date is its end.
pub const BLOCKED_ADDRESS: &str = "block-address";

/// What is noted of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Who; none for an address, and for a name that nobody has.
    pub person: Option<PersonId>,
    /// The address, or the network that counts as one; none for a person.
    pub address: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

impl Block {
    /// What is stored, unless it is over.
    ///
    /// # Errors
    /// When the record is damaged.
    pub fn of(record: &Record, now: Timestamp) -> Result<Option<Self>> {
        let block: Self = record.value()?;
        Ok((block.until > now).then_some(block))
    }
}

/// What counts as one address, as people write it.
pub fn network(address: IpAddr) -> String {
    match network_of(address) {
        IpAddr::V6(v6) => format!("{v6}/64"),
        v4 => v4.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_network_is_written_as_one() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:ffff::9"), "2001:db8:1:2::/64");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
