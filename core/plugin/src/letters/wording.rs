//! A text with places for values.

use gatewright_contract::Secret;
use gatewright_core::channel::Undelivered;

/// Words and values in turn.
pub(super) struct Wording(Vec<Piece>);

enum Piece {
    Words(String),
    /// The name of a value.
    Value(String),
}

impl Wording {
    /// Reads `Your code is {code}.`; `{{` and `}}` are braces.
    ///
    /// # Errors
    /// In words for the operator.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (mut pieces, mut words) = (Vec::new(), String::new());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let after = &rest[next.len_utf8()..];
            match next {
                '{' | '}' if after.starts_with(next) => {
                    words.push(next);
                    rest = &after[1..];
                }
                '{' => {
                    let (name, after) =
                        after.split_once('}').ok_or("a `{` is not closed; `{{` stands for one")?;
                    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                    if !fits {
                        return Err(format!("`{{{name}}}` is no name of a value; `{{{{` stands for a brace"));
                    }
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                    pieces.push(Piece::Value(name.to_owned()));
                    rest = after;
                }
                '}' => return Err("a `}` closes nothing; `}}` stands for one".to_owned()),
                _ => {
                    words.push(next);
                    rest = after;
                }
            }
        }
        pieces.push(Piece::Words(words));
        Ok(Self(pieces))
    }

    /// The values that it asks for.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Value(name) => Some(name.as_str()),
        })
    }

    /// Writes it, at most this many bytes of it.
    ///
    /// # Errors
    /// [`Undelivered::Never`], with the name of the value that is not there.
    pub(super) fn write<'v>(
        &self,
        longest: usize,
        value: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<Secret<String>, Undelivered> {
        // Made large enough at once: a string that grows leaves copies behind.
        let mut text = String::with_capacity(longest);
        for piece in &self.0 {
            let (more, of_value) = match piece {
                Piece::Words(words) => (words.as_str(), false),
                Piece::Value(name) => {
                    let missing =
                        || Undelivered::Never(format!("the message has no value `{name}` for its text"));
                    (value(name).ok_or_else(missing)?, true)
                }
            };
            if text.len() + more.len() > longest {
                return Err(Undelivered::Never("the text is too long".to_owned()));
            }
            if of_value {
                // A name must not write lines, headers or backwards.
                text.extend(more.chars().filter(|c| !is_steering(*c)));
            } else {
                text.push_str(more);
            }
        }
        Ok(Secret::new(text))
    }
}

/// What is no letter but moves what comes after it: line ends, other control characters, and those that turn the
/// direction of writing (Unicode Bidi_Control).
fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
