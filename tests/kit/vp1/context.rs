//! What a proof is bound to.

use super::bytes::lp;
use serde_json::Value;

/// What both sides know of a challenge without its being sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub purpose: String,
    pub tenant: String,
    pub username: String,
    pub client_id: String,
    pub auth_req_id: String,
    pub origin: String,
}

/// What travels sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub challenge_id: [u8; 16],
    pub nonce: [u8; 32],
    pub issued: u64,
    pub ttl: u32,
    pub evaluated: [u8; 32],
    pub helper: Vec<u8>,
}

impl Context {
    /// As a prompt or an invitation says it; the page is the client's own.
    pub fn of(prompt: &Value, origin: &str) -> Self {
        let text = |key: &str| prompt[key].as_str().unwrap_or_default().to_owned();
        Self {
            purpose: text("purpose"),
            tenant: text("tenant"),
            username: text("username"),
            client_id: text("client_id"),
            auth_req_id: text("auth_req_id"),
            origin: origin.to_owned(),
        }
    }

    /// For something else.
    #[must_use]
    pub fn to(mut self, purpose: &str) -> Self {
        purpose.clone_into(&mut self.purpose);
        self
    }

    /// The bytes that are hashed: `OtherInfo` of RFC 8235.
    pub fn bytes(&self, sealed: &Sealed, epk: &[u8; 32], binding: &[u8]) -> Vec<u8> {
        let issued = sealed.issued.to_be_bytes();
        let items: [&[u8]; 12] = [
            b"VP1-ctx",
            self.purpose.as_bytes(),
            self.tenant.as_bytes(),
            self.username.as_bytes(),
            self.client_id.as_bytes(),
            self.auth_req_id.as_bytes(),
            self.origin.as_bytes(),
            &sealed.challenge_id,
            &sealed.nonce,
            epk,
            &issued,
            binding,
        ];
        items.iter().flat_map(|item| lp(item)).collect()
    }

    /// What a sealed challenge is authenticated with.
    pub fn of_challenge(&self, cipher_key: &[u8]) -> Vec<u8> {
        let items =
            [self.tenant.as_bytes(), self.username.as_bytes(), self.auth_req_id.as_bytes(), cipher_key];
        items.iter().flat_map(|item| lp(item)).collect()
    }

    /// What a sealed commitment is authenticated with.
    pub fn of_commitment(&self, email: &str) -> Vec<u8> {
        let items = [&self.purpose, &self.tenant, &self.username, email, super::VERSION, &self.auth_req_id]
            .map(str::as_bytes);
        items.iter().flat_map(|item| lp(item)).collect()
    }
}

impl Sealed {
    /// Of the plaintext of a challenge; `None` where it is none.
    pub fn parse(plain: &[u8]) -> Option<Self> {
        let (version, rest) = plain.split_first()?;
        let (challenge_id, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (issued, rest) = rest.split_first_chunk()?;
        let (ttl, rest) = rest.split_first_chunk()?;
        let (evaluated, helper) = rest.split_first_chunk()?;
        (*version == 1 && helper.len() == super::Helper::LENGTH).then(|| Self {
            challenge_id: *challenge_id,
            nonce: *nonce,
            issued: u64::from_be_bytes(*issued),
            ttl: u32::from_be_bytes(*ttl),
            evaluated: *evaluated,
            helper: helper.to_vec(),
        })
    }
}
