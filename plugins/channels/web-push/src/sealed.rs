//! A message that only the device can read (RFC 8291, which is RFC 8188 with a key agreed on for each message).

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};

/// Longest message that is sent: it then fits into one record with what goes around it (RFC 8291, section 4).
pub(crate) const MOST_BYTES: usize = 3993;
/// The size of a record: one is all there is.
const RECORD: u32 = 4096;

/// For whom.
pub(crate) struct Receiver<'a> {
    /// A point on P-256, 65 bytes.
    pub(crate) public_key: &'a [u8],
    /// 16 bytes.
    pub(crate) auth: &'a [u8],
}

/// As many bytes as are asked for.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF (RFC 5869) with SHA-256.
fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Bytes(N))?.fill(&mut out)?;
    Ok(out)
}

/// The body of the request, in the encoding `aes128gcm`.
pub(crate) fn seal(
    message: &[u8],
    receiver: &Receiver<'_>,
    own: &PrivateKey,
    salt: &[u8; 16],
) -> Result<Vec<u8>, Unspecified> {
    if message.len() > MOST_BYTES {
        return Err(Unspecified);
    }
    let public = own.compute_public_key()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, receiver.public_key);
    let input: [u8; 32] = agree(own, peer, Unspecified, |shared| {
        let info: [&[u8]; 3] = [b"WebPush: info\0", receiver.public_key, public.as_ref()];
        derived(receiver.auth, shared, &info)
    })?;
    let key: [u8; 16] = derived(salt, &input, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derived(salt, &input, &[b"Content-Encoding: nonce\0"])?;
    // A two after the text says that this record is the last (RFC 8188, section 2).
    let mut record = [message, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    let length = u8::try_from(public.as_ref().len()).map_err(|_| Unspecified)?;
    Ok([&salt[..], &RECORD.to_be_bytes(), &[length], public.as_ref(), &record].concat())
}
