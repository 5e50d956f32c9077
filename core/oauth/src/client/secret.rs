//! Secrets of clients: random, shown once, stored as a hash. Nobody chooses one.

use super::{AuthMethod, Client, ClientSecret};
use crate::{
    Provider,
    provider::{hex, key_of},
};
use gatewright_contract::{Fault, Timestamp};
use gatewright_core::{HashedToken, PlainToken};
use std::time::Duration;

/// Prefix of a secret.
const PREFIX: &str = "gwcs";

impl AuthMethod {
    /// Whether a client of this method has a secret.
    pub fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

impl Provider {
    /// A fresh secret, and what is stored of it.
    pub(super) fn client_secret(&self) -> Result<(PlainToken, ClientSecret), Fault> {
        let plain = PlainToken::new(PREFIX, self.engine.world())?;
        let hash = key_of(&plain);
        Ok((plain, ClientSecret { hash, created: self.engine.now(), expires: None }))
    }
}

impl Client {
    /// Takes a new secret; of the old ones the last stays good for a while.
    pub(super) fn renew(&mut self, secret: ClientSecret, now: Timestamp, overlap: Duration) {
        let last = self.secrets.drain(..).filter(|old| old.expires.is_none()).max_by_key(|old| old.created);
        if let Some(last) = last.filter(|_| !overlap.is_zero()) {
            self.secrets.push(ClientSecret { expires: Some(now.plus(overlap)), ..last });
        }
        self.secrets.push(secret);
    }

    /// Whether this is a secret of it that is good now.
    pub fn is_secret(&self, shown: &str, now: Timestamp) -> bool {
        let shown = hex(&HashedToken::of(shown.as_bytes()));
        let good = self.secrets.iter().filter(|known| known.expires.is_none_or(|end| end > now));
        good.fold(false, |found, known| {
            found | bool::from(subtle::ConstantTimeEq::ct_eq(known.hash.as_bytes(), shown.as_bytes()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(word: &str, created: i64) -> ClientSecret {
        let hash = hex(&HashedToken::of(word.as_bytes()));
        ClientSecret { hash, created: Timestamp::from_secs(created), expires: None }
    }

    #[test]
    fn the_last_secret_stays_good_for_a_while_and_the_one_before_it_does_not() {
        let mut client = Client { secrets: vec![secret("one", 1)], ..Client::default() };
        let now = Timestamp::from_secs(10);
        client.renew(secret("two", 10), now, Duration::from_secs(60));
        assert!(client.is_secret("one", now) && client.is_secret("two", now));
        assert!(!client.is_secret("one", Timestamp::from_secs(70)), "at its end it is over");
        client.renew(secret("three", 11), Timestamp::from_secs(11), Duration::from_secs(60));
        let now = Timestamp::from_secs(12);
        assert!(!client.is_secret("one", now), "two at most");
        assert!(client.is_secret("two", now) && client.is_secret("three", now));
        client.renew(secret("four", 12), now, Duration::ZERO);
        assert!(!client.is_secret("three", now) && client.is_secret("four", now));
        assert_eq!(client.secrets.len(), 1);
    }
}
