//! Blocks on the wire.

use gatewright_core::{Person, admin::Part, blocks::Block};
use gatewright_plugin::outcome::moment;
use poem_openapi::{Object, types::Example};
use time::{OffsetDateTime, macros::datetime};

/// An address that is blocked.
#[derive(Object)]
#[oai(rename = "BlockedIp", example)]
pub(crate) struct BlockedIp {
    /// The address; of IPv6 the network that counts as one.
    ip: String,
    /// The tenant.
    tenant_id: String,
    /// When the block began.
    blocked_at: OffsetDateTime,
    /// How long it lasts, in seconds.
    block_time_seconds: i64,
}

/// Somebody who is blocked.
#[derive(Object)]
#[oai(rename = "BlockedUser", example)]
pub(crate) struct BlockedUser {
    /// The person.
    user_id: String,
    /// Login name.
    username: String,
    /// The e-mail address; empty for none.
    email: String,
    /// The tenant.
    tenant_id: String,
    /// When the block began.
    blocked_at: OffsetDateTime,
    /// How long it lasts, in seconds.
    block_time_seconds: i64,
}

/// A page of addresses that are blocked.
#[derive(Object)]
#[oai(rename = "BlockedIpPage", example)]
pub(crate) struct BlockedIpPage {
    /// These.
    data: Vec<BlockedIp>,
    /// Whether there are more after them.
    has_next: bool,
    /// How many there are in all.
    total_count: u64,
}

/// A page of people who are blocked.
#[derive(Object)]
#[oai(rename = "BlockedUserPage", example)]
pub(crate) struct BlockedUserPage {
    /// These.
    data: Vec<BlockedUser>,
    /// Whether there are more after them.
    has_next: bool,
    /// How many there are in all.
    total_count: u64,
}

impl BlockedIpPage {
    /// `after`: how many there are up to the end of the page.
    pub(crate) fn of(tenant: &str, part: Part<Block>, after: usize) -> Self {
        let one = |block: Block| BlockedIp {
            block_time_seconds: lasts(&block),
            blocked_at: moment(block.since),
            ip: block.address.unwrap_or_default(),
            tenant_id: tenant.to_owned(),
        };
        Self {
            has_next: part.total > after,
            total_count: part.total as u64,
            data: part.items.into_iter().map(one).collect(),
        }
    }
}

impl BlockedUserPage {
    /// `after`: how many there are up to the end of the page.
    pub(crate) fn of(tenant: &str, part: Part<(Person, Block)>, after: usize) -> Self {
        let one = |(person, block): (Person, Block)| BlockedUser {
            user_id: person.id.to_string(),
            username: person.username,
            email: person.email.unwrap_or_default(),
            tenant_id: tenant.to_owned(),
            blocked_at: moment(block.since),
            block_time_seconds: lasts(&block),
        };
        Self {
            has_next: part.total > after,
            total_count: part.total as u64,
            data: part.items.into_iter().map(one).collect(),
        }
    }
}

fn lasts(block: &Block) -> i64 {
    i64::try_from(block.until.since(block.since).as_secs()).unwrap_or(i64::MAX)
}

const SINCE: OffsetDateTime = datetime!(2026-01-01 09:00 UTC);

impl Example for BlockedIp {
    fn example() -> Self {
        let (ip, tenant_id) = ("192.0.2.1".to_owned(), "acme".to_owned());
        Self { ip, tenant_id, blocked_at: SINCE, block_time_seconds: 60 }
    }
}

impl Example for BlockedUser {
    fn example() -> Self {
        Self {
            user_id: "018bcfe5-6800-7000-8000-000000000001".to_owned(),
            username: "ann".to_owned(),
            email: "ann@example.org".to_owned(),
            tenant_id: "acme".to_owned(),
            blocked_at: SINCE,
            block_time_seconds: 60,
        }
    }
}

impl Example for BlockedIpPage {
    fn example() -> Self {
        Self { data: vec![BlockedIp::example()], has_next: false, total_count: 1 }
    }
}

impl Example for BlockedUserPage {
    fn example() -> Self {
        Self { data: vec![BlockedUser::example()], has_next: false, total_count: 1 }
    }
}
