//! Texts that come from outside and are shown to people.

/// At most `most` characters, without what is not seen or turns the direction of writing: a text must not look like
/// another one on the screen on which it is approved.
pub fn clean(text: &str, most: usize) -> String {
    let seen = |c: &char| !c.is_control() && !is_invisible(*c);
    let line: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(seen).collect();
    line.trim().chars().take(most).collect()
}

/// Marks of direction, joiners, fillers, tags, and characters that are no characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}')
}
