//! What a link carries: 256 random bits, known to nobody but who reads the mail.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright_contract::{Fault, Host, HostExt as _, LookupKey, Secret};

/// A ticket in the form in which the link has it. Not stored: the host keeps [`Ticket::key`].
pub(crate) struct Ticket(Secret<String>);

impl Ticket {
    pub(crate) fn fresh(host: &Host) -> Result<Self, Fault> {
        Ok(Self(Secret::new(BASE64URL_NOPAD.encode(&host.random_array::<32>()?))))
    }

    /// `None` for what can't be one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_one = text.len() == 43 && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok();
        is_one.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The name under which the challenge is found: a hash, since it is not sealed.
    pub(crate) fn key(&self) -> LookupKey {
        LookupKey(HEXLOWER.encode(digest(&SHA256, self.0.expose().as_bytes()).as_ref()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}
