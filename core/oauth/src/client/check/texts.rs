//! Names and texts that people are shown: bounded, and nothing in them that hides or turns around.

use super::Findings;
use crate::Client;

/// Bytes of a name at most.
const LONGEST_NAME: usize = 128;
/// Bytes of an address at most.
const LONGEST_CONTACT: usize = 254;
/// Addresses at most.
const MOST_CONTACTS: usize = 10;
/// A login may be a year old at most where its age counts.
const LONGEST_AGE: u64 = 31_536_000;

pub(super) fn check(client: &Client, found: &mut Findings) {
    if !is_client_id(&client.client_id) {
        found.say(
            "client_id",
            "1 to 128 letters, digits and `-._~:@` of ASCII, the first of them a letter or a digit.",
        );
    }
    if !is_name(&client.name) {
        found.say("name", NAME);
    }
    if client.about.tenant_name.as_deref().is_some_and(|name| !is_name(name)) {
        found.say("tenant_name", NAME);
    }
    let contacts = &client.about.contacts;
    if contacts.len() > MOST_CONTACTS || !contacts.iter().all(|contact| is_contact(contact)) {
        found.say("contacts", "At most 10 e-mail addresses of at most 254 bytes.");
    }
    if client.default_max_age.is_some_and(|age| age > LONGEST_AGE) {
        found.say("default_max_age", "At most 31536000 seconds.");
    }
    if client.default_acr.as_deref().is_some_and(|acr| !is_word(acr)) {
        found.say("default_acr", "1 to 128 visible ASCII characters, such as `aal2`.");
    }
    for (member, name) in [("tls_subject_dn", &client.tls_subject_dn), ("tls_san_dns", &client.tls_san_dns)] {
        let fits = |name: &String| (1..=1_024).contains(&name.len()) && !name.chars().any(hides);
        if name.as_ref().is_some_and(|name| !fits(name)) {
            found.say(member, "1 to 1024 bytes without control characters.");
        }
    }
}

const NAME: &str = "1 to 128 bytes, without white space around it, control characters, or characters that are \
                    invisible or turn the direction of writing.";

/// Fits into a path, a header and a log line, and is no path by itself (`..`).
pub(in crate::client) fn is_client_id(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~:@".contains(&b);
    (1..=128).contains(&id.len()) && id.bytes().all(fits) && id.as_bytes()[0].is_ascii_alphanumeric()
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && name.trim() == name && !name.chars().any(hides)
}

fn is_contact(contact: &str) -> bool {
    let (ends, bytes) = (contact.split_once('@'), 3..=LONGEST_CONTACT);
    bytes.contains(&contact.len())
        && ends.is_some_and(|(before, after)| !before.is_empty() && !after.is_empty())
        && !contact.chars().any(|c| hides(c) || c.is_whitespace())
}

fn is_word(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// Control characters, and those that show nothing or turn the direction of what follows (Unicode, `Bidi_Control` and
/// the formatting characters beside it).
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
