//! A person and the names that find them.

use gatewright_contract::{PersonId, PersonView, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{
    GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, confusable_detection::skeleton,
};

/// Somebody with an account in one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id, never used again.
    pub id: PersonId,
    /// The tenant.
    pub tenant: TenantId,
    /// The login name as the person writes it.
    pub username: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// The e-mail address; not a login name.
    pub email: Option<String>,
    /// May administer the tenant.
    pub administrator: bool,
    /// May not log in.
    pub disabled: bool,
    /// A program, not somebody: it has tokens and no way to log in.
    pub service: bool,
    /// Whether the e-mail address was proven.
    pub email_verified: bool,
    /// What else is known, in SCIM's core vocabulary (RFC 7643); `null` for nothing.
    pub attributes: Value,
    /// When the account was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
    /// Grows with each change.
    pub rev: i64,
}

impl Person {
    /// What an authenticator may see.
    pub fn view(&self) -> PersonView {
        PersonView {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified,
        }
    }

    /// Whether there is any way in for somebody who proves who they are.
    pub fn may_log_in(&self) -> bool {
        !self.disabled && !self.service
    }

    /// What nobody else of the tenant may have; `None` for a name or address that nobody can have.
    pub fn keys(&self) -> Option<Keys> {
        let username = username_key(&self.username)?;
        let email = match &self.email {
            Some(email) => Some(email_key(email)?),
            None => None,
        };
        Some(Keys { username_look: look(&username), email_look: email.as_deref().map(look), username, email })
    }
}

/// The names of a person in the forms that are compared. Two people of one tenant have none in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// [`username_key`] finds the person.
    pub username: String,
    /// What the login name looks like.
    pub username_look: String,
    /// [`email_key`] finds the person.
    pub email: Option<String>,
    /// What the address looks like.
    pub email_look: Option<String>,
}

impl From<String> for Keys {
    /// Of a login name in its compared form, without an address.
    fn from(username: String) -> Self {
        Self { username_look: look(&username), username, email: None, email_look: None }
    }
}

/// A login name in the form that is compared: NFKC, lower-case (PRECIS UsernameCaseMapped, RFC 8265,
/// section 3.3, in its essentials). `None` when it can't be anybody's: empty, over 256 bytes, control
/// characters, or white space at an end.
pub fn username_key(username: &str) -> Option<String> {
    if username.is_empty() || username.len() > 256 || username.trim() != username {
        return None;
    }
    let key = compared(username);
    let bad = key.is_empty() || key.len() > 256 || key.chars().any(|c| c.is_control() || is_invisible(c));
    (!bad).then_some(key)
}

/// An e-mail address in the form that is compared: NFKC, lower-case on both sides. (RFC 5321, section 2.4, lets the
/// one who delivers tell capitals apart; nobody does, and two accounts for one mailbox would be a hole.) `None` when
/// it can't be one: not one `@` with something on both sides, over 254 bytes, or characters that could break a header.
pub fn email_key(email: &str) -> Option<String> {
    if email.len() > 254 {
        return None;
    }
    let key = compared(email);
    let bad = |c: char| c.is_control() || c.is_whitespace() || is_invisible(c) || "<>,;:\"()[]\\".contains(c);
    let (local, domain) = key.split_once('@')?;
    let whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    (whole && !key.chars().any(bad)).then_some(key)
}

/// A text in the form in which names are compared: NFKC, lower-case.
pub(crate) fn compared(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// Whether a name can be told from others by its look: characters for names (UTS #39, section 3.1; signs of
/// ASCII besides), and no scripts beside each other that are not used together (section 5.2, highly restrictive).
///
/// Asked of every new name. An old one goes on to be found.
pub fn is_legible(key: &str) -> bool {
    let allowed = |c: char| c.is_ascii() || c.identifier_allowed();
    key.is_ascii()
        || (key.chars().all(allowed)
            // Signs and digits of ASCII belong to every script.
            && letters(key).as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive))
}

fn letters(key: &str) -> String {
    key.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphabetic()).collect()
}

/// What a name looks like: each character that is not ASCII becomes the one it is confusable with (the skeleton of
/// UTS #39, section 4). ASCII stays as it is, since people know `l` from `1` in the names of their own house.
fn look(key: &str) -> String {
    if key.is_ascii() {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len());
    for c in key.nfd() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        let of_one: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
        // The skeleton of everything that looks like an m is "rn", that of an m too.
        out.push_str(if of_one == "rn" { "m" } else { &of_one });
    }
    out.to_lowercase()
}

/// Characters that nobody sees: two names that differ in one would look alike.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{email_key, is_legible, look, username_key};

    #[test]
    fn what_looks_the_same_is_the_same_name() {
        let looks = |name: &str| username_key(name).map(|key| look(&key));
        // Cyrillic throughout: а с е р о.
        assert_eq!(looks("\u{430}\u{441}\u{435}"), looks("ace"));
        assert_eq!(looks("\u{440}\u{43e}\u{440}\u{435}"), looks("pope"));
        assert_ne!(looks("bum"), looks("burn"), "two names that people have");
        assert_ne!(looks("carl"), looks("car1"));
        assert_ne!(looks("jose"), looks("josé"));
        assert!(looks("müller").is_some() && looks("Иванов").is_some() && looks("山田太郎").is_some());
    }

    #[test]
    fn scripts_that_do_not_belong_together_make_no_name() {
        for bad in ["p\u{430}ypal", "\u{430}dmin", "adm\u{456}n", "goog\u{04cf}e", "a\u{301}\u{337}"] {
            assert!(!is_legible(bad), "{bad:?}");
        }
        assert!(is_legible("山田taro"), "Latin beside Japanese is ordinary");
        assert!(is_legible("иван.иванов-1"), "signs belong to every script");
    }

    #[test]
    fn an_address_is_one_whatever_its_capitals() {
        assert_eq!(email_key("Alice@Example.ORG").as_deref(), Some("alice@example.org"));
        for bad in
            ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b,c@d", "a\u{200b}@b"]
        {
            assert_eq!(email_key(bad), None, "{bad:?}");
        }
        assert_eq!(email_key(&format!("{}@b", "x".repeat(254))), None);
    }

    #[test]
    fn case_width_and_composition_do_not_make_another_person() {
        assert_eq!(username_key("Ａlice"), username_key("alice"));
        assert_eq!(username_key("JOSE\u{301}"), username_key("josé"));
    }

    #[test]
    fn names_that_nobody_can_have() {
        for bad in ["", " a", "a ", "a\0b", "a\u{200b}b", "\u{202e}bob", &"x".repeat(257)] {
            assert_eq!(username_key(bad), None, "{bad:?}");
        }
    }
}
