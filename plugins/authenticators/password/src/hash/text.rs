//! Reading the parts of a stored hash, strictly: what no scheme writes is refused, not guessed at.

use super::{HashFault, Scheme, params::within};
use data_encoding::{BASE64, BASE64_NOPAD};
use std::ops::RangeInclusive;

/// Bytes of salt that are accepted. RFC 8018 section 4.1 and RFC 9106 section 3.1 start at 8.
const SALT_BYTES: RangeInclusive<u64> = 8..=64;

/// Bytes of output that are accepted. Below 16 a wrong password could match by luck in an offline search.
const OUTPUT_BYTES: RangeInclusive<u64> = 16..=64;

/// The text of one stored hash, with the scheme for its faults.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) scheme: Scheme,
}

impl Reader {
    pub(super) fn malformed(self, part: &'static str) -> HashFault {
        HashFault::Malformed { scheme: self.scheme, part }
    }

    /// Exactly `N` fields with `separator` between them.
    pub(super) fn fields<const N: usize>(self, text: &str, separator: char) -> Result<[&str; N], HashFault> {
        let mut found = [""; N];
        let mut parts = text.split(separator);
        for field in &mut found {
            *field = parts.next().ok_or_else(|| self.malformed("a field is missing"))?;
        }
        if parts.next().is_some() { Err(self.malformed("a field too many")) } else { Ok(found) }
    }

    /// A decimal number as the PHC string format writes it: digits only, no leading zero.
    pub(super) fn decimal(self, text: &str) -> Result<u32, HashFault> {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = text.len() == 1 || !text.starts_with('0');
        if !plain || !canonical {
            return Err(self.malformed("a number"));
        }
        // What does not fit is out of every bound: the caller's check says so with the bound.
        Ok(text.parse().unwrap_or(u32::MAX))
    }

    /// `name=number`.
    pub(super) fn parameter(self, text: &str, name: &str) -> Result<u32, HashFault> {
        let value = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        self.decimal(value.ok_or_else(|| self.malformed("the parameters"))?)
    }

    /// A salt in the alphabet of the PHC string format: base64 (RFC 4648 section 4) without padding.
    pub(super) fn salt(self, text: &str) -> Result<Vec<u8>, HashFault> {
        self.salt_bytes(self.decode(text, "the salt")?)
    }

    /// A salt that is bytes already.
    pub(super) fn salt_bytes(self, salt: Vec<u8>) -> Result<Vec<u8>, HashFault> {
        within(self.scheme, "the salt's length in bytes", salt.len() as u64, &SALT_BYTES)?;
        Ok(salt)
    }

    /// An output in base64 without padding.
    pub(super) fn output(self, text: &str) -> Result<Vec<u8>, HashFault> {
        self.output_bytes(self.decode(text, "the hash")?)
    }

    /// An output in base64 with padding, as Django writes it.
    pub(super) fn padded_output(self, text: &str) -> Result<Vec<u8>, HashFault> {
        self.output_bytes(BASE64.decode(text.as_bytes()).map_err(|_| self.malformed("the hash"))?)
    }

    fn output_bytes(self, output: Vec<u8>) -> Result<Vec<u8>, HashFault> {
        within(self.scheme, "the hash's length in bytes", output.len() as u64, &OUTPUT_BYTES)?;
        Ok(output)
    }

    fn decode(self, text: &str, part: &'static str) -> Result<Vec<u8>, HashFault> {
        BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| self.malformed(part))
    }
}
