//! Scopes of a request.

use super::Prompt;
use crate::{Client, ErrorCode, OAuthError, Params, Result, client::Consent};
use gatewright_core::access::is_scope;

/// Asks for an ID token.
pub(crate) const OPENID: &str = "openid";
/// Asks for a refresh token that outlives the session.
pub(crate) const OFFLINE: &str = "offline_access";
/// An ID token alone (the vault contract).
const SECOND_FACTOR: &str = "2fa";
/// With the one before (the vault contract).
const SECOND_FACTOR_LINK: &str = "2fa_link";

/// Words of OpenID Connect and of the vault contract.
const WORDS: &[&str] =
    &[OPENID, OFFLINE, SECOND_FACTOR, SECOND_FACTOR_LINK, "profile", "email", "address", "phone", "groups"];

/// Scopes at most.
const MOST: usize = 50;

/// The scopes of a request that the client may have. A word that means nothing here is dropped (OpenID Connect Core, section
/// 3.1.2.1); one that means something and is not for this client is refused.
pub(super) fn read(client: &Client, params: &Params, prompt: &Prompt) -> Result<Vec<String>> {
    let refuse = |why: String| OAuthError::new(ErrorCode::InvalidScope, why);
    let asked = params.words("scope");
    if asked.len() > MOST || asked.iter().any(|word| !is_token(word)) {
        return Err(refuse("The scope is too long, or has characters that no scope has.".to_owned()));
    }
    let mut granted = Vec::new();
    for word in asked {
        match client.scopes.contains(&word) {
            true => granted.push(word),
            false if WORDS.contains(&word.as_str()) || is_scope(&word) => {
                return Err(refuse(format!("The client is not registered for the scope {word}.")));
            }
            false => {}
        }
    }
    let has = |word: &str| granted.iter().any(|one| one == word);
    if has(SECOND_FACTOR_LINK) && (!has(SECOND_FACTOR) || !client.is_confidential()) {
        return Err(refuse("2fa_link goes with 2fa, and needs a confidential client.".to_owned()));
    }
    // OpenID Connect Core, section 11: without a consent of its own it is not heard.
    if !prompt.consent && client.consent == Consent::Ask {
        granted.retain(|word| word != OFFLINE);
    }
    match granted.is_empty() {
        true => Err(refuse("The scope is missing, or none of it is known here.".to_owned())),
        false => Ok(granted),
    }
}

/// RFC 6749, section 3.3.
fn is_token(word: &str) -> bool {
    word.len() <= 128 && word.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientType;

    fn read(client: &Client, scope: &str, prompt: Prompt) -> std::result::Result<Vec<String>, ErrorCode> {
        let params = Params::of(vec![("scope".to_owned(), scope.to_owned())]);
        super::read(client, &params, &prompt).map_err(|error| error.code)
    }

    fn client(scopes: &str) -> Client {
        Client { scopes: scopes.split(' ').map(str::to_owned).collect(), ..Client::default() }
    }

    #[test]
    fn a_client_gets_what_it_is_registered_for() {
        let client = client("openid email shop.read");
        let plain = Prompt::default();
        assert_eq!(
            read(&client, "openid shop.read nonsense openid", plain),
            Ok(vec!["openid".to_owned(), "shop.read".to_owned()])
        );
        for bad in ["openid profile", "openid admin", "openid USER", "nonsense", "", "openid \"", "2fa"] {
            assert_eq!(read(&client, bad, plain), Err(ErrorCode::InvalidScope), "{bad}");
        }
    }

    #[test]
    fn a_long_lasting_refresh_token_takes_a_consent_of_its_own() {
        let asking = client("openid offline_access");
        let both = vec!["openid".to_owned(), "offline_access".to_owned()];
        let consent = Prompt { consent: true, ..Prompt::default() };
        assert_eq!(read(&asking, "openid offline_access", Prompt::default()), Ok(vec!["openid".to_owned()]));
        assert_eq!(read(&asking, "openid offline_access", consent), Ok(both.clone()));
        let own = Client { consent: Consent::Skip, ..asking };
        assert_eq!(read(&own, "openid offline_access", Prompt::default()), Ok(both));
    }

    #[test]
    fn the_link_of_a_second_factor_is_for_who_can_keep_a_secret() {
        let prompt = Prompt::default();
        let confidential = client("openid 2fa 2fa_link");
        assert!(read(&confidential, "2fa 2fa_link", prompt).is_ok());
        assert!(read(&confidential, "openid 2fa_link", prompt).is_err());
        let public = Client { client_type: ClientType::Public, ..confidential };
        assert!(read(&public, "2fa 2fa_link", prompt).is_err());
    }
}
