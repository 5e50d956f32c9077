//! Secrets and signatures of Standard Webhooks.

use crate::world::{World, random_array};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Secret};

/// What the text of a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// A fresh secret: 256 random bits.
pub(super) fn fresh(world: &dyn World) -> Result<Secret<Vec<u8>>, Fault> {
    Ok(Secret::new(random_array::<32>(world)?.to_vec()))
}

/// As its owner gets it.
pub(super) fn shown(secret: &Secret<Vec<u8>>) -> Secret<String> {
    Secret::new(format!("{SECRET_PREFIX}{}", BASE64.encode(secret.expose())))
}

/// What a text of [`SECRET_PREFIX`] and base64 stands for; `None` for another, or one that is too short or too long for
/// the specification (24 to 64 bytes).
pub fn secret_of(text: &Secret<String>) -> Option<Secret<Vec<u8>>> {
    let coded = text.expose().strip_prefix(SECRET_PREFIX)?;
    let secret = Secret::new(BASE64.decode(coded.as_bytes()).ok()?);
    (24..=64).contains(&secret.expose().len()).then_some(secret)
}

/// One signature of the header `webhook-signature`: HMAC-SHA-256 over `id.timestamp.body`.
pub fn signature(secret: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let tag = sign(&Key::new(HMAC_SHA256, secret), format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_signature_of_the_published_example() {
        let secret = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_is_read_as_it_is_shown() {
        let read =
            |text: &str| secret_of(&Secret::new(text.to_owned())).map(|secret| secret.expose().clone());
        for length in [24, 32, 64] {
            let secret = Secret::new(vec![7; length]);
            assert_eq!(secret_of(&shown(&secret)).as_ref(), Some(&secret));
        }
        for length in [0, 23, 65] {
            assert_eq!(secret_of(&shown(&Secret::new(vec![7; length]))), None);
        }
        for text in
            ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
