//! PBKDF2 (RFC 8018, section 5.2) with HMAC-SHA-1, -SHA-256 and -SHA-512.
//!
//! * PHC: `$pbkdf2-sha256$i=600000,l=32$salt$hash`, base64; `l` may be missing
//! * passlib: `$pbkdf2-sha256$29000$salt$hash`, base64 with `.` for `+`; `$pbkdf2$` is SHA-1
//! * Django: `pbkdf2_sha256$260000$salt$hash`, the salt as it stands, the hash in base64 with padding

use super::{HashFault, Scheme, params::within, text::Reader};
use ::pbkdf2::{pbkdf2_hmac, sha2};
use sha1::Sha1;
use std::ops::RangeInclusive;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Iterations that are accepted. RFC 8018 section 4.2 starts at 1000.
const ROUNDS: RangeInclusive<u32> = 1_000..=10_000_000;

/// Iterations times the blocks of output: the time. Ten millions are 1 s with SHA-256, 3 s with SHA-512.
const WORK: u64 = 10_000_000;

/// A parsed PBKDF2 hash.
pub struct Pbkdf2Hash {
    scheme: Scheme,
    rounds: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Pbkdf2Hash {
    pub(super) fn parse(scheme: Scheme, stored: &str) -> Result<Self, HashFault> {
        let read = Reader { scheme };
        let (rounds, salt, output) = match stored.strip_prefix('$') {
            None => {
                let [_, rounds, salt, output] = read.fields(stored, '$')?;
                let salt = read.salt_bytes(salt.as_bytes().to_vec())?;
                (read.decimal(rounds)?, salt, read.padded_output(output)?)
            }
            Some(text) => {
                let [_, params, salt, output] = read.fields(text, '$')?;
                if params.starts_with("i=") {
                    phc(read, params, salt, output)?
                } else {
                    passlib(read, params, salt, output)?
                }
            }
        };
        within(scheme, "iterations", rounds, &ROUNDS)?;
        let block = match scheme {
            Scheme::Pbkdf2Sha1 => 20,
            Scheme::Pbkdf2Sha256 => 32,
            _ => 64,
        };
        let work = u64::from(rounds) * output.len().div_ceil(block) as u64;
        within(scheme, "iterations times blocks", work, &(1..=WORK))?;
        Ok(Self { scheme, rounds, salt, output })
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut output = Zeroizing::new(vec![0; self.output.len()]);
        let derive = match self.scheme {
            Scheme::Pbkdf2Sha1 => pbkdf2_hmac::<Sha1>,
            Scheme::Pbkdf2Sha256 => pbkdf2_hmac::<sha2::Sha256>,
            _ => pbkdf2_hmac::<sha2::Sha512>,
        };
        derive(password, &self.salt, self.rounds, &mut output);
        output.ct_eq(&self.output).into()
    }
}

/// Iterations, salt and output.
type Parts = (u32, Vec<u8>, Vec<u8>);

fn phc(read: Reader, params: &str, salt: &str, output: &str) -> Result<Parts, HashFault> {
    let (rounds, length) = match params.split_once(',') {
        Some((rounds, length)) => (rounds, Some(read.parameter(length, "l")?)),
        None => (params, None),
    };
    let output = read.output(output)?;
    if length.is_some_and(|length| length as usize != output.len()) {
        return Err(read.malformed("the hash is not as long as it says"));
    }
    Ok((read.parameter(rounds, "i")?, read.salt(salt)?, output))
}

fn passlib(read: Reader, rounds: &str, salt: &str, output: &str) -> Result<Parts, HashFault> {
    if salt.contains('+') || output.contains('+') {
        return Err(read.malformed("the alphabet"));
    }
    let (salt, output) = (salt.replace('.', "+"), output.replace('.', "+"));
    Ok((read.decimal(rounds)?, read.salt(&salt)?, read.output(&output)?))
}
