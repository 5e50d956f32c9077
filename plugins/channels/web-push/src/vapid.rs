//! Who sends (RFC 8292): a token for one push service, signed with a key that the devices have subscribed for.

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Secret, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// How long a token is good; at most a day (RFC 8292, section 2).
const GOOD_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// The server's key.
pub(crate) struct Vapid {
    pair: EcdsaKeyPair,
    /// In base64url, as it goes into the header.
    public: String,
    contact: String,
}

impl Vapid {
    /// # Errors
    /// [`Fault::Config`] for what is no key.
    pub(crate) fn of(private_key: &Secret<String>, contact: &str) -> Result<Self, Fault> {
        let wrong = || Fault::Config {
            key: "private_key".to_owned(),
            message: "the 32 bytes of a private key on P-256, in base64url".to_owned(),
        };
        let text = private_key.expose().trim().trim_end_matches('=');
        let bytes = Secret::new(BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?);
        let agreed = PrivateKey::from_private_key(&ECDH_P256, bytes.expose()).map_err(|_| wrong())?;
        let public = agreed.compute_public_key().map_err(|_| wrong())?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            bytes.expose(),
            public.as_ref(),
        )
        .map_err(|_| wrong())?;
        Ok(Self { pair, public: BASE64URL_NOPAD.encode(public.as_ref()), contact: contact.to_owned() })
    }

    /// The header `Authorization` for a request to this push service.
    ///
    /// # Errors
    /// When nothing can be signed.
    #[allow(
        clippy::disallowed_methods,
        reason = "the signature takes a source of randomness and does not use it"
    )]
    pub(crate) fn authorization(&self, service: &Url, now: Timestamp) -> Result<String, Fault> {
        let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let claims = json!({
            "aud": service.origin().ascii_serialization(), "exp": now.plus(GOOD_FOR).as_secs(), "sub": self.contact,
        });
        let signed = format!("{}.{}", part(json!({"typ": "JWT", "alg": "ES256"})), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature =
            signature.map_err(|e| Fault::caused("a token for a push service can't be signed", e))?;
        let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}
