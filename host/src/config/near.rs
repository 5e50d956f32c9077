//! "Did you mean": the name that was probably meant.

/// Those of `names` that are near enough to `given` to be worth a question, the nearest first.
pub(super) fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let wanted = plain(given);
    let allowed = (wanted.len() / 3).clamp(1, 4);
    let all = names.into_iter().map(|name| (distance(&wanted, &plain(name)), name));
    let mut near: Vec<_> = all.filter(|(distance, _)| *distance <= allowed).collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().map(|(_, name)| name).collect()
}

/// ` did you mean NAME?` or nothing, to stand between two parts of a message.
pub(super) fn question<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(given, names).first().map(|name| format!(" did you mean {name}?")).unwrap_or_default()
}

fn plain(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).take(128).collect()
}

/// Edits to make one into the other; two neighbours changed round count as one edit.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_a_different_word_is_not() {
        let names = ["digits", "skew", "issuer-name"];
        assert_eq!(nearest("digitz", names), ["digits"]);
        assert_eq!(nearest("dgiits", names), ["digits"]);
        assert_eq!(nearest("issuer_name", names), ["issuer-name"]);
        assert_eq!(nearest("period", names), [""; 0]);
        assert_eq!(nearest("", names), [""; 0]);
        assert_eq!(nearest("skewer", ["skewed", "skew", "other"]), ["skewed", "skew"]);
        assert_eq!(nearest("listener", ["listen", "listeners", "body"]), ["listeners", "listen"]);
    }
}
