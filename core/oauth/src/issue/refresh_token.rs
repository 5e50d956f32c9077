//! Refresh tokens: each names its grant and shows that it is of its family, so that one that was used before is told from a
//! guess without a list of all that there were.

use crate::{Provider, Result, provider::hex};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{HashedToken, world::random_array};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "gwr_";

/// Of the grant, of the family, of this one.
const PARTS: (usize, usize, usize) = (16, 16, 32);

/// A refresh token as its client holds it. Not printed.
pub(crate) struct RefreshToken {
    /// The grant that it names; this proves nothing.
    pub(crate) grant: Uuid,
    family: [u8; 16],
    text: String,
}

impl RefreshToken {
    /// What a client sent; none where it can't be one of ours.
    pub(crate) fn received(text: &str) -> Option<Self> {
        if text.len() > 128 {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let (grant, rest) = bytes.split_first_chunk::<{ PARTS.0 }>()?;
        let (family, own) = rest.split_first_chunk::<{ PARTS.1 }>()?;
        let whole = own.len() == PARTS.2;
        whole.then(|| Self { grant: Uuid::from_bytes(*grant), family: *family, text: text.to_owned() })
    }

    /// The token itself, for its client.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// What is stored of the family.
    pub(crate) fn family_hash(&self) -> String {
        hex(&HashedToken::of(&self.family))
    }

    /// What is stored of this one.
    pub(crate) fn hash(&self) -> String {
        hex(&HashedToken::of(self.text.as_bytes()))
    }

    /// Whether its client has had a refresh token of this grant.
    pub(crate) fn is_of(&self, family: Option<&String>) -> bool {
        family.is_some_and(|known| known.as_bytes().ct_eq(self.family_hash().as_bytes()).into())
    }

    /// Whether it is the one that is good now.
    pub(crate) fn is_now(&self, current: Option<&String>) -> bool {
        current.is_some_and(|known| known.as_bytes().ct_eq(self.hash().as_bytes()).into())
    }
}

impl Provider {
    /// The first refresh token of a grant, or the next of the same family.
    pub(crate) fn refresh_token(&self, grant: Uuid, before: Option<&RefreshToken>) -> Result<RefreshToken> {
        let world = self.engine.world();
        let family = match before {
            Some(before) => before.family,
            None => random_array(world)?,
        };
        let own: [u8; PARTS.2] = random_array(world)?;
        let bytes = [&grant.as_bytes()[..], &family, &own].concat();
        let text = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes));
        Ok(RefreshToken { grant, family, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(grant: u8, family: u8, own: u8) -> String {
        let bytes = [&[grant; 16][..], &[family; 16], &[own; 32]].concat();
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }

    #[test]
    fn a_token_shows_its_grant_and_its_family_and_is_no_other() {
        let first = RefreshToken::received(&token(1, 2, 3)).expect("reads");
        let next = RefreshToken::received(&token(1, 2, 4)).expect("reads");
        let guess = RefreshToken::received(&token(1, 5, 3)).expect("reads");
        let (family, current) = (Some(first.family_hash()), Some(next.hash()));
        assert_eq!(first.grant, Uuid::from_bytes([1; 16]));
        assert!(first.is_of(family.as_ref()) && !first.is_now(current.as_ref()), "used before");
        assert!(next.is_of(family.as_ref()) && next.is_now(current.as_ref()), "good");
        assert!(!guess.is_of(family.as_ref()), "guessed");
        assert!(!first.is_of(None) && !first.is_now(None));
    }

    #[test]
    fn what_can_not_be_one_is_none() {
        let good = token(1, 2, 3);
        let longer = format!("{good}AAAA");
        for bad in ["", "gwr_", "gwo_AAAA", &good[..good.len() - 4], &longer, &good.replace("gwr_", "gwa_")] {
            assert!(RefreshToken::received(bad).is_none(), "{bad}");
        }
        assert!(RefreshToken::received(&format!("gwr_{}", "A".repeat(200_000))).is_none());
    }
}
