//! What a client needs besides picture, PIN and pattern to come to the same key again. Says nothing without the OPRF.

use super::Pieces;

/// How the picture becomes bits.
const ALGORITHM: &[u8; 14] = b"dct-sign-256/1";
/// The code of the sketch.
const CODE: &[u8; 12] = b"rs255-63-11d";

/// Salt and cost of Argon2id, and the masked sketch of the picture.
#[derive(Clone)]
pub struct Helper {
    /// Of this enrolment.
    pub salt: [u8; 16],
    /// Memory in KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u8,
    /// Lanes.
    pub lanes: u8,
    /// Looks random to who does not know PIN and pattern.
    pub masked_sketch: [u8; 255],
}

impl Helper {
    /// Its length in bytes.
    pub const BYTES: usize = 309;

    /// With the cost that clients take: 64 MiB, three passes, one lane.
    pub fn usual(salt: [u8; 16], masked_sketch: [u8; 255]) -> Self {
        Self { salt, memory: 65_536, passes: 3, lanes: 1, masked_sketch }
    }

    /// Reads it. `None` for another shape, algorithm or code, for a cost that is too low to protect anything, and for one so
    /// high that it would lock the person out of their own device.
    pub fn parse(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let mut pieces = Pieces(bytes);
        let salt = *pieces.take()?;
        let memory = u32::from_be_bytes(*pieces.take()?);
        let [passes, lanes] = *pieces.take()?;
        let known = pieces.item()? == ALGORITHM && pieces.item()? == CODE;
        let masked_sketch = *pieces.item()?;
        pieces.end()?;
        let fair =
            (65_536..=1_048_576).contains(&memory) && (3..=16).contains(&passes) && (1..=4).contains(&lanes);
        (known && fair).then_some(Self { salt, memory, passes, lanes, masked_sketch })
    }

    /// As it travels and is kept.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        let mut rest = &mut out[..];
        let mut put = |bytes: &[u8]| {
            let (piece, after) = std::mem::take(&mut rest).split_at_mut(bytes.len());
            piece.copy_from_slice(bytes);
            rest = after;
        };
        put(&self.salt);
        put(&self.memory.to_be_bytes());
        put(&[self.passes, self.lanes]);
        put(&[0, ALGORITHM.len() as u8]);
        put(ALGORITHM);
        put(&[0, CODE.len() as u8]);
        put(CODE);
        put(&[0, 255]);
        put(&self.masked_sketch);
        out
    }
}
