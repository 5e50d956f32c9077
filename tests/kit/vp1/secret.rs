//! What a person knows, and the blinded question for what it comes to under the server's key (RFC 9497).

use super::{
    bytes::{lp, random_scalar},
    code::Picture,
};
use curve25519_dalek::Scalar;
use sha2::Sha512;
use voprf::{BlindedElement, EvaluationElement, Group, OprfClient, OprfServer, Ristretto255};

/// Picture, PIN and pattern.
#[derive(Clone, Debug)]
pub struct Secret {
    pub picture: Picture,
    pub pin: Option<String>,
    /// Points on a side, and those that are joined, row by row from 0.
    pub pattern: Option<(u8, Vec<u8>)>,
}

impl Secret {
    /// A picture, six digits and a pattern, others for each number.
    pub fn of(number: u64) -> Self {
        let picture = Picture::of(number);
        let pin = Some(format!("{:06}", (493_817 + number * 7_919) % 1_000_000));
        Self { picture, pin, pattern: Some((3, vec![0, 1, 2, 5, 8])) }
    }

    /// A picture and six digits.
    pub fn without_pattern(number: u64) -> Self {
        Self { pattern: None, ..Self::of(number) }
    }

    /// With this PIN instead.
    #[must_use]
    pub fn pin(&self, pin: &str) -> Self {
        Self { pin: Some(pin.to_owned()), ..self.clone() }
    }

    /// With this pattern of three by three instead.
    #[must_use]
    pub fn pattern(&self, cells: &[u8]) -> Self {
        Self { pattern: Some((3, cells.to_vec())), ..self.clone() }
    }

    /// With this picture instead.
    #[must_use]
    pub fn picture(&self, picture: Picture) -> Self {
        Self { picture, ..self.clone() }
    }

    /// What is asked of the OPRF: everything but the picture.
    pub fn factors(&self) -> Vec<u8> {
        let flags = u8::from(self.pin.is_some()) | u8::from(self.pattern.is_some()) << 1;
        let pin = self.pin.as_deref().unwrap_or_default();
        let (grid, cells) = self.pattern.as_ref().map_or((0, &[][..]), |(grid, cells)| (*grid, cells));
        [lp(b"VP1-factors"), vec![flags], lp(pin.as_bytes()), vec![grid], lp(cells)].concat()
    }
}

/// The blinding factor, and the blinded factors.
pub(super) fn blinded(factors: &[u8]) -> (Scalar, [u8; 32]) {
    let blind = random_scalar();
    (blind, blinded_by(blind, factors))
}

/// The factors, blinded by this.
///
/// # Panics
/// Never: the factors are neither empty nor long.
pub fn blinded_by(blind: Scalar, factors: &[u8]) -> [u8; 32] {
    let to_group: [&[u8]; 1] = [b"HashToGroup-OPRFV1-\0-ristretto255-SHA512"];
    let element = Ristretto255::hash_to_curve::<Sha512>(&[factors], &to_group).expect("short factors");
    (element * blind).compress().to_bytes()
}

/// What they come to.
///
/// # Panics
/// For an evaluation that is no element.
pub fn finalized(blind: Scalar, factors: &[u8], evaluated: &[u8; 32]) -> [u8; 64] {
    let client = OprfClient::<Ristretto255>::deserialize(blind.as_bytes()).expect("a blinding factor");
    let evaluated = EvaluationElement::deserialize(evaluated).expect("an element");
    client.finalize(factors, &evaluated).expect("short factors").into()
}

/// What a server with this key answers.
///
/// # Panics
/// For what is no key or no element.
pub fn evaluate(key: &[u8; 32], blinded: &[u8; 32]) -> [u8; 32] {
    let server = OprfServer::<Ristretto255>::new_with_key(key).expect("a key");
    let blinded = BlindedElement::deserialize(blinded).expect("an element");
    server.blind_evaluate(&blinded).serialize().into()
}
