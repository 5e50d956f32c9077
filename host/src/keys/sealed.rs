//! The form of everything that is sealed: `version | key id | nonce | sealed`, AES-256-GCM (NIST SP 800-38D).

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use gatewright_contract::Fault;
use uuid::Uuid;

const FORM: u8 = 1;
const HEAD: usize = 1 + 16 + NONCE_LEN;

/// The id of the key that sealed it, where it has the form.
pub(super) fn key_of(sealed: &[u8]) -> Option<Uuid> {
    let head = sealed.get(..HEAD)?;
    (head[0] == FORM).then(|| Uuid::from_slice(&head[1..17]).ok())?
}

/// Seals under this key; `context` must be given again to open.
pub(super) fn seal(
    key: &RandomizedNonceKey,
    id: Uuid,
    context: &str,
    plain: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut text = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut text)
        .map_err(|_| Fault::internal("sealing failed"))?;
    let mut sealed = Vec::with_capacity(HEAD + text.len());
    sealed.push(FORM);
    sealed.extend_from_slice(id.as_bytes());
    sealed.extend_from_slice(nonce.as_ref());
    sealed.append(&mut text);
    Ok(sealed)
}

/// Opens what was sealed under this key for this context.
pub(super) fn open(key: &RandomizedNonceKey, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
    let damaged = || Fault::internal("sealed data does not open: altered, or moved to another place");
    let (head, text) =
        sealed.split_at_checked(HEAD).filter(|(head, _)| head[0] == FORM).ok_or_else(damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(&head[17..]).map_err(|_| damaged())?;
    let mut buffer = text.to_vec();
    let plain =
        key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut buffer).map_err(|_| damaged())?;
    let length = plain.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// One in 2^28 of what is sealed asks for a new key. A nonce is random, so this counts without counting, over
/// restarts and over all hosts: that one key seals more than 2^32 texts, after which random nonces are no longer
/// safe (NIST SP 800-38D, section 8.3), has a chance of e^-16.
pub(super) fn asks_for_rotation(sealed: &[u8]) -> bool {
    let Some(last) = sealed.get(HEAD - 4..HEAD) else { return false };
    last[0] & 0x0f == 0 && last[1..] == [0; 3]
}

#[cfg(test)]
mod tests {
    use super::asks_for_rotation;

    #[test]
    fn twenty_eight_bits_of_the_nonce_ask_for_a_new_key() {
        let with = |last: [u8; 4]| asks_for_rotation(&[&[7; 25][..], &last, &[1; 20]].concat());
        assert!(with([0, 0, 0, 0]) && with([0xf0, 0, 0, 0]));
        assert!(!with([1, 0, 0, 0]) && !with([0, 1, 0, 0]) && !with([0, 0, 0, 1]) && !with([0, 0, 0x80, 0]));
        assert!(!asks_for_rotation(&[0; 10]));
    }
}
