//! Codes and counters. The arithmetic of RFC 4226 is that of the `totp-rs` crate: RFC 6238 is RFC 4226 with the number
//! of a time step in the place of the counter (section 4.2), and a step of one second makes the two one.

use crate::{Algorithm, Credential};
use gatewright_contract::{Fault, Secret};

/// The longest input that is looked at, in bytes: eight digits with any sensible spacing.
const MAX_TYPED_BYTES: usize = 64;

/// A code as a person has typed it, without the white space.
pub(crate) struct Typed(Secret<String>);

impl Typed {
    /// Tokens show "123 456" and people type it so. Anything else that is no code stays, and is wrong.
    pub(crate) fn read(input: &str) -> Self {
        if input.len() > MAX_TYPED_BYTES {
            return Self(Secret::new(String::new()));
        }
        Self(Secret::new(input.chars().filter(|c| !c.is_whitespace()).collect()))
    }
}

/// Where a code was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is good; this is the counter after it.
    Fresh(u64),
    /// It is of a counter that has passed.
    Passed,
    /// It is none of those that were looked at.
    Nowhere,
}

impl Credential {
    /// Looks for a code among as many before the counter as from it on. That those before are looked at as well is for
    /// the audit log alone.
    pub(crate) fn find(&self, typed: &Typed, look_ahead: u64) -> Result<Found, Fault> {
        let hotp = self.hotp()?;
        let first = self.counter.saturating_sub(look_ahead);
        let mut found = Found::Nowhere;
        // None is left out because another one fits; the earliest of the good ones is taken.
        for counter in first..=self.counter.saturating_add(look_ahead) {
            let fits = hotp.check(typed.0.expose(), counter).is_some();
            found = match (fits, found) {
                (true, Found::Nowhere | Found::Passed) if counter >= self.counter => {
                    Found::Fresh(counter.saturating_add(1))
                }
                (true, Found::Nowhere) => Found::Passed,
                _ => found,
            };
        }
        Ok(found)
    }

    /// Looks for two codes in a row from the counter on (RFC 4226, section 7.4).
    pub(crate) fn find_pair(&self, typed: &Typed, next: &Typed, window: u64) -> Result<Found, Fault> {
        let hotp = self.hotp()?;
        let mut found = Found::Nowhere;
        let mut before = false;
        for counter in self.counter..=self.counter.saturating_add(window).saturating_add(1) {
            let second = hotp.check(next.0.expose(), counter).is_some();
            if before && second && found == Found::Nowhere {
                found = Found::Fresh(counter.saturating_add(1));
            }
            before = hotp.check(typed.0.expose(), counter).is_some();
        }
        Ok(found)
    }

    /// The code of a counter, as a token computes it.
    pub(crate) fn code_at(&self, counter: u64) -> Result<String, Fault> {
        Ok(self.hotp()?.generate(counter).to_string())
    }

    /// The key URI for an app: `otpauth://hotp/Issuer:account?secret=…&issuer=Issuer&counter=0`, percent-encoded, with
    /// the parameters that differ from the usual ones (Key URI Format of Google Authenticator).
    ///
    /// # Errors
    /// [`Fault::Internal`] when the document is damaged.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> Result<String, Fault> {
        let unwritten = || Fault::internal("a key URI can't be written");
        // A colon ends the issuer's name, encoded or not. The label is only for the person to read.
        let account = account.replace(':', "-");
        // A period that is the usual one is not written.
        let totp = self.generator(30, &account, Some(issuer))?.to_url().map_err(|_| unwritten())?;
        let rest = totp.strip_prefix("otpauth://totp/").ok_or_else(unwritten)?;
        Ok(format!("otpauth://hotp/{rest}&counter={}", self.counter))
    }

    /// Codes by counter.
    fn hotp(&self) -> Result<totp_rs::Totp, Fault> {
        self.generator(1, "", None)
    }

    fn generator(&self, step: u64, account: &str, issuer: Option<&str>) -> Result<totp_rs::Totp, Fault> {
        let algorithm = match self.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_digits(self.digits)
            .with_step_duration(step)
            .with_skew(0)
            .with_secret(self.secret.expose().clone())
            .with_account_name(account)
            .with_issuer(issuer)
            .build()
            // Its messages may repeat what it was given.
            .map_err(|_| Fault::internal("an HOTP credential has parameters that RFC 4226 does not know"))
    }
}
