//! When somebody who does not exist would have logged in.
//!
//! Somebody who exists is asked for something else after each login. Who watches what a name is asked for must not see
//! by that whether somebody has it: so a name that nobody has "logs in" as well, on days and at hours that are its own.

use aws_lc_rs::hmac::{Key, sign};
use gatewright_contract::Timestamp;

const DAY: u64 = 24 * 60 * 60;
/// So many days are looked back for the last login; after that the name is one that logs in seldom.
const LOOK_BACK: u64 = 60;
/// On how many days of 256 the laziest name logs in, and by how many more the others.
const LEAST: u8 = 24;
const SPREAD: u8 = 160;

/// Names the time since the last login: it stays the same until the next.
pub(crate) fn since_login(key: &Key, now: Timestamp) -> u64 {
    let now = u64::try_from(now.as_secs()).unwrap_or(0);
    let often = LEAST + first(key, "rhythm", 0)[0] % SPREAD;
    let has_logged_in = |day: &u64| {
        let drawn = first(key, "day", *day);
        let hour = u64::from(u32::from_be_bytes([drawn[1], drawn[2], drawn[3], drawn[4]])) % DAY;
        drawn[0] < often && day * DAY + hour <= now
    };
    let today = now / DAY;
    let lately = today.saturating_sub(LOOK_BACK)..=today;
    lately.rev().find(has_logged_in).unwrap_or(today / LOOK_BACK)
}

/// The beginning of a keyed hash.
fn first(key: &Key, what: &str, number: u64) -> [u8; 5] {
    let mut text = what.as_bytes().to_vec();
    text.extend(number.to_be_bytes());
    let mut bytes = [0; 5];
    bytes.copy_from_slice(&sign(key, &text).as_ref()[..5]);
    bytes
}
