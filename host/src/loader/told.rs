//! What a plugin's process says of a library that it could not load.

use super::{LoadError, json::legible};
use serde::{Deserialize, Serialize};

/// The most that is kept of a text.
pub(super) const MOST_TEXT: usize = 2048;

/// Why, in a form that travels.
#[derive(Serialize, Deserialize)]
pub(super) enum Told {
    Elf(String),
    Link(String),
    NoSymbol,
    Handshake(String),
    Abi { wants: u16 },
    Config { key: String, message: String },
    Begin(String),
}

impl Told {
    /// The bytes.
    pub(super) fn of(error: LoadError) -> Vec<u8> {
        let told = match error {
            LoadError::Elf(text) => Self::Elf(text),
            LoadError::Link(text) => Self::Link(text),
            LoadError::NoSymbol => Self::NoSymbol,
            LoadError::Handshake(text) => Self::Handshake(text),
            LoadError::Abi { wants, .. } => Self::Abi { wants },
            LoadError::Config { key, message } => Self::Config { key, message },
            LoadError::Begin(text) => Self::Begin(text),
            other => Self::Begin(other.to_string()),
        };
        serde_json::to_vec(&told).unwrap_or_default()
    }

    /// Reads it.
    pub(super) fn read(bytes: &[u8]) -> LoadError {
        match serde_json::from_slice(bytes) {
            Ok(Self::Elf(text)) => LoadError::Elf(legible_text(&text)),
            Ok(Self::Link(text)) => LoadError::Link(legible_text(&text)),
            Ok(Self::NoSymbol) => LoadError::NoSymbol,
            Ok(Self::Handshake(text)) => LoadError::Handshake(legible_text(&text)),
            Ok(Self::Abi { wants }) => LoadError::Abi { wants, speaks: gatewright_abi::MAJOR },
            Ok(Self::Config { key, message }) => {
                LoadError::Config { key: legible_text(&key), message: legible_text(&message) }
            }
            Ok(Self::Begin(text)) => LoadError::Begin(legible_text(&text)),
            Err(_) => LoadError::Begin("its process says what can't be read".to_owned()),
        }
    }
}

/// A text that a plugin has written, for a terminal or a log: the beginning of it, on one line.
pub(super) fn legible_text(text: &str) -> String {
    legible(text, MOST_TEXT)
}

/// The beginning of a text that a plugin has written.
pub(super) fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MOST_TEXT));
    text
}
