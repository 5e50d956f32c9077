//! GRID.

use super::formed::{DateTime, Formed};
use poem_openapi::Object;

/// Cells that the person reads from a card.
#[derive(Object, Clone)]
#[oai(rename = "IdaasGridChallenge", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct GridChallenge {
    /// Characters that a cell can hold, as it is set up today. Since 5.46.
    pub(crate) cell_alphabets: Option<String>,
    /// The cells, in the order of the answer. They stay the same until they are answered.
    pub(crate) challenge: Vec<GridChallengeCell>,
    /// The cards that may answer. Empty as long as the person has proven nothing.
    pub(crate) grid_info: Vec<GridInfo>,
    /// Characters of one cell, as it is set up today; a card keeps its own number.
    pub(crate) num_chars_per_cell: i32,
    /// The serial numbers of `gridInfo`, for older clients.
    #[oai(deprecated)]
    pub(crate) serial_numbers: Vec<String>,
}

/// A cell of a grid.
#[derive(Object, Clone)]
#[oai(rename = "IdaasGridChallengeCell", rename_all = "camelCase")]
pub(crate) struct GridChallengeCell {
    /// Column, from zero.
    pub(crate) column: i32,
    /// Row, from zero.
    pub(crate) row: i32,
}

/// A card.
#[derive(Object, Clone)]
#[oai(rename = "IdaasGridInfo", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct GridInfo {
    /// When it ends.
    pub(crate) expiry_date: Option<Formed<DateTime>>,
    /// What is printed on it.
    pub(crate) serial_number: String,
}
