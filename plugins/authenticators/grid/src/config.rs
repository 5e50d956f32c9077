//! The table `[plugins.grid]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fewest answers that there must be to one challenge: six decimal digits (NIST SP 800-63B-4, section 3.1.2.1).
const LEAST_ANSWERS: u64 = 1_000_000;

/// The table `[plugins.grid]`. What is changed here holds for cards that are made from then on; how many cells are asked
/// for, from the next challenge that is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Columns of a card, `A` to `Z`.
    #[schemars(range(min = 4, max = 26))]
    pub columns: u8,
    /// Rows of a card.
    #[schemars(range(min = 3, max = 20))]
    pub rows: u8,
    /// Characters in a cell.
    #[schemars(range(min = 1, max = 3))]
    pub characters_per_cell: u8,
    /// What the cells are filled with: 10 to 36 different capital letters and digits. The default leaves out what looks
    /// like something else on paper (0 O, 1 I L, 2 Z, 5 S, 8 B).
    #[schemars(length(min = 10, max = 36), regex(pattern = r"^[A-Z0-9]*$"))]
    pub alphabet: String,
    /// Cells that are asked for at once. There must be a million possible answers (NIST SP 800-63B-4, section
    /// 3.1.2.1): with the alphabet of the default two cells of three characters, three of two, or five of one.
    #[schemars(range(min = 2, max = 8))]
    pub challenge_cells: u8,
    /// After how many days a card ends. Left out: never.
    #[schemars(range(min = 1, max = 3650))]
    pub valid_days: Option<u16>,
    /// Cards that a person may have.
    #[schemars(range(min = 1, max = 10))]
    pub max_cards: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            columns: 10,
            rows: 5,
            characters_per_cell: 2,
            alphabet: "ACDEFGHJKMNPQRTUVWXY34679".to_owned(),
            challenge_cells: 3,
            valid_days: None,
            max_cards: 3,
        }
    }
}

impl Config {
    /// Cells of a card.
    pub(crate) fn cells(&self) -> u16 {
        u16::from(self.columns) * u16::from(self.rows)
    }

    /// The schema says most of it; this holds for whoever makes the plugin without it, and for what no schema can say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(4..=26).contains(&self.columns) {
            return Err(wrong("columns", "4 to 26: a column is named by a letter"));
        }
        if !(3..=20).contains(&self.rows) {
            return Err(wrong("rows", "3 to 20"));
        }
        if !(1..=3).contains(&self.characters_per_cell) {
            return Err(wrong("characters_per_cell", "1 to 3"));
        }
        let bytes = self.alphabet.as_bytes();
        let known = bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let twice = bytes.iter().enumerate().any(|(at, b)| bytes[..at].contains(b));
        if !(10..=36).contains(&bytes.len()) || !known || twice {
            return Err(wrong("alphabet", "10 to 36 capital letters and digits, each of them once"));
        }
        if !(2..=8).contains(&self.challenge_cells) {
            return Err(wrong("challenge_cells", "2 to 8"));
        }
        let characters = u32::from(self.characters_per_cell) * u32::from(self.challenge_cells);
        if (bytes.len() as u64).checked_pow(characters).is_some_and(|answers| answers < LEAST_ANSWERS) {
            let message = "fewer than a million possible answers: ask for more cells, put more characters into a cell, \
                           or take a larger alphabet";
            return Err(wrong("challenge_cells", message));
        }
        if self.cells() < 4 * u16::from(self.challenge_cells) {
            return Err(wrong("challenge_cells", "at most a fourth of the card's cells"));
        }
        if self.valid_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Err(wrong("valid_days", "1 to 3650"));
        }
        if !(1..=10).contains(&self.max_cards) {
            return Err(wrong("max_cards", "1 to 10"));
        }
        Ok(())
    }
}
