//! The name of a request, by which log, audit trail and a caller's report can be brought together.

use std::sync::{Arc, Mutex, PoisonError};

use gatewright_plugin::request::RequestId;
use poem::http::HeaderValue;

/// Fills a buffer with random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

const LONGEST: usize = 64;
/// Random bytes in a name: 128 bits never meet twice.
const BYTES: usize = 16;
/// Names that are drawn at once.
const AHEAD: usize = 32;

/// A name that somebody else gave; `None` when it could break a log line or a header: more than 64 characters, or others
/// than `A-Z a-z 0-9 . _ -`.
pub(super) fn given(value: &HeaderValue) -> Option<RequestId> {
    let text = value.to_str().ok()?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let fits = !text.is_empty() && text.len() <= LONGEST && text.bytes().all(good);
    fits.then(|| RequestId(text.into()))
}

/// The value of `X-Request-Id`.
pub(super) fn header(id: &RequestId) -> HeaderValue {
    HeaderValue::from_str(&id.0).unwrap_or(HeaderValue::from_static("-"))
}

/// Makes new names. The random bytes are drawn for several at a time, since asking a cryptographic generator costs far
/// more than what one name takes; a name is no secret.
pub(super) struct Names {
    random: Random,
    ahead: Mutex<Ahead>,
}

struct Ahead {
    bytes: [u8; BYTES * AHEAD],
    used: usize,
}

impl Names {
    pub(super) fn new(random: Random) -> Self {
        Self { random, ahead: Mutex::new(Ahead { bytes: [0; BYTES * AHEAD], used: BYTES * AHEAD }) }
    }

    /// A name of 128 random bits, in hexadecimal digits.
    pub(super) fn fresh(&self) -> RequestId {
        let mut name = [0; BYTES];
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead.used == ahead.bytes.len() {
            (self.random)(&mut ahead.bytes);
            ahead.used = 0;
        }
        let start = ahead.used;
        name.copy_from_slice(&ahead.bytes[start..start + BYTES]);
        ahead.used += BYTES;
        drop(ahead);
        hexadecimal(name)
    }
}

fn hexadecimal(bytes: [u8; BYTES]) -> RequestId {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 2 * BYTES];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    // Digits are ASCII.
    RequestId(std::str::from_utf8(&text).unwrap_or_default().into())
}
