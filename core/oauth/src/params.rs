//! Parameters of a request: of a query or a form, each at most once.

use crate::OAuthError;
use url::form_urlencoded;

/// Parameters at most.
const MOST: usize = 100;
/// Bytes of one at most; request objects and assertions are the longest.
const LONGEST: usize = 32 * 1024;

/// Words of a list at most; one more is read, so that whoever has a limit sees that it is passed.
const MOST_WORDS: usize = 100;

/// What may be given several times: `resource` (RFC 8707), and `audience` of a token exchange (RFC 8693).
const REPEATED: &[&str] = &["resource", "audience"];

/// Parameters by name. Not printed: a secret may be among them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `application/x-www-form-urlencoded`. One without a value counts as left out (RFC 6749, section 3.1).
    ///
    /// # Errors
    /// `invalid_request` where one is given twice, or there are too many.
    pub fn parse(encoded: &[u8]) -> Result<Self, OAuthError> {
        let mut read: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if read.len() >= MOST || value.len() > LONGEST || name.len() > 128 {
                return Err(OAuthError::invalid("There are too many parameters, or one is too long."));
            }
            if !REPEATED.contains(&&*name) && read.iter().any(|(known, _)| *known == *name) {
                return Err(OAuthError::invalid(format!("The parameter {name} is given more than once.")));
            }
            read.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(read))
    }

    /// Of pairs that are known to be single: the claims of a request object.
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value; none where it is left out or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// All values of one that may be given several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value.
    ///
    /// # Errors
    /// `invalid_request` where it is left out.
    pub fn required(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::invalid(format!("The parameter {name} is missing.")))
    }

    /// The words of a list that is divided by spaces, each once, in their order. Past [`MOST_WORDS`] it stops: nobody takes
    /// that many.
    pub fn words(&self, name: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in self.get(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            if words.len() > MOST_WORDS {
                break;
            }
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    }

    /// All pairs, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_WORDS, Params};

    #[test]
    fn each_is_given_once_and_an_empty_one_is_not_given() {
        let params = Params::parse(b"a=1&b=&resource=x&resource=y&scope=b+a++b").expect("reads");
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (Some("1"), None, None));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(params.words("scope"), ["b", "a"]);
        let long: Vec<String> = (0..9_000).map(|number| number.to_string()).collect();
        let long =
            Params::parse(format!("ui_locales={}", long[..5_000].join("+")).as_bytes()).expect("reads");
        assert_eq!(long.words("ui_locales").len(), MOST_WORDS + 1);
        for twice in [&b"a=1&a=2"[..], b"a=1&a=1", b"a=&a=1", b"%61=1&a=2"] {
            assert!(Params::parse(twice).is_err());
        }
        assert!(Params::parse("a=1&".repeat(200).as_bytes()).is_err());
        assert_eq!(format!("{params:?}"), r#"["a", "b", "resource", "resource", "scope"]"#);
    }
}
