//! Whose certificate it is: its subject, or a DNS name in it (RFC 8705, section 2.1.2).

use super::read;
use x509_parser::{
    prelude::GeneralName,
    x509::{AttributeTypeAndValue, X509Name},
};

/// Attributes of a subject at most.
const MOST: usize = 64;

/// The words that RFC 4514, section 3, has for types of attributes, and two that are common.
const TYPES: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("C", "2.5.4.6"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

/// The name of a subject: types as numbers, values unescaped; relative names in the order of the text (the last of the
/// certificate first), what belongs to one of them sorted.
type Name = Vec<Vec<(String, String)>>;

/// Whether the subject of a certificate is this one (RFC 4514). Values are compared letter by letter.
pub(super) fn is_subject(der: &[u8], registered: &str) -> bool {
    let own = read(der).and_then(|certificate| of_certificate(certificate.subject()));
    own.is_some_and(|own| !own.is_empty() && Some(own) == of_text(registered))
}

/// Whether this is one of the DNS names in a certificate. A name with a star stands for itself only.
pub(super) fn has_dns_name(der: &[u8], registered: &str) -> bool {
    let Some(certificate) = read(der) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    let is_it = |name: &GeneralName<'_>| matches!(name, GeneralName::DNSName(dns) if dns.eq_ignore_ascii_case(registered));
    !registered.is_empty() && names.value.general_names.iter().any(is_it)
}

fn of_certificate(subject: &X509Name<'_>) -> Option<Name> {
    if subject.iter_attributes().count() > MOST {
        return None;
    }
    let one = |attribute: &AttributeTypeAndValue<'_>| {
        let value = attribute.as_str().ok()?.to_owned();
        Some((attribute.attr_type().to_id_string(), value))
    };
    let mut name: Name = subject.iter().map(|part| sorted(part.iter().map(one))).collect::<Option<_>>()?;
    name.reverse();
    Some(name)
}

fn sorted(all: impl Iterator<Item = Option<(String, String)>>) -> Option<Vec<(String, String)>> {
    let mut all: Vec<_> = all.collect::<Option<_>>()?;
    all.sort();
    Some(all)
}

/// Reads a name as RFC 4514 writes it. None for what is none, and for values in hexadecimal (`#…`), which nobody registers.
fn of_text(text: &str) -> Option<Name> {
    let mut name = Name::new();
    for part in split(text, ',') {
        name.push(sorted(split(part, '+').into_iter().map(attribute))?);
    }
    Some(name)
}

fn attribute(text: &str) -> Option<(String, String)> {
    let (word, value) = text.split_once('=')?;
    let word = word.trim();
    let known = TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, id)| *id);
    let id = known.or_else(|| word.starts_with(|c: char| c.is_ascii_digit()).then_some(word))?;
    Some((id.to_owned(), unescaped(value)?))
}

/// Parts between characters that are not escaped.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut begin, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == at => {
                parts.push(&text[begin..i]);
                begin = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// A value without escapes and without the spaces around it that are not part of it.
fn unescaped(value: &str) -> Option<String> {
    let trimmed = value.trim_start_matches(' ');
    let (mut bytes, mut keep, mut rest) = (Vec::new(), 0, trimmed.bytes());
    if trimmed.starts_with('#') {
        return None;
    }
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => {
                let first = rest.next()?;
                bytes.push(match (hex(first), first) {
                    (Some(high), _) => high << 4 | hex(rest.next()?)?,
                    (None, b' ' | b'"' | b'#' | b'+' | b',' | b';' | b'<' | b'=' | b'>' | b'\\') => first,
                    _ => return None,
                });
                keep = bytes.len();
            }
            b'"' | b';' | b'<' | b'>' | 0 => return None,
            plain => {
                bytes.push(plain);
                if plain != b' ' {
                    keep = bytes.len();
                }
            }
        }
    }
    bytes.truncate(keep);
    String::from_utf8(bytes).ok()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
