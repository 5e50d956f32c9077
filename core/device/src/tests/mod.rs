#![allow(clippy::unwrap_used)]

mod keys;
mod pairing;
mod prompts;

use gatewright_contract::{Scope, Timestamp, testing};

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

fn scope() -> Scope {
    testing::scope(NOW, Some("ann"))
}
