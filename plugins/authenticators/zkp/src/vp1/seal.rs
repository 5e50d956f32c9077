//! What only the other side can read: HPKE (RFC 9180), base mode, one message for each key that is encapsulated.

use hpke::{
    Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    rand_core::{Infallible, TryCryptoRng, TryRng},
    single_shot_open, single_shot_seal_with_rng,
};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

type Private = <X25519HkdfSha256 as Kem>::PrivateKey;
type Public = <X25519HkdfSha256 as Kem>::PublicKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Length of an encapsulated key.
const ENC: usize = 32;

/// A key that others seal to. Not printed.
pub struct KeyPair {
    secret: Private,
    public: [u8; 32],
}

impl KeyPair {
    /// The same of the same bytes (RFC 9180, section 7.1.3): at least 32 that nobody can guess.
    pub fn derive(material: &[u8]) -> Self {
        let (secret, public) = X25519HkdfSha256::derive_keypair(material);
        Self { secret, public: public.to_bytes().into() }
    }

    /// Of the secret key's bytes.
    pub fn of_secret(bytes: &[u8; 32]) -> Option<Self> {
        let secret = Private::from_bytes(bytes).ok()?;
        let public = X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into();
        Some(Self { secret, public })
    }

    /// What others seal to.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Its name: the first eight bytes of a hash.
    pub fn kid(&self) -> [u8; 8] {
        let mut kid = [0; 8];
        kid.copy_from_slice(&Sha512::digest(self.public)[..8]);
        kid
    }
}

/// Why nothing was sealed.
#[derive(Debug, PartialEq, Eq)]
pub enum NotSealed<E> {
    /// To a point of low order, everybody could open it (RFC 9180, section 7.1.4).
    Key,
    /// There were no random bytes.
    Random(E),
}

/// Seals to a public key; `random` fills the key that it takes for this once.
///
/// # Errors
/// [`NotSealed`].
pub fn seal<E>(
    to: &[u8; 32],
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
    random: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, NotSealed<E>> {
    let to = Public::from_bytes(to).map_err(|_| NotSealed::Key)?;
    let mut drawn = Drawn { random, failed: None };
    let sealed = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        info,
        plain,
        aad,
        &mut drawn,
    );
    // What was made without randomness does not leave.
    if let Some(why) = drawn.failed {
        return Err(NotSealed::Random(why));
    }
    let (enc, ciphertext) = sealed.map_err(|_| NotSealed::Key)?;
    Ok([&enc.to_bytes()[..], &ciphertext].concat())
}

/// Whether something can be sealed to it. For before anything is done that costs somebody a try.
pub fn can_be_sealed_to(key: &[u8; 32]) -> bool {
    // Sealed with a key that everybody knows: of no use, and not kept.
    let known = |buffer: &mut [u8]| -> Result<(), Infallible> {
        buffer.fill(1);
        Ok(())
    };
    seal(key, b"", b"", b"", known).is_ok()
}

/// Opens what was sealed to this key with the same `info` and `aad`; `None` for anything else.
pub fn open(with: &KeyPair, info: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (enc, ciphertext) = sealed.split_at_checked(ENC)?;
    let enc = Encapsulated::from_bytes(enc).ok()?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &with.secret,
        &enc,
        info,
        ciphertext,
        aad,
    )
    .ok()
    .map(Zeroizing::new)
}

/// The host's randomness, for a library that takes a generator which can't fail.
struct Drawn<F, E> {
    random: F,
    failed: Option<E>,
}

impl<E, F: FnMut(&mut [u8]) -> Result<(), E>> TryRng for Drawn<F, E> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        if let Err(why) = (self.random)(bytes) {
            self.failed = Some(why);
        }
        Ok(())
    }
}

impl<E, F: FnMut(&mut [u8]) -> Result<(), E>> TryCryptoRng for Drawn<F, E> {}
