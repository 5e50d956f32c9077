//! A token may be for less than was granted, never for more.

use crate::{Client, ErrorCode, OAuthError, Params, Result};

/// Scopes that are about a person, or about what a person's login leaves behind.
const OF_PEOPLE: &[&str] = &[
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "groups",
    "offline_access",
    "2fa",
    "2fa_link",
    gatewright_core::access::ACCOUNT,
];

/// Resources of a request at most: each is looked for in a list.
const MOST: usize = 10;

/// The scopes of a request, all of which were granted (RFC 6749, section 6); those that were, where it names none.
pub(super) fn scopes(form: &Params, granted: &[String]) -> Result<Vec<String>> {
    let asked = form.words("scope");
    match asked.iter().all(|scope| granted.contains(scope)) {
        true if asked.is_empty() => Ok(granted.to_vec()),
        true => Ok(asked),
        false => Err(more()),
    }
}

/// What of a grant its client may still ask for.
pub(super) fn still(client: &Client, granted: &[String]) -> Vec<String> {
    granted.iter().filter(|scope| client.scopes.contains(scope)).cloned().collect()
}

/// The scopes that a client has on its own behalf: none that is about a person.
pub(super) fn own_scopes(form: &Params, client: &Client) -> Result<Vec<String>> {
    let own = |scope: &String| !OF_PEOPLE.contains(&scope.as_str());
    let asked = form.words("scope");
    match asked.iter().all(|scope| own(scope) && client.scopes.contains(scope)) {
        true if asked.is_empty() => Ok(client.scopes.iter().filter(|scope| own(scope)).cloned().collect()),
        true => Ok(asked),
        false => Err(more()),
    }
}

/// The resources of a request, all of which are allowed (RFC 8707, section 2.2); `otherwise` where it names none.
pub(super) fn resources(form: &Params, allowed: &[String], otherwise: &[String]) -> Result<Vec<String>> {
    named(form.all("resource"), allowed, otherwise)
}

/// The same for a list that is put together otherwise.
pub(super) fn named<'a>(
    asked: impl Iterator<Item = &'a str>,
    allowed: &[String],
    otherwise: &[String],
) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for resource in asked {
        if found.len() >= MOST || !allowed.iter().any(|one| one == resource) {
            let text = "A resource is unknown, or not for this client and grant.";
            return Err(OAuthError::new(ErrorCode::InvalidTarget, text));
        }
        if !found.iter().any(|known| known == resource) {
            found.push(resource.to_owned());
        }
    }
    Ok(if found.is_empty() { otherwise.to_vec() } else { found })
}

fn more() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidScope, "A scope is unknown, or more than was granted to this client.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Params {
        Params::parse(text.as_bytes()).expect("reads")
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn less_is_granted_and_more_is_refused() {
        let granted = words(&["openid", "email"]);
        assert_eq!(scopes(&form(""), &granted).ok(), Some(granted.clone()));
        assert_eq!(scopes(&form("scope=email+email"), &granted).ok(), Some(words(&["email"])));
        assert_eq!(
            scopes(&form("scope=email+admin"), &granted).err().map(|e| e.code.as_str()),
            Some("invalid_scope")
        );
    }

    #[test]
    fn a_client_is_nobody() {
        let client = Client { scopes: words(&["openid", "stock.read", "account"]), ..Client::default() };
        assert_eq!(own_scopes(&form(""), &client).ok(), Some(words(&["stock.read"])));
        for bad in ["openid", "account", "stock.write", "stock.read+openid"] {
            assert!(own_scopes(&form(&format!("scope={bad}")), &client).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_resource_is_one_of_the_allowed_ones_letter_by_letter() {
        let allowed = words(&["https://a.example/", "https://b.example/"]);
        let read = |text: &str| resources(&form(text), &allowed, &allowed);
        assert_eq!(read("").ok(), Some(allowed.clone()));
        let one = "resource=https://b.example/&resource=https://b.example/";
        assert_eq!(read(one).ok(), Some(words(&["https://b.example/"])));
        for bad in ["https://a.example", "https://A.example/", "https://c.example/"] {
            assert_eq!(
                read(&format!("resource={bad}")).err().map(|e| e.code.as_str()),
                Some("invalid_target")
            );
        }
    }
}
