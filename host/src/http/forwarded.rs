//! Reads the header `Forwarded` (RFC 7239 section 4).

/// What one proxy says about the hop before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// The value of `for`, without quotes.
    pub node: Option<String>,
    /// Whether `proto` is `https`.
    pub https: Option<bool>,
}

/// The elements of one header value, from the right; `None` for one that is malformed. Nothing that stands left of an
/// element has a part in how it is read: it may have come from the client.
pub(super) fn from_the_right(value: &[u8]) -> impl Iterator<Item = Option<Hop>> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let (left, element) = split_last(rest?);
        rest = left;
        Some(parse_element(element))
    })
}

/// The last element, and what stands left of its comma. In a well-formed element the quotes are even in number, and
/// so are those right of the comma before it, while a comma in quotes has an odd number of them on its right.
fn split_last(value: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut quoted = false;
    for (at, byte) in value.iter().enumerate().rev() {
        match byte {
            b'"' => {
                let escapes = value[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
                quoted ^= escapes % 2 == 0;
            }
            b',' if !quoted => return (Some(&value[..at]), &value[at + 1..]),
            _ => {}
        }
    }
    (None, value)
}

/// `for=192.0.2.1;proto=https`: pairs with semicolons between them, some of which may be empty.
fn parse_element(element: &[u8]) -> Option<Hop> {
    let mut rest = str::from_utf8(element).ok()?.trim();
    let mut hop = Hop::default();
    loop {
        if !rest.is_empty() && !rest.starts_with(';') {
            let (name, after) = rest.split_once('=')?;
            let (text, after) = take_value(after)?;
            if name.eq_ignore_ascii_case("for") {
                if hop.node.replace(text).is_some() {
                    return None;
                }
            } else if name.eq_ignore_ascii_case("proto") {
                if hop.https.replace(text.eq_ignore_ascii_case("https")).is_some() {
                    return None;
                }
            } else if name.is_empty() || !name.bytes().all(is_token) {
                return None;
            }
            rest = after.trim_start();
        }
        match rest.strip_prefix(';') {
            Some(after) => rest = after.trim_start(),
            None if rest.is_empty() => return Some(hop),
            None => return None,
        }
    }
}

/// Token or quoted string (RFC 9110 section 5.6.2 and 5.6.4), and what follows it.
fn take_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.bytes().position(|b| !is_token(b)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::from_the_right;

    fn nodes(value: &[u8]) -> Vec<Option<String>> {
        from_the_right(value).map(|hop| hop.and_then(|hop| hop.node)).collect()
    }

    fn last(value: &[u8]) -> Option<String> {
        nodes(value).remove(0)
    }

    #[test]
    fn elements_are_read_from_the_right() {
        let all = [Some("c".to_owned()), Some("x, \"y".to_owned()), Some("a".to_owned())];
        assert_eq!(nodes(br#"for=a;;proto=http, for="x, \"y";by=b,For=c;"#), all);
        assert_eq!(nodes(b"for=a, "), [None, Some("a".to_owned())]);
    }

    #[test]
    fn what_stands_further_left_does_not_matter() {
        let odd = [
            b"\xe9".as_slice(),
            b"for=\"x",
            b"for=x\\",
            b"\"",
            b"for=\"x\\\"",
            b"=;=",
            b"for=a for=b",
            b"\\\"",
        ];
        for left in odd {
            let value = [left, b", for=a"].concat();
            assert_eq!(last(&value).as_deref(), Some("a"), "{left:?}");
        }
    }

    /// A proxy may write into quotes what the client sent, such as the host.
    #[test]
    fn nothing_in_quotes_is_an_element() {
        for host in ["x, for=b", "x, for=b;y=", r#"x, for=\"b\""#, r"x, for=b\\", ", for=b, "] {
            let value = format!("for=c, for=a;host=\"{host}\"");
            assert_eq!(last(value.as_bytes()).as_deref(), Some("a"), "{host}");
        }
    }

    #[test]
    fn what_is_malformed_is_nobody() {
        for bad in [
            "for=a;for=b",
            "for",
            "for=",
            "for=\"a",
            "for=2001:db8::1",
            "for=a b",
            "f\u{e9}=a",
            "=a",
            "a=\"b\"c",
        ] {
            assert_eq!(last(bad.as_bytes()), None, "{bad}");
        }
    }
}
