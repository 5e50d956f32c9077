//! JSON of a plugin, bounded before it is parsed.

use serde_json::Value;

/// How deep it may be nested. What the host keeps of it is nested in documents of its own, and serde_json reads no
/// more than 128.
const MAX_DEPTH: usize = 64;

/// Whether it is no larger and no deeper than it may be.
///
/// # Errors
/// What it is too much of.
pub(super) fn bounded(bytes: &[u8], max_bytes: usize) -> Result<(), String> {
    if bytes.len() > max_bytes {
        return Err(format!("longer than {max_bytes} bytes"));
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("nested more than {MAX_DEPTH} deep"));
        }
    }
    Ok(())
}

/// Reads it. The message names the place and repeats nothing.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(bytes: &[u8], max_bytes: usize) -> Result<Value, String> {
    bounded(bytes, max_bytes)?;
    serde_json::from_slice(bytes).map_err(|e| format!("not JSON (line {}, column {})", e.line(), e.column()))
}

/// A text of a plugin for a log line or an error: cut, and nothing in it that could pass for another line.
pub(super) fn legible(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == max_chars {
            out.push('…');
            break;
        }
        match c.is_control() || is_invisible(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// Line and paragraph separators, and what turns the direction of writing or is not seen at all.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{legible, read};

    #[test]
    fn too_long_and_too_deep_is_not_parsed() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nested(64).as_bytes(), 1000).is_ok());
        assert_eq!(read(nested(65).as_bytes(), 1000), Err("nested more than 64 deep".to_owned()));
        assert_eq!(read("[".repeat(1000).as_bytes(), 1000), Err("nested more than 64 deep".to_owned()));
        assert!(read(br#"["[[\"[[\\"]"#, 1000).is_ok(), "brackets in a text are text");
        let quoted = format!("[\"{}\"]", "[".repeat(100));
        assert!(read(quoted.as_bytes(), 1000).is_ok());
        assert_eq!(read(b"[1,2]", 4), Err("longer than 4 bytes".to_owned()));
        assert_eq!(read(b"[1,\n2x]", 99), Err("not JSON (line 2, column 2)".to_owned()));
    }

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(
            legible("a\nERROR \u{1b}[31m\u{202e}b\u{2028}", 99),
            "a\\nERROR \\u{1b}[31m\\u{202e}b\\u{2028}"
        );
        assert_eq!(legible("äöü", 2), "äö…");
        assert_eq!(legible("äöü", 3), "äöü");
    }
}
