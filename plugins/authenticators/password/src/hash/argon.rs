//! Argon2 (RFC 9106): our own hashes, and the imported ones of all three variants.
//!
//! * PHC: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`; without `v=` it is version 16
//! * Django: the same behind `argon2`

use super::{Argon2Params, HashFault, Scheme, arena::with_blocks, text::Reader};
use ::argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of salt and of output in the hashes that we make (RFC 9106, section 4).
const OUR_SALT_BYTES: usize = 16;
const OUR_OUTPUT_BYTES: usize = 32;

/// A parsed Argon2 hash.
pub struct Argon2Hash {
    scheme: Scheme,
    version: Version,
    params: Argon2Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Argon2Hash {
    pub(super) fn parse(scheme: Scheme, stored: &str) -> Result<Self, HashFault> {
        let read = Reader { scheme };
        let text = stored.strip_prefix("argon2").unwrap_or(stored);
        let (version, rest) = match text.split_once("$v=") {
            Some((name, rest)) => {
                let (version, rest) =
                    rest.split_once('$').ok_or_else(|| read.malformed("a field is missing"))?;
                if name.len() != scheme.as_str().len() + 1 {
                    return Err(read.malformed("the version"));
                }
                (read.decimal(version)?, rest)
            }
            None => (16, &text[scheme.as_str().len() + 2..]),
        };
        let version = Version::try_from(version).map_err(|_| read.malformed("the version"))?;
        let [params, salt, output] = read.fields(rest, '$')?;
        let [memory, iterations, parallelism] = read.fields(params, ',')?;
        let params = Argon2Params {
            memory_kib: read.parameter(memory, "m")?,
            iterations: read.parameter(iterations, "t")?,
            parallelism: read.parameter(parallelism, "p")?,
        };
        params.check_for(scheme)?;
        Ok(Self { scheme, version, params, salt: read.salt(salt)?, output: read.output(output)? })
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `keep`: the arena's limit in blocks.
    pub(super) fn matches(&self, password: &[u8], keep: usize) -> Result<bool, HashFault> {
        let algorithm = match self.scheme {
            Scheme::Argon2i => Algorithm::Argon2i,
            Scheme::Argon2d => Algorithm::Argon2d,
            _ => Algorithm::Argon2id,
        };
        let mut output = Zeroizing::new(vec![0; self.output.len()]);
        fill(algorithm, self.version, &self.params, keep, password, &self.salt, &mut output)?;
        Ok(output.ct_eq(&self.output).into())
    }

    /// Made as a new hash with these parameters would be.
    pub(super) fn is_current(&self, wanted: &Argon2Params) -> bool {
        self.scheme == Scheme::Argon2id
            && self.version == Version::V0x13
            && self.params == *wanted
            && self.salt.len() == OUR_SALT_BYTES
            && self.output.len() == OUR_OUTPUT_BYTES
    }
}

pub(super) fn hash(password: &[u8], salt: &[u8; 16], params: &Argon2Params) -> Result<String, HashFault> {
    params.check()?;
    let mut output = Zeroizing::new([0; OUR_OUTPUT_BYTES]);
    let keep = params.blocks();
    fill(Algorithm::Argon2id, Version::V0x13, params, keep, password, salt, &mut *output)?;
    Ok(phc(params, salt, &*output))
}

/// All zeros: a password that gives this output would be a preimage.
pub(super) fn decoy(params: &Argon2Params) -> String {
    phc(params, &[0; OUR_SALT_BYTES], &[0; OUR_OUTPUT_BYTES])
}

fn phc(params: &Argon2Params, salt: &[u8], output: &[u8]) -> String {
    let Argon2Params { memory_kib, iterations, parallelism } = params;
    let (salt, output) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(output));
    format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${output}")
}

fn fill(
    algorithm: Algorithm,
    version: Version,
    params: &Argon2Params,
    keep: usize,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), HashFault> {
    // Everything was bounded before: the crate has nothing left to refuse.
    let refused = |_| Reader { scheme: Scheme::Argon2id }.malformed("the parameters");
    let &Argon2Params { memory_kib, iterations, parallelism } = params;
    let params = Params::new(memory_kib, iterations, parallelism, Some(output.len())).map_err(refused)?;
    let count = params.block_count();
    let argon = Argon2::new(algorithm, version, params);
    let run = |blocks: &mut [Block]| argon.hash_password_into_with_memory(password, salt, output, blocks);
    with_blocks(count, keep, run)?.map_err(refused)
}
