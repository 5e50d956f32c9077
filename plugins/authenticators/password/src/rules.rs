//! What a new password must be, and how any password is made ready for hashing.
//!
//! NIST SP 800-63B-4, section 3.1.1.2: a least length, no rules of composition, a blocklist of common passwords
//! and of words about the person and the service, nothing cut off. It asks for 15 characters where the password
//! is the only factor, and for 8 where there is a second one: the least is the operator's to choose.
//!
//! Normalisation is NFC, as in RFC 8265 section 4.2 (OpaqueString): one text has one hash, whether the keyboard
//! composes `é` or not. Nothing else is changed: no trimming, no case, no widths.

mod context;
mod pattern;
#[cfg(test)]
mod tests;

use crate::{blocklist, hash::MAX_PASSWORD_BYTES};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Fewer characters than this are never accepted, whatever the configuration (section 3.1.1.2).
pub const LEAST_CHARACTERS: usize = 8;

/// What can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The least length in characters (Unicode code points after NFC). Below [`LEAST_CHARACTERS`] counts as that.
    pub min_characters: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self { min_characters: LEAST_CHARACTERS }
    }
}

/// Why a new password is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// For programs: `too_short`, `too_long`, `forbidden_character`, `common`, `predictable` or `personal`.
    pub code: &'static str,
    /// For people. Holds no part of the password.
    pub message: String,
}

impl Violation {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Checks a new password; the result is what is to be hashed.
///
/// `context` holds what an enemy of this person would try first: the username, the email address, the display
/// name, the name of the service. Each counts as a whole and by its words, of four characters and more; an address
/// by its local part too.
///
/// # Errors
/// Every rule that it breaks. Too long a password is looked at no further.
pub fn check(password: &str, context: &[&str], rules: &Rules) -> Result<Zeroizing<String>, Vec<Violation>> {
    let Some(password) = normalise(password) else {
        let message = format!("The password is longer than {MAX_PASSWORD_BYTES} bytes.");
        return Err(vec![Violation::new("too_long", message)]);
    };
    let mut violations = Vec::new();
    let least = rules.min_characters.max(LEAST_CHARACTERS);
    if password.chars().count() < least {
        violations
            .push(Violation::new("too_short", format!("The password needs at least {least} characters.")));
    }
    if password.chars().any(char::is_control) {
        let message = "The password contains a control character, such as a tab or a line break.";
        violations.push(Violation::new("forbidden_character", message));
    }
    let folded = fold(&password);
    if is_common(&folded) {
        violations.push(Violation::new("common", "Many people use this password: it is tried first."));
    }
    if pattern::is_predictable(&folded) {
        let message = "The password is a sequence, or repeats the same few characters.";
        violations.push(Violation::new("predictable", message));
    }
    if context::is_personal(&folded, context) {
        let message = "The password is little more than a name or address that others know.";
        violations.push(Violation::new("personal", message));
    }
    if violations.is_empty() { Ok(password) } else { Err(violations) }
}

/// Makes a password that someone typed ready to be compared with a stored hash.
///
/// `None`: it is nobody's password, as it is empty, too long, or holds a NUL (where the C libraries that many
/// imported hashes come from would stop reading). The caller verifies something against the decoy all the same,
/// so that the answer takes as long.
pub fn normalise_for_verify(password: &str) -> Option<Zeroizing<String>> {
    if password.is_empty() || password.contains('\0') { None } else { normalise(password) }
}

/// NFC; `None` when longer than [`MAX_PASSWORD_BYTES`] before or after.
fn normalise(password: &str) -> Option<Zeroizing<String>> {
    if password.len() > MAX_PASSWORD_BYTES {
        return None;
    }
    // NFC at most triples the bytes: never reallocated, so no copy is left behind.
    let mut normalised = Zeroizing::new(String::with_capacity(3 * password.len()));
    normalised.extend(password.nfc());
    (normalised.len() <= MAX_PASSWORD_BYTES).then_some(normalised)
}

/// Lower case, for comparing with lists. No case folding by the book: the lists are of ASCII and of names.
fn fold(text: &str) -> Zeroizing<String> {
    // Lower case at most triples the bytes of a character.
    let mut folded = Zeroizing::new(String::with_capacity(3 * text.len()));
    folded.extend(text.chars().flat_map(char::to_lowercase));
    folded
}

/// Listed, as it stands, written several times over, or with a few digits and signs behind it: `Password1!` and
/// `password12345` are tried as soon as `password` is.
fn is_common(folded: &str) -> bool {
    let stem = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let suffix = &folded[stem.len()..];
    let trivial = suffix.len() <= 4 || pattern::is_predictable(suffix);
    (trivial && blocklist::contains(stem))
        || blocklist::contains(folded)
        || pattern::unit(folded).is_some_and(blocklist::contains)
}
