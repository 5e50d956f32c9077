//! What the secrets of plugins come from: bytes that the keyring holds and no database does. They outlive every
//! key-encryption key: what hangs on them can't be sealed anew.

use super::error::{KeyringError, Unfit};
use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Salt};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Secret, TenantId, in_sealed_document};
use gatewright_core::world::{World, random_array};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const BYTES: usize = 64;

/// Names what is derived: with another meaning it gets another number.
const SALT: &[u8] = b"gatewright secrets of plugins 1";

/// Another: what is derived under it tells nothing of a secret.
const ID_SALT: &[u8] = b"gatewright id of a seed 1";

/// The bytes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Seed(Zeroizing<[u8; BYTES]>);

/// As they stand in a keyring.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SeedText(#[serde(with = "in_sealed_document")] Secret<Vec<u8>>);

impl Seed {
    pub(super) fn fresh(world: &dyn World) -> Result<Self, KeyringError> {
        random_array(world).map(|bytes| Self(Zeroizing::new(bytes))).map_err(KeyringError::Randomness)
    }

    /// Base64; white space around it is not part of it.
    pub(super) fn parse(text: &str) -> Result<Self, Unfit> {
        let decoded = BASE64.decode(text.trim().as_bytes()).map(Zeroizing::new);
        Self::of(&decoded.map_err(|_| Unfit::SeedShape)?)
    }

    fn of(bytes: &[u8]) -> Result<Self, Unfit> {
        let seed = <[u8; BYTES]>::try_from(bytes).map_err(|_| Unfit::SeedLength(bytes.len()))?;
        let seed = Zeroizing::new(seed);
        if seed.iter().all(|byte| *byte == seed[0]) {
            return Err(Unfit::SeedWeak);
        }
        Ok(Self(seed))
    }

    pub(super) fn of_keyring(text: &SeedText) -> Result<Self, Unfit> {
        Self::of(text.0.expose())
    }

    pub(super) fn to_keyring(&self) -> SeedText {
        SeedText(Secret::new(self.0.to_vec()))
    }

    /// The secret of this plugin for this purpose in this tenant (HKDF-SHA-512, RFC 5869).
    pub(super) fn secret(
        &self,
        plugin: &str,
        tenant: &TenantId,
        purpose: &str,
    ) -> Result<Secret<[u8; 64]>, Fault> {
        let info = info(&[plugin, tenant.as_str(), purpose])?;
        let mut secret = Zeroizing::new([0; 64]);
        self.derive(SALT, &info, &mut secret[..])?;
        Ok(Secret::new(*secret))
    }

    /// Names it, and tells nothing of it.
    pub(super) fn id(&self) -> Result<[u8; 16], Fault> {
        let mut id = [0; 16];
        self.derive(ID_SALT, b"", &mut id)?;
        Ok(id)
    }

    fn derive(&self, salt: &[u8], info: &[u8], into: &mut [u8]) -> Result<(), Fault> {
        let key = Salt::new(HKDF_SHA512, salt).extract(&self.0[..]);
        let derived = key.expand(&[info], Length(into.len())).and_then(|okm| okm.fill(into));
        derived.map_err(|_| Fault::internal("nothing can be derived of the seed"))
    }
}

/// Each with its length before it: nobody can move the border between two.
fn info(parts: &[&str]) -> Result<Vec<u8>, Fault> {
    let mut info = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).map_err(|_| Fault::internal("a purpose is too long"))?;
        info.extend_from_slice(&length.to_be_bytes());
        info.extend_from_slice(part.as_bytes());
    }
    Ok(info)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;
    use data_encoding::{BASE64, HEXLOWER};
    use gatewright_contract::TenantId;
    use hkdf::Hkdf;
    use sha2::Sha512;

    fn seed() -> Seed {
        let bytes: Vec<u8> = (0..64).collect();
        Seed::parse(&BASE64.encode(&bytes)).expect("a seed")
    }

    fn secret(seed: &Seed, plugin: &str, tenant: &str, purpose: &str) -> String {
        let tenant = TenantId::parse(tenant).expect("a tenant");
        HEXLOWER.encode(seed.secret(plugin, &tenant, purpose).expect("is derived").expose())
    }

    #[test]
    fn each_plugin_tenant_and_purpose_has_its_own_and_no_border_can_be_moved() {
        let seed = seed();
        let one = secret(&seed, "zkp", "acme", "fakes");
        assert_eq!(one, secret(&seed, "zkp", "acme", "fakes"), "and it stays");
        let others = [
            ("oprf", "acme", "fakes"),
            ("zkp", "default", "fakes"),
            ("zkp", "acme", "seed"),
            ("zkpa", "cme", "fakes"),
        ];
        for (plugin, tenant, purpose) in others {
            assert_ne!(one, secret(&seed, plugin, tenant, purpose), "{plugin} {tenant} {purpose}");
        }
        let bytes: Vec<u8> = (1..65).collect();
        let other = Seed::parse(&BASE64.encode(&bytes)).expect("a seed");
        assert_ne!(one, secret(&other, "zkp", "acme", "fakes"));
    }

    #[test]
    fn it_is_hkdf_as_another_library_has_it() {
        let bytes: Vec<u8> = (0..64).collect();
        let info = b"\0\0\0\x03zkp\0\0\0\x04acme\0\0\0\x05fakes";
        let mut wanted = [0; 64];
        let hkdf = Hkdf::<Sha512>::new(Some(b"gatewright secrets of plugins 1"), &bytes);
        hkdf.expand(info, &mut wanted).expect("64 bytes");
        assert_eq!(secret(&seed(), "zkp", "acme", "fakes"), HEXLOWER.encode(&wanted));
        let mut wanted = [0; 16];
        let hkdf = Hkdf::<Sha512>::new(Some(b"gatewright id of a seed 1"), &bytes);
        hkdf.expand(b"", &mut wanted).expect("16 bytes");
        assert_eq!(seed().id().expect("is derived"), wanted);
    }

    #[test]
    fn only_64_random_bytes_are_a_seed() {
        let refused = |text: &str| Seed::parse(text).err().expect("refused").to_string();
        assert!(refused("not base64!").contains("64 bytes"));
        assert!(refused(&BASE64.encode(&[7; 32])).contains("32 bytes instead of 64"));
        assert!(refused(&BASE64.encode(&[7; 64])).contains("no random"));
        assert!(Seed::parse(&format!(" {}\n", BASE64.encode(&[[7; 32], [8; 32]].concat()))).is_ok());
    }
}
