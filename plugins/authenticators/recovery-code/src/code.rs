//! A code as a person writes it, and in the one form that is hashed.

use gatewright_contract::Secret;

/// Crockford's base 32: no I, L, O (taken for 1 and 0) and no U (it makes words).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The longest input that is looked at, in bytes: 32 characters with any sensible spacing.
const MAX_TYPED_BYTES: usize = 128;

/// A code without hyphens, in capital letters.
pub(crate) struct Code(Secret<String>);

impl Code {
    /// One character a byte: 256 is a multiple of 32, so each character is as likely as any other.
    pub(crate) fn of_random(random: &[u8]) -> Self {
        let char_of = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        Self(Secret::new(random.iter().map(char_of).collect()))
    }

    /// What a person has typed, from paper or from a screen: case, white space and hyphens (also those that
    /// a word processor makes of them) don't count, and a letter that looks like a digit is that digit.
    ///
    /// With anything else in it, it is no code, and empty here. It must not be hashed as it is: HMAC fills a
    /// key up with zero bytes (RFC 2104, section 2), so that a code and zero bytes after it are one to PBKDF2.
    pub(crate) fn read(input: &str) -> Self {
        let is_spacing = |c: &char| {
            c.is_whitespace() || matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        };
        let meant = |c: char| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c => ALPHABET.iter().any(|known| char::from(*known) == c).then_some(c),
        };
        let code: Option<String> = match input.len() {
            0..=MAX_TYPED_BYTES => input.chars().filter(|c| !is_spacing(c)).map(meant).collect(),
            _ => None,
        };
        Self(Secret::new(code.unwrap_or_default()))
    }

    /// For the person: a hyphen after every `size` characters.
    pub(crate) fn grouped(&self, size: usize) -> String {
        let mut text = String::with_capacity(2 * self.0.expose().len());
        for (i, c) in self.0.expose().chars().enumerate() {
            if i > 0 && i % size == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }

    /// The form that is hashed.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}
