//! The 10 000 passwords of eight characters and more that leaked most often.
//!
//! `blocklist.txt` is lower case, sorted by bytes, one a line, and searched where the linker put it: nothing is
//! parsed at start, nothing allocated. The README says where it comes from.

const LIST: &str = include_str!("blocklist.txt");

/// Whether a password, in lower case, is listed.
pub(crate) fn contains(folded: &str) -> bool {
    let list = LIST.as_bytes();
    // The line sought is within `low..high`; both are starts of lines.
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list[low..middle].iter().rposition(|&byte| byte == b'\n').map_or(low, |at| low + at + 1);
        let end = list[middle..].iter().position(|&byte| byte == b'\n').map_or(list.len(), |at| middle + at);
        match list[start..end].cmp(folded.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_line_and_nothing_else() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert_eq!(lines.len(), 10_000);
        assert!(
            lines.is_sorted() && lines.iter().all(|line| line.len() >= 8 && line.to_lowercase() == *line)
        );
        for line in &lines {
            assert!(contains(line), "{line}");
            assert!(!contains(&line[..line.len() - 1]) || lines.contains(&&line[..line.len() - 1]));
        }
        for absent in
            ["", "\n", "password\n", "passwor", "zzzzzzzzzzzz", "!", "correct horse battery staple", "é"]
        {
            assert!(!contains(absent), "{absent}");
        }
    }
}
