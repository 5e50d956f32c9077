//! Pictures as bits, and the code that forgives some of them: RS(255,63).

use super::bytes::sha512;
use fec::{RsDecoder, RsEncoder};

const POLYNOMIAL: u16 = 0x11D;
const CHECK_BYTES: usize = 192;

/// The 2 040 bits of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(pub [u8; 255]);

impl Picture {
    /// Another for each number, as unlike each other as two pictures are.
    pub fn of(number: u64) -> Self {
        let block = |at: u64| sha512(&[b"picture", &number.to_be_bytes(), &at.to_be_bytes()]);
        let bytes: Vec<u8> = (0..4).flat_map(block).take(255).collect();
        Self(bytes.try_into().expect("255 bytes"))
    }

    /// The same after it was stored anew: in so many bytes one bit differs.
    #[must_use]
    pub fn noisy(&self, bytes: usize) -> Self {
        let mut bits = self.0;
        // 7 and 255 share no divisor: no byte comes twice.
        (0..bytes).for_each(|n| bits[n * 7 % 255] ^= 1 << (n % 8));
        Self(bits)
    }
}

/// The code word of a message.
///
/// # Panics
/// Never for these lengths.
pub fn encoded(message: &[u8; 63]) -> [u8; 255] {
    let mut word = [0; 255];
    RsEncoder::new(POLYNOMIAL, 0, 1, CHECK_BYTES).encode(message, &mut word).expect("a message of 63 bytes");
    word
}

/// The message, and how many bits of the word were wrong; nothing where more than 96 bytes were.
pub fn decoded(word: &[u8; 255]) -> Option<([u8; 63], u32)> {
    let mut message = [0; 63];
    RsDecoder::new(POLYNOMIAL, 0, 1, CHECK_BYTES).decode(word, &mut message).ok()?;
    let right = encoded(&message);
    let wrong = right.iter().zip(word).filter(|(a, b)| a != b).count();
    let bits = right.iter().zip(word).map(|(a, b)| (a ^ b).count_ones()).sum();
    (wrong <= CHECK_BYTES / 2).then_some((message, bits))
}
