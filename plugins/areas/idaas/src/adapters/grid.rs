//! GRID.

use super::Adapter;
use crate::wire::{AuthenticatedResponse, Formed, GridChallenge, GridChallengeCell, GridInfo};
use serde_json::Value;

/// Cells and cards in the contract's words; the answer is the one string.
pub(crate) struct Grid;

impl Adapter for Grid {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let list = |key: &str| prompt[key].as_array().cloned().unwrap_or_default();
        let number = |value: &Value| value.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
        let cell = |c: &Value| GridChallengeCell { column: number(&c["column"]), row: number(&c["row"]) };
        let card = |c: &Value| GridInfo {
            expiry_date: c["expires_at"].as_str().map(Formed::new),
            serial_number: c["serial"].as_str().unwrap_or_default().to_owned(),
        };
        let grid_info: Vec<GridInfo> = list("cards").iter().map(card).collect();
        reply.grid_challenge = Some(GridChallenge {
            cell_alphabets: prompt["alphabet"].as_str().map(str::to_owned),
            challenge: list("cells").iter().map(cell).collect(),
            num_chars_per_cell: number(&prompt["characters_per_cell"]),
            serial_numbers: grid_info.iter().map(|card| card.serial_number.clone()).collect(),
            grid_info,
        });
    }
}
