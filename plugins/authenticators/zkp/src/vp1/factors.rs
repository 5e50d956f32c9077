//! What a person knows by heart, as it goes into the OPRF.

use super::lp;
use gatewright_contract::Keypad;
use zeroize::Zeroizing;

/// Fewest cells of a pattern.
const LEAST_CELLS: usize = 3;

/// Which factors there are beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// There is a PIN.
    pub const PIN: u8 = 1;
    /// There is a pattern.
    pub const PATTERN: u8 = 2;

    /// Of what a tenant asks for.
    pub fn of(keypad: &Keypad) -> Self {
        Self::there(keypad.pin.is_some(), keypad.pattern.is_some())
    }

    fn there(pin: bool, pattern: bool) -> Self {
        let bit = |there: bool, bit: u8| if there { bit } else { 0 };
        Self(bit(pin, Self::PIN) | bit(pattern, Self::PATTERN))
    }

    /// Of the byte; `None` where it has other bits.
    pub fn parse(byte: u8) -> Option<Self> {
        (byte & !(Self::PIN | Self::PATTERN) == 0).then_some(Self(byte))
    }

    /// The byte.
    pub fn byte(self) -> u8 {
        self.0
    }

    /// In words: `picture` is always there.
    pub fn words(self) -> Vec<&'static str> {
        let named = [(Self::PIN, "pin"), (Self::PATTERN, "pattern")];
        let there = named.into_iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, word)| word);
        std::iter::once("picture").chain(there).collect()
    }
}

/// PIN and pattern.
#[derive(Clone, Copy)]
pub struct Factors<'a> {
    /// Digits.
    pub pin: Option<&'a str>,
    /// Points on a side, and the cells in their order, counted row by row from 0.
    pub pattern: Option<(u8, &'a [u8])>,
}

impl Factors<'_> {
    /// The input of the OPRF. `None` for a PIN of anything but digits, and for a pattern with fewer than three cells, cells
    /// outside of its grid, or one of them twice.
    pub fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let pin = self.pin.unwrap_or_default();
        if !pin.bytes().all(|b| b.is_ascii_digit()) || self.pin.is_some_and(str::is_empty) {
            return None;
        }
        let (grid, cells) = self.pattern.unwrap_or_default();
        let outside = |cell: &u8| u16::from(*cell) >= u16::from(grid) * u16::from(grid);
        let twice = |(at, cell): (usize, &u8)| cells[..at].contains(cell);
        if self.pattern.is_some()
            && (cells.len() < LEAST_CELLS || cells.iter().any(outside) || cells.iter().enumerate().any(twice))
        {
            return None;
        }
        let flags = Flags::there(self.pin.is_some(), self.pattern.is_some());
        let mut out = Zeroizing::new(lp([&b"VP1-factors"[..]])?);
        out.push(flags.byte());
        out.extend_from_slice(&Zeroizing::new(lp([pin.as_bytes()])?));
        out.push(grid);
        out.extend_from_slice(&Zeroizing::new(lp([cells])?));
        Some(out)
    }
}
