//! The name of a request, by which log, audit trail and a caller's report can be brought together.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use poem::http::HeaderValue;

/// Fills a buffer with random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

const LONGEST: usize = 64;
/// Random bytes in a name: 128 bits never meet twice.
const BYTES: usize = 16;
/// Names that are drawn at once.
const AHEAD: usize = 32;

/// The name of a request: in its extensions, in the answer's `X-Request-Id` and in the log. At most 64 characters out
/// of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Copy)]
pub struct RequestId {
    text: [u8; LONGEST],
    length: u8,
}

impl RequestId {
    /// In hexadecimal digits.
    fn of_bytes(bytes: [u8; BYTES]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; LONGEST];
        for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self { text, length: 2 * BYTES as u8 }
    }

    /// A name that somebody else gave; `None` when it could break a log line or a header.
    pub(super) fn parse(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let good = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if bytes.is_empty() || bytes.len() > LONGEST || !bytes.iter().all(good) {
            return None;
        }
        let mut text = [0; LONGEST];
        text[..bytes.len()].copy_from_slice(bytes);
        Some(Self { text, length: bytes.len() as u8 })
    }

    fn bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.length)]
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever put in.
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// As the value of a header.
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(self.bytes()).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
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

    /// A name of 128 random bits.
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
        RequestId::of_bytes(name)
    }
}
