//! Passwords made of what others know about the person or the service.

use super::{fold, normalise};
use zeroize::Zeroizing;

/// Shorter words are in too many good passwords by chance: they are taken out only beside a longer one.
const LEAST_WORD: usize = 4;

/// Nothing much is left when the words of the context are taken out: at most three characters, or at most eight
/// that are all digits and signs (a year, a date, `2024!`).
pub(super) fn is_personal(folded: &str, context: &[&str]) -> bool {
    let mut words = Vec::new();
    // What is too long to be a password can be none, and is not worth the time.
    for entry in context.iter().filter_map(|entry| normalise(entry)) {
        let folded = fold(&entry);
        let local_part = folded.split('@').next().unwrap_or_default();
        let pieces = folded.split(|c: char| !c.is_alphanumeric());
        words.extend(pieces.chain([folded.as_str(), local_part]).map(str::to_owned));
    }
    words.retain(|word| word.chars().count() > 1);
    // The longest first: `annabell` before `anna`.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));

    let mut rest = Zeroizing::new(folded.to_owned());
    let mut found = false;
    for word in &words {
        if rest.contains(word.as_str()) {
            found |= word.chars().count() >= LEAST_WORD;
            // A mark in its place, so that what is around it does not come to spell another word.
            rest = Zeroizing::new(rest.replace(word.as_str(), "\n"));
        }
    }
    let mut left = rest.chars().filter(|&c| c != '\n');
    found && (left.clone().count() <= 3 || (left.clone().count() <= 8 && !left.any(char::is_alphabetic)))
}
