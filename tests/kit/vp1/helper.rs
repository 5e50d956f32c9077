//! What the server keeps for the client.

use super::bytes::{lp, random};

/// How a picture becomes bits.
pub const ALG: &str = "dct-sign-256/1";
/// The code.
pub const CODE: &str = "rs255-63-11d";

/// The parts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    pub salt: [u8; 16],
    pub m: u32,
    pub t: u8,
    pub p: u8,
    pub alg: Vec<u8>,
    pub code: Vec<u8>,
    pub masked: [u8; 255],
}

impl Helper {
    /// In bytes.
    pub const LENGTH: usize = 309;

    /// A new one, without its sketch.
    pub fn fresh() -> Self {
        let (alg, code) = (ALG.as_bytes().to_vec(), CODE.as_bytes().to_vec());
        Self { salt: random(), m: 65_536, t: 3, p: 1, alg, code, masked: [0; 255] }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let head = [&self.salt[..], &self.m.to_be_bytes(), &[self.t, self.p]].concat();
        [head, lp(&self.alg), lp(&self.code), lp(&self.masked)].concat()
    }

    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (salt, rest) = bytes.split_first_chunk()?;
        let (m, rest) = rest.split_first_chunk()?;
        let ([t, p], rest) = rest.split_first_chunk()?;
        let (alg, rest) = item(rest)?;
        let (code, rest) = item(rest)?;
        let (masked, rest) = item(rest)?;
        let masked = masked.try_into().ok()?;
        let (alg, code) = (alg.to_vec(), code.to_vec());
        rest.is_empty().then_some(Self {
            salt: *salt,
            m: u32::from_be_bytes(*m),
            t: *t,
            p: *p,
            alg,
            code,
            masked,
        })
    }
}

fn item(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
