//! A person and the names that find them.

use gatewright_contract::{PersonId, PersonView, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

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
    /// When the account was made.
    pub created: Timestamp,
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
        }
    }
}

/// A login name in the form that is compared: NFKC, lower-case (PRECIS UsernameCaseMapped, RFC 8265,
/// section 3.3, in its essentials). `None` when it can't be anybody's: empty, over 256 bytes, control
/// characters, or white space at an end.
pub fn username_key(username: &str) -> Option<String> {
    if username.is_empty() || username.len() > 256 || username.trim() != username {
        return None;
    }
    let key: String = username.nfkc().collect::<String>().to_lowercase().nfkc().collect();
    let bad = key.is_empty() || key.len() > 256 || key.chars().any(|c| c.is_control() || is_invisible(c));
    (!bad).then_some(key)
}

/// Characters that nobody sees: two names that differ in one would look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::username_key;

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
