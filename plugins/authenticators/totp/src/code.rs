//! Codes and time steps. The arithmetic of RFC 4226 and RFC 6238 is that of the `totp-rs` crate.

use crate::{Algorithm, Credential};
use gatewright_contract::{Fault, Secret, Timestamp};

/// The longest input that is looked at, in bytes: eight digits with any sensible spacing.
const MAX_TYPED_BYTES: usize = 64;

/// A code as a person has typed it, without the white space.
pub(crate) struct Typed(Secret<String>);

impl Typed {
    /// Apps show "123 456" and people type it so. Anything else that is no code stays, and is wrong.
    pub(crate) fn read(input: &str) -> Self {
        if input.len() > MAX_TYPED_BYTES {
            return Self(Secret::new(String::new()));
        }
        Self(Secret::new(input.chars().filter(|c| !c.is_whitespace()).collect()))
    }
}

impl Credential {
    /// The step whose code was typed, among the present one and `skew` to either side; the latest of
    /// several. Whether that step has been used already is for the caller to see.
    pub(crate) fn step_of(&self, typed: &Typed, now: Timestamp, skew: u8) -> Result<Option<u64>, Fault> {
        let totp = self.totp("", None)?;
        let period = u64::from(self.period_seconds);
        let present = u64::try_from(now.as_secs()).unwrap_or(0) / period;
        let first = present.saturating_sub(u64::from(skew));
        let last = present.saturating_add(u64::from(skew));
        // `check` compares in constant time; no step is left out because another one fits.
        let check = |step: u64| totp.check(typed.0.expose(), step.saturating_mul(period));
        Ok((first..=last).fold(None, |found, step| check(step).or(found)))
    }

    /// The code at a point in time, as an app computes it.
    pub(crate) fn code_at(&self, now: Timestamp) -> Result<String, Fault> {
        let seconds = u64::try_from(now.as_secs()).unwrap_or(0);
        Ok(self.totp("", None)?.generate(seconds).to_string())
    }

    /// The key URI for an app: `otpauth://totp/Issuer:account?secret=…&issuer=Issuer`, percent-encoded, with
    /// the parameters that differ from the usual ones (Key URI Format of Google Authenticator).
    ///
    /// # Errors
    /// [`Fault::Internal`] when the document is damaged.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> Result<String, Fault> {
        // A colon ends the issuer's name, encoded or not. The label is only for the person to read.
        let account = account.replace(':', "-");
        self.totp(&account, Some(issuer))?.to_url().map_err(|_| Fault::internal("a key URI can't be written"))
    }

    /// Without skew: the steps around are counted by [`Credential::step_of`].
    fn totp(&self, account: &str, issuer: Option<&str>) -> Result<totp_rs::Totp, Fault> {
        let algorithm = match self.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_digits(self.digits)
            .with_step_duration(u64::from(self.period_seconds))
            .with_skew(0)
            .with_secret(self.secret.expose().clone())
            .with_account_name(account)
            .with_issuer(issuer)
            .build()
            // Its messages may repeat what it was given.
            .map_err(|_| Fault::internal("a TOTP credential has parameters that RFC 6238 does not know"))
    }
}
