//! The form in which answers are compared.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Longest answer that is looked at, in bytes.
pub(crate) const MAX_ANSWER_BYTES: usize = 256;

/// Letters and digits alone, in compatibility form (NFKC) and without case: upper case first, so that `ß` is `ss`. What
/// people remember is the word, not how they wrote it.
pub(crate) fn normal(text: &str) -> Zeroizing<String> {
    // Roomy, so that no copy is left behind by growing.
    let mut form = Zeroizing::new(String::with_capacity(18 * text.len()));
    let folded = text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    form.extend(folded.nfkc().filter(|c| c.is_alphanumeric()));
    form
}

/// The form of an answer; empty, which no answer is, for one that is too long.
pub(crate) fn answer(text: &str) -> Zeroizing<String> {
    if text.len() > MAX_ANSWER_BYTES { Zeroizing::new(String::new()) } else { normal(text) }
}
