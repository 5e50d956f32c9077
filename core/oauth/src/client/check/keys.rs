//! Public keys of a client (RFC 7517).

use super::Findings;
use crate::Client;
use serde_json::Value;

/// Keys at most.
const MOST: usize = 10;
/// Bytes of the set at most.
const LONGEST: usize = 16 * 1024;

/// Members that only a private or a shared key has (RFC 7518, section 6).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn check(client: &Client, found: &mut Findings) {
    let Some(jwks) = &client.jwks else { return };
    if client.jwks_uri.is_some() {
        found.say("jwks", "Either the keys or the URL where they are, not both.");
    }
    if let Err(message) = set(jwks) {
        found.say("jwks", message);
    }
}

fn set(jwks: &Value) -> Result<(), &'static str> {
    if jwks.to_string().len() > LONGEST {
        return Err("At most 16384 bytes.");
    }
    let keys = jwks["keys"].as_array().filter(|keys| (1..=MOST).contains(&keys.len()));
    let keys = keys.ok_or("A JWK set: an object whose `keys` are 1 to 10 keys.")?;
    for key in keys {
        let key = key.as_object().ok_or("Each key is an object.")?;
        if PRIVATE.iter().any(|member| key.contains_key(*member)) {
            return Err(
                "There is a private or a shared key among them. Make new ones, and send the public halves.",
            );
        }
        match key.get("kty").and_then(Value::as_str) {
            Some("EC" | "OKP" | "RSA") => {}
            _ => return Err("The `kty` of a key is `EC`, `OKP` or `RSA`."),
        }
        let texts = key.iter().filter(|(name, _)| !matches!(name.as_str(), "key_ops" | "x5c" | "ext"));
        if !texts.into_iter().all(|(_, value)| value.is_string()) {
            return Err("The members of a key are texts.");
        }
    }
    Ok(())
}
