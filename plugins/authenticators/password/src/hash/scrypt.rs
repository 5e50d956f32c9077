//! scrypt (RFC 7914).
//!
//! * PHC, of passlib too: `$scrypt$ln=14,r=8,p=1$salt$hash`, base64
//! * Django: `scrypt$16384$salt$8$5$hash`, the salt as it stands, the hash in base64 with padding

use super::{HashFault, Scheme, params::within, text::Reader};
use ::scrypt::Params;
use std::ops::RangeInclusive;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The logarithm of `N` that is accepted, before [`WORK`] is looked at.
const LOG_N: RangeInclusive<u32> = 10..=23;
/// `r` and `p` that are accepted.
const FACTOR: RangeInclusive<u32> = 1..=64;
/// `128 · N · r · p` in bytes that is accepted: the time, and without `p` the memory, which the crate allocates and
/// frees in the call. 1 GiB are 4 s.
const WORK: u64 = 1 << 30;

/// A parsed scrypt hash.
pub struct ScryptHash {
    params: Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl ScryptHash {
    pub(super) fn parse(stored: &str) -> Result<Self, HashFault> {
        let read = Reader { scheme: Scheme::Scrypt };
        let (log_n, r, p, salt, output);
        if let Some(text) = stored.strip_prefix('$') {
            let [_, params, salt_text, output_text] = read.fields(text, '$')?;
            let [ln_text, r_text, p_text] = read.fields(params, ',')?;
            log_n = read.parameter(ln_text, "ln")?;
            (r, p) = (read.parameter(r_text, "r")?, read.parameter(p_text, "p")?);
            (salt, output) = (read.salt(salt_text)?, read.output(output_text)?);
        } else {
            let [_, n_text, salt_text, r_text, p_text, output_text] = read.fields(stored, '$')?;
            let n = read.decimal(n_text)?;
            if !n.is_power_of_two() {
                return Err(read.malformed("N is no power of two"));
            }
            log_n = n.ilog2();
            (r, p) = (read.decimal(r_text)?, read.decimal(p_text)?);
            salt = read.salt_bytes(salt_text.as_bytes().to_vec())?;
            output = read.padded_output(output_text)?;
        }
        Ok(Self { params: bounded(read, log_n, r, p)?, salt, output })
    }

    pub(super) fn matches(&self, password: &[u8]) -> Result<bool, HashFault> {
        let mut output = Zeroizing::new(vec![0; self.output.len()]);
        ::scrypt::scrypt(password, &self.salt, &self.params, &mut output)
            .map_err(|_| Reader { scheme: Scheme::Scrypt }.malformed("the hash"))?;
        Ok(output.ct_eq(&self.output).into())
    }
}

fn bounded(read: Reader, log_n: u32, r: u32, p: u32) -> Result<Params, HashFault> {
    within(read.scheme, "the logarithm of N", log_n, &LOG_N)?;
    within(read.scheme, "r", r, &FACTOR)?;
    within(read.scheme, "p", p, &FACTOR)?;
    let work = (128 * u64::from(r) * u64::from(p)) << log_n;
    within(read.scheme, "memory in bytes times p", work, &(1..=WORK))?;
    // At most 23, by its bound.
    Params::new(log_n as u8, r, p).map_err(|_| read.malformed("the parameters"))
}
