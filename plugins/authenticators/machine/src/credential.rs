//! What is kept about a device: hashes, from which nothing can be sent.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Held, Host, HostExt as _, Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use subtle::ConstantTimeEq as _;

/// Random bytes of a nonce.
const NONCE_BYTES: usize = 32;
const DIGEST_BYTES: usize = 32;

/// The document of one device, sealed at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Of the nonce that names the device and stays.
    machine: Digest,
    /// Of the nonce that changes with each use.
    sequence: Digest,
    /// Of what the device looks like and the nonce that names it: few devices look unlike all others, so that a hash of
    /// the look alone could be searched.
    fingerprint: Option<Digest>,
    /// When it is forgotten.
    pub(crate) expires: Timestamp,
}

impl Credential {
    pub(crate) fn new(
        machine: &Secret<String>,
        sequence: &Secret<String>,
        fingerprint: Option<&Secret<String>>,
        expires: Timestamp,
    ) -> Self {
        Self {
            machine: Digest::of(&[machine]),
            sequence: Digest::of(&[sequence]),
            fingerprint: fingerprint.map(|look| Digest::of(&[machine, look])),
            expires,
        }
    }

    /// The same with the next number.
    pub(crate) fn followed_by(&self, sequence: &Secret<String>) -> Self {
        Self { sequence: Digest::of(&[sequence]), ..self.clone() }
    }

    pub(crate) fn is_next(&self, sequence: &Secret<String>) -> bool {
        self.sequence.same(&Digest::of(&[sequence]))
    }

    /// Whether it is the device that was remembered, as far as that was said then.
    pub(crate) fn looks_like(&self, machine: &Secret<String>, fingerprint: Option<&Secret<String>>) -> bool {
        match (&self.fingerprint, fingerprint) {
            (None, _) => true,
            (Some(known), Some(look)) => known.same(&Digest::of(&[machine, look])),
            (Some(_), None) => false,
        }
    }

    pub(crate) fn has_fingerprint(&self) -> bool {
        self.fingerprint.is_some()
    }
}

/// The device of this name. It is held against all of them, whether one fits or not.
pub(crate) fn named<'a>(
    held: &'a [Held<Credential>],
    machine: &Secret<String>,
) -> Option<&'a Held<Credential>> {
    let digest = Digest::of(&[machine]);
    held.iter()
        .fold(None, |found, device| if device.doc.machine.same(&digest) { Some(device) } else { found })
}

/// A nonce, as it goes over the wire.
pub(crate) fn nonce(host: &Host) -> Result<Secret<String>, Fault> {
    Ok(Secret::new(BASE64URL_NOPAD.encode(&host.random_array::<NONCE_BYTES>()?)))
}

/// A hash. A nonce is random and long: a fast hash is enough.
#[derive(Clone)]
struct Digest([u8; DIGEST_BYTES]);

impl Digest {
    fn of(texts: &[&Secret<String>]) -> Self {
        let mut context = Context::new(&SHA256);
        for text in texts {
            // The length before each: two texts are never another two.
            context.update(&(text.expose().len() as u64).to_be_bytes());
            context.update(text.expose().as_bytes());
        }
        let mut digest = [0; DIGEST_BYTES];
        digest.copy_from_slice(context.finish().as_ref());
        Self(digest)
    }

    fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom("expected 32 bytes in base64url"))
    }
}
