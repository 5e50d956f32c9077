//! A refresh token as its client shows it.
//!
//! `gwr_` and, in base64url, 16 bytes of the grant's id, 16 bytes that all of its refresh tokens share, 32 random bytes.

use crate::{grant::Grant, provider::hex};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::HashedToken;
use uuid::Uuid;

/// What a client has shown.
pub(crate) struct Shown {
    pub(crate) grant: Uuid,
    family: String,
    whole: String,
}

impl Shown {
    /// Reads one; none where it can't be one.
    pub(crate) fn read(token: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix("gwr_")?.as_bytes()).ok()?;
        let (grant, family) = (bytes.get(..16)?, bytes.get(16..32)?);
        let grant = Uuid::from_slice(grant).ok().filter(|_| bytes.len() == 64)?;
        let hash = |bytes: &[u8]| hex(&HashedToken::of(bytes));
        Some(Self { grant, family: hash(family), whole: hash(token.as_bytes()) })
    }

    /// Whether it was once issued for this grant.
    pub(crate) fn is_of(&self, grant: &Grant) -> bool {
        same(grant.family.as_deref(), &self.family)
    }

    /// Whether it is the one that is good now.
    pub(crate) fn is_current(&self, grant: &Grant) -> bool {
        self.is_of(grant) && same(grant.refresh.as_deref(), &self.whole)
    }
}

fn same(stored: Option<&str>, shown: &str) -> bool {
    stored.is_some_and(|stored| subtle::ConstantTimeEq::ct_eq(stored.as_bytes(), shown.as_bytes()).into())
}
