//! Passwords that a rule of a few words generates.

use zeroize::Zeroizing;

/// A sequence, or a few characters over and over.
///
/// * the same one to four characters again and again: `aaaaaaaa`, `abababab`, `19871987`
/// * one or two runs of rising, falling or equal characters: `12345678`, `hgfedcba`, `abcd1234`, `aaaa1111`
pub(super) fn is_predictable(folded: &str) -> bool {
    runs(folded) <= 2 || unit(folded).is_some_and(|unit| unit.chars().count() <= 4)
}

/// The shortest text that `text` is made of by writing it two or more times. The last time may be cut short.
pub(super) fn unit(text: &str) -> Option<&str> {
    let half = text.len() / 2;
    let mut ends = text.char_indices().map(|(at, _)| at).skip(1).take_while(|&at| at <= half);
    // Text with period `at` is equal to itself moved by `at`.
    ends.find(|&at| text.as_bytes()[at..] == text.as_bytes()[..text.len() - at]).map(|at| &text[..at])
}

/// How many runs the text is made of, each with the same step (-1, 0 or 1 code points) from one character to the
/// next. A character that continues nothing is a run.
fn runs(text: &str) -> usize {
    let points: Zeroizing<Vec<u32>> = Zeroizing::new(text.chars().map(u32::from).collect());
    let (mut count, mut at) = (0, 0);
    while at < points.len() {
        count += 1;
        let step = |from: usize| Some(i64::from(*points.get(from + 1)?) - i64::from(points[from]));
        let first = step(at).filter(|step| step.abs() <= 1);
        at += 1;
        while first.is_some() && step(at - 1) == first {
            at += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_runs() {
        let cases = [
            ("", 0),
            ("a", 1),
            ("abc", 1),
            ("abcd1234", 2),
            ("aab", 2),
            ("abcba", 2),
            ("qx7", 3),
            ("aaaabbbbcccc", 3),
        ];
        for (text, expected) in cases {
            assert_eq!(runs(text), expected, "{text}");
        }
    }

    #[test]
    fn finds_units() {
        let cases = [
            ("", None),
            ("a", None),
            ("ab", None),
            ("aa", Some("a")),
            ("abababa", Some("ab")),
            ("éaéa", Some("éa")),
            ("abca", None),
        ];
        for (text, expected) in cases {
            assert_eq!(unit(text), expected, "{text}");
        }
    }
}
