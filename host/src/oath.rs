//! Seeds of tokens as their makers deliver them: CSV, and PSKC (RFC 6030). Only reading; what a seed must be is known by
//! the authenticator that takes it.

mod csv;
mod import;
mod pskc;
#[cfg(test)]
mod tests;

pub use import::{ImportError, Imported, import};

use gatewright_contract::Secret;
use serde_json::{Value, json};
use std::fmt;

/// Most bytes of a file.
pub(crate) const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Most tokens in a file: they are written in one go.
const MAX_TOKENS: usize = 10_000;
/// Most mistakes that are told.
const MAX_MISTAKES: usize = 100;

/// A token of a file.
#[derive(Debug)]
pub(crate) struct Token {
    /// Where it stands, from one.
    pub(crate) line: u64,
    /// Whose it is.
    pub(crate) username: String,
    /// What moves it on.
    pub(crate) moves: Moves,
    /// Number on its back.
    pub(crate) serial: Option<String>,
    /// The key that it shares.
    pub(crate) secret: Secret<Vec<u8>>,
    /// Digits of a code.
    pub(crate) digits: u8,
    /// `sha1`, `sha256` or `sha512`.
    pub(crate) algorithm: &'static str,
}

/// What moves a token on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moves {
    /// Time, in steps of so many seconds (RFC 6238).
    Time(u32),
    /// A button, next to this counter (RFC 4226).
    Counter(u64),
}

impl Token {
    /// The authenticator that takes it.
    pub(crate) fn authenticator(&self) -> &'static str {
        match self.moves {
            Moves::Time(_) => "totp",
            Moves::Counter(_) => "hotp",
        }
    }

    /// What is sent to that authenticator. Holds the secret.
    pub(crate) fn proof(&self) -> Value {
        let mut seed = json!({
            "secret_base32": data_encoding::BASE32_NOPAD.encode(self.secret.expose()),
            "algorithm": self.algorithm,
            "digits": self.digits,
        });
        match self.moves {
            Moves::Time(seconds) => seed["period_seconds"] = json!(seconds),
            Moves::Counter(counter) => seed["counter"] = json!(counter),
        }
        if let Some(serial) = &self.serial {
            seed["serial"] = json!(serial);
        }
        json!({"seed": seed})
    }
}

/// What is wrong with a file. Never repeats what could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where, from one.
    pub line: u64,
    /// What is wrong and what would be right.
    pub what: String,
}

impl Mistake {
    pub(crate) fn new(line: u64, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What a file holds: tokens that could be read, and what is wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) tokens: Vec<Token>,
    pub(crate) mistakes: Vec<Mistake>,
    /// The file is signed, and nobody has looked whether rightly.
    pub(crate) signed: bool,
}

impl Read {
    fn only(mistake: Mistake) -> Self {
        Self { mistakes: vec![mistake], ..Self::default() }
    }

    /// One more, or what is wrong with it. False when it is enough.
    fn add(&mut self, read: Result<Token, Vec<Mistake>>) -> bool {
        match read {
            Ok(token) => self.tokens.push(token),
            Err(wrong) => self.mistakes.extend(wrong),
        }
        if self.tokens.len() > MAX_TOKENS {
            let line = self.tokens.last().map_or(0, |token| token.line);
            self.mistakes.push(Mistake::new(line, format!("more than {MAX_TOKENS} tokens: divide the file")));
            return false;
        }
        self.mistakes.len() < MAX_MISTAKES
    }
}

/// Reads a file: PSKC where it begins like XML, else CSV.
pub(crate) fn read(file: &[u8]) -> Read {
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let before = &file[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
            return Read::only(Mistake::new(line, "the file is not in UTF-8"));
        }
    };
    match text.trim_start().starts_with('<') {
        true => pskc::read(text),
        false => csv::read(text),
    }
}

/// `HmacSHA256`, `HMAC-SHA-256`, `sha256`, …
fn algorithm(text: &str) -> Option<&'static str> {
    let word: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match word.strip_prefix("hmac").unwrap_or(&word) {
        "sha1" => Some("sha1"),
        "sha256" => Some("sha256"),
        "sha512" => Some("sha512"),
        _ => None,
    }
}
