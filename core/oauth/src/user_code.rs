//! Codes that people type: eight letters that make no words and are not mistaken for each other (RFC 8628, section 6.1).

use gatewright_contract::{Fault, TenantId};
use gatewright_core::{
    HashedToken,
    world::{World, random_array},
};

/// Consonants.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many.
const LENGTH: usize = 8;

/// A code in the form that is compared. Not printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A new one.
    pub(crate) fn new(world: &dyn World) -> Result<Self, Fault> {
        loop {
            let random: [u8; 32] = random_array(world)?;
            // Those beyond the last whole round of the letters would make some more likely than others.
            let fair =
                random.into_iter().filter(|byte| *byte < 240).map(|byte| LETTERS[usize::from(byte % 20)]);
            let letters: Vec<u8> = fair.take(LENGTH).collect();
            if let Ok(code) = letters.try_into() {
                return Ok(Self(code));
            }
        }
    }

    /// As somebody has typed it: in small letters, with hyphens and blanks wherever; none where it can't be one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let letters = text.bytes().filter(|b| !matches!(b, b'-' | b' ')).map(|b| b.to_ascii_uppercase());
        let letters: Vec<u8> = letters.collect();
        let all = letters.iter().all(|letter| LETTERS.contains(letter));
        letters.try_into().ok().filter(|_| all).map(Self)
    }

    /// As it is shown: `BCDF-GHJK`.
    pub(crate) fn shown(&self) -> String {
        let text = |half: &[u8]| half.iter().map(|&b| char::from(b)).collect::<String>();
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{}-{}", text(first), text(second))
    }

    /// As it is stored.
    pub(crate) fn key(&self, tenant: &TenantId) -> String {
        let name = format!("user-code|{tenant}|{}", self.shown());
        crate::provider::hex(&HashedToken::of(name.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::read("BCDF-GHJK").expect("a code");
        for typed in ["bcdfghjk", " BCDF GHJK ", "b-c-d-f-g-h-j-k"] {
            assert!(UserCode::read(typed).is_some_and(|read| read == code), "{typed}");
        }
        assert_eq!(code.shown(), "BCDF-GHJK");
        for bad in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "BCDF_GHJK", "BCDF-GHJ\u{212a}"] {
            assert!(UserCode::read(bad).is_none(), "{bad}");
        }
        assert!(UserCode::read(&"-".repeat(10_000)).is_none());
    }

    #[test]
    fn tenants_do_not_share_codes() {
        let (code, other) =
            (UserCode::read("BCDFGHJK").expect("a code"), TenantId::parse("acme").expect("a name"));
        assert_ne!(code.key(&TenantId::default_tenant()), code.key(&other));
    }
}
