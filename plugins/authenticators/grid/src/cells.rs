//! Which cells are asked for.
//!
//! They are drawn when a card is made and after each right answer, and kept in the card until then: a thief who knows
//! three cells must not ask again and again until these come up. Because a challenge changes nothing, it can't tell
//! either, by taking longer or by getting in its own way, whether somebody of that name exists.

use crate::rhythm::since_login;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use gatewright_contract::{Fault, Host, Pseudonym, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A cell of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Column, from zero: 0 is `A`.
    pub column: u8,
    /// Row, from zero: 0 is the first.
    pub row: u8,
}

/// A number below `limit`, each as likely as any other.
pub(crate) fn below(host: &Host, limit: u16) -> Result<u16, Fault> {
    // What is left over at the end of the range is thrown away.
    let fair = (u16::MAX / limit) * limit;
    loop {
        let mut bytes = [0; 2];
        host.random(&mut bytes)?;
        let drawn = u16::from_be_bytes(bytes);
        if drawn < fair {
            return Ok(drawn % limit);
        }
    }
}

/// Draws cells that were not asked for lately, in any order.
pub(crate) fn draw(
    host: &Host,
    (columns, rows): (u8, u8),
    count: u8,
    recent: &[Cell],
) -> Result<Vec<Cell>, Fault> {
    let all = (0..rows).flat_map(|row| (0..columns).map(move |column| Cell { column, row }));
    let mut left: Vec<Cell> = all.filter(|cell| !recent.contains(cell)).collect();
    let mut drawn = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let limit = u16::try_from(left.len()).unwrap_or(0);
        if limit == 0 {
            return Err(Fault::internal("a card has fewer cells than are to be asked for"));
        }
        drawn.push(left.swap_remove(usize::from(below(host, limit)?)));
    }
    Ok(drawn)
}

/// How many of the cells asked for last are not asked for again: half the card, so that the next ones can't be foreseen.
pub(crate) fn remembered((columns, rows): (u8, u8), count: u8) -> usize {
    let cells = usize::from(columns) * usize::from(rows);
    (cells / 2).min(cells.saturating_sub(usize::from(count)))
}

/// The cells for somebody who has no card, or does not exist: the same at each try, until a login could have changed
/// them.
pub(crate) fn decoy(
    pseudonym: &Pseudonym,
    now: Timestamp,
    (columns, rows): (u8, u8),
    count: u8,
) -> Vec<Cell> {
    let key = Key::new(HMAC_SHA256, &pseudonym.0);
    let mut text = b"cells".to_vec();
    text.extend(since_login(&key, now).to_be_bytes());
    let stream = sign(&key, &text);
    let mut left: Vec<Cell> =
        (0..rows).flat_map(|row| (0..columns).map(move |column| Cell { column, row })).collect();
    // Two bytes for each: 32 are enough for the most that is ever asked for.
    let numbers =
        stream.as_ref().chunks_exact(2).map(|pair| usize::from(pair[0]) * 256 + usize::from(pair[1]));
    let mut drawn = Vec::with_capacity(usize::from(count));
    for number in numbers.take(usize::from(count)) {
        drawn.push(left.swap_remove(number % left.len().max(1)));
    }
    drawn
}
