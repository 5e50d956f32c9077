//! What a proof is for: who proves what to whom, in which login, from which page.

use super::lp;

/// What is proven for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To log in.
    Login,
    /// To do something dangerous in a session that is there.
    Elevate,
    /// To change an e-mail address.
    UpdateEmail,
    /// To set up a first secret.
    Register,
    /// To replace one's own.
    Change,
    /// To replace a lost one.
    Reset,
}

impl Purpose {
    /// The word that is hashed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Elevate => "elevate",
            Self::UpdateEmail => "update-email",
            Self::Register => "register",
            Self::Change => "change",
            Self::Reset => "reset",
        }
    }
}

/// The `OtherInfo` of a proof (RFC 8235, section 3.3). What is not there is empty.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// [`Purpose::word`].
    pub purpose: &'a str,
    /// The tenant.
    pub tenant: &'a str,
    /// The login name, as it was typed.
    pub username: &'a str,
    /// The program.
    pub client_id: &'a str,
    /// The authorization request.
    pub auth_req_id: &'a str,
    /// The page's origin.
    pub origin: &'a str,
    /// Of the challenge.
    pub challenge_id: &'a [u8; 16],
    /// Of the challenge.
    pub nonce: &'a [u8; 32],
    /// The key that the challenge was sealed to.
    pub epk: &'a [u8; 32],
    /// When the challenge was made, in seconds since 1970.
    pub issued: u64,
    /// What else is decided by the proof.
    pub binding: &'a [u8],
}

impl Context<'_> {
    /// As it is hashed. `None` where an item is longer than 65 535 bytes.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        lp([
            &b"VP1-ctx"[..],
            self.purpose.as_bytes(),
            self.tenant.as_bytes(),
            self.username.as_bytes(),
            self.client_id.as_bytes(),
            self.auth_req_id.as_bytes(),
            self.origin.as_bytes(),
            self.challenge_id,
            self.nonce,
            self.epk,
            &self.issued.to_be_bytes(),
            self.binding,
        ])
    }
}

/// The `UserID` of a proof. `None` where an item is longer than 65 535 bytes.
pub fn user_id(tenant: &str, username: &str) -> Option<Vec<u8>> {
    lp([tenant.as_bytes(), username.as_bytes()])
}
