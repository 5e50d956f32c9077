//! Reads the header `Forwarded` (RFC 7239 section 4).

/// What one proxy says about the hop before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// The value of `for`, without quotes.
    pub node: Option<String>,
    /// Whether `proto` is `https`.
    pub https: Option<bool>,
}

/// More hops than this no request has gone through.
const MOST_HOPS: usize = 32;

/// All elements of one header value, left to right; `None` when it is malformed anywhere, since then no one can say
/// where the part ends that a proxy wrote.
pub(super) fn parse(value: &str) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    let mut hop = Hop::default();
    let mut rest = value.trim();
    loop {
        if !rest.is_empty() && !rest.starts_with([',', ';']) {
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
        match rest.bytes().next() {
            None => break,
            Some(b';') => {}
            Some(b',') => hops.push(std::mem::take(&mut hop)),
            Some(_) => return None,
        }
        if hops.len() > MOST_HOPS {
            return None;
        }
        rest = rest[1..].trim_start();
    }
    hops.push(hop);
    Some(hops)
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
