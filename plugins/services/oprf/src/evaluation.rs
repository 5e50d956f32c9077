//! Keys and evaluations (RFC 9497, mode OPRF; the derivation is that of VP1 2.2).

use gatewright_contract::{Fault, Secret};
use hkdf::Hkdf;
use sha2::Sha512;
use voprf::{BlindedElement, OprfServer, Ristretto255};
use zeroize::Zeroizing;

const KEY: &[u8] = b"VP1-OprfKey";
const SPENT: &[u8] = b"VP1-OprfSpent";
const SEED_ID: &[u8] = b"VP1-OprfSeedId";
const KEY_PAIR: &[u8] = b"VP1-DeriveKeyPair";

/// Names a key: random for each enrolment.
pub(crate) struct OprfId(pub(crate) [u8; 16]);

/// What the keys of a tenant come from.
pub(crate) struct Seed(pub(crate) Secret<[u8; 64]>);

/// A key; it is wiped when it goes.
pub(crate) struct Key(OprfServer<Ristretto255>);

/// What is asked.
pub(crate) struct Blinded(BlindedElement<Ristretto255>);

impl Seed {
    /// The key of this enrolment.
    pub(crate) fn key(&self, id: &OprfId) -> Result<Key, Fault> {
        self.key_for(id, KEY)
    }

    /// Another: the same each time, so that nobody can tell it from a key by asking twice.
    pub(crate) fn spent_key(&self, id: &OprfId) -> Result<Key, Fault> {
        self.key_for(id, SPENT)
    }

    /// Names the seed.
    pub(crate) fn id(&self) -> Result<[u8; 8], Fault> {
        let mut id = [0; 8];
        self.expand(&[SEED_ID], &mut id).map(|()| id)
    }

    fn key_for(&self, id: &OprfId, what: &[u8]) -> Result<Key, Fault> {
        let mut seed = Zeroizing::new([0; 32]);
        self.expand(&[&id.0, what], &mut seed[..])?;
        let key = OprfServer::new_from_seed(&seed[..], KEY_PAIR);
        key.map(Key).map_err(|_| Fault::internal("a key can't be derived"))
    }

    fn expand(&self, info: &[&[u8]], into: &mut [u8]) -> Result<(), Fault> {
        let hkdf = Hkdf::<Sha512>::from_prk(self.0.expose());
        let expanded = hkdf.ok().and_then(|hkdf| hkdf.expand_multi_info(info, into).ok());
        expanded.ok_or_else(|| Fault::internal("nothing can be derived of the seed"))
    }
}

impl Blinded {
    /// In its one encoding; `None` for another, and for the identity.
    pub(crate) fn parse(bytes: &[u8; 32]) -> Option<Self> {
        BlindedElement::deserialize(bytes).ok().map(Self)
    }

    pub(crate) fn under(&self, key: &Key) -> [u8; 32] {
        key.0.blind_evaluate(&self.0).serialize().into()
    }
}

#[cfg(test)]
impl Key {
    pub(crate) fn bytes(&self) -> [u8; 32] {
        self.0.serialize().into()
    }

    pub(crate) fn of_seed(seed: &[u8], info: &[u8]) -> Self {
        Self(OprfServer::new_from_seed(seed, info).expect("a key"))
    }
}
