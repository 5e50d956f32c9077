//! What is kept about one card.

use crate::{
    Config,
    cells::{self, Cell},
};
use gatewright_contract::{Fault, Host, Secret, Timestamp, in_sealed_document};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

const DAY: u64 = 24 * 60 * 60;
/// Digits of a serial number.
const SERIAL_DIGITS: usize = 8;

/// The document of one card, sealed at rest: what is asked for must be compared cell by cell, so it can't be hashed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What is printed on it, so that several can be told apart; no secret.
    pub serial: String,
    /// Columns.
    pub columns: u8,
    /// Rows.
    pub rows: u8,
    /// Characters in a cell.
    pub characters_per_cell: u8,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// All cells, row by row.
    #[serde(with = "in_sealed_document")]
    pub(crate) characters: Secret<String>,
    /// The cells that are asked for until they are answered.
    pub(crate) asked: Vec<Cell>,
    /// The cells that were asked for last, oldest first.
    pub(crate) recent: Vec<Cell>,
}

impl Card {
    /// A new one, filled by the host's random number generator.
    pub(crate) fn new(config: &Config, host: &Host, now: Timestamp) -> Result<Self, Fault> {
        let alphabet = config.alphabet.as_bytes();
        let limit = u16::try_from(alphabet.len()).unwrap_or(0);
        let length = usize::from(config.cells()) * usize::from(config.characters_per_cell);
        let mut characters = String::with_capacity(length);
        for _ in 0..length {
            characters.push(char::from(alphabet[usize::from(cells::below(host, limit)?)]));
        }
        let mut serial = String::with_capacity(SERIAL_DIGITS);
        for _ in 0..SERIAL_DIGITS {
            serial.push(char::from(b'0' + cells::below(host, 10)? as u8));
        }
        let days = config.valid_days.map(|days| Duration::from_secs(u64::from(days) * DAY));
        Ok(Self {
            serial,
            columns: config.columns,
            rows: config.rows,
            characters_per_cell: config.characters_per_cell,
            expires: days.map(|days| now.plus(days)),
            characters: Secret::new(characters),
            asked: cells::draw(host, (config.columns, config.rows), config.challenge_cells, &[])?,
            recent: Vec::new(),
        })
    }

    /// A card of nobody's, with which an answer is compared when there is no other. That it fits counts for nothing.
    pub(crate) fn nobody(config: &Config) -> Self {
        let length = usize::from(config.cells()) * usize::from(config.characters_per_cell);
        Self {
            serial: String::new(),
            columns: config.columns,
            rows: config.rows,
            characters_per_cell: config.characters_per_cell,
            expires: None,
            characters: Secret::new("-".repeat(length)),
            asked: Vec::new(),
            recent: Vec::new(),
        }
    }

    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    /// The characters of a cell; none where the card has no such cell.
    pub(crate) fn at(&self, cell: Cell) -> Option<&str> {
        let length = usize::from(self.characters_per_cell);
        let place = usize::from(cell.row) * usize::from(self.columns) + usize::from(cell.column);
        let there = cell.column < self.columns && cell.row < self.rows;
        self.characters.expose().get(place * length..(place + 1) * length).filter(|_| there)
    }

    /// Whether these are the characters of those cells, compared in constant time. `typed` is in capital letters.
    pub(crate) fn fits(&self, cells: &[Cell], typed: &str) -> bool {
        let read: Option<Vec<&str>> = cells.iter().map(|cell| self.at(*cell)).collect();
        let read = Secret::new(read.unwrap_or_default().concat());
        !read.expose().is_empty() && bool::from(read.expose().as_bytes().ct_eq(typed.as_bytes()))
    }

    /// The same after a right answer: other cells are asked for.
    pub(crate) fn answered(&self, config: &Config, host: &Host) -> Result<Self, Fault> {
        let (size, count) = ((self.columns, self.rows), config.challenge_cells);
        let mut recent = self.recent.clone();
        recent.extend(&self.asked);
        recent.drain(..recent.len().saturating_sub(cells::remembered(size, count)));
        let asked = cells::draw(host, size, count, &recent)?;
        Ok(Self { asked, recent, ..self.clone() })
    }
}
