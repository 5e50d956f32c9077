//! A mail (RFC 5322): plain text, one recipient, nothing of a person but the address in its head.

use crate::{
    config::{Config, wrong},
    texts::{self, BODY, SUBJECT},
};
use gatewright_contract::{Fault, Host, Secret};
use gatewright_core::channel::{Parcel, Undelivered};
use gatewright_plugin::letters::Letters;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};
use std::time::{Duration, SystemTime};

/// A mail as it goes over the wire.
pub(crate) struct Mail {
    pub(crate) envelope: Envelope,
    pub(crate) text: Secret<Vec<u8>>,
}

/// Writes mails.
pub(crate) struct Composer {
    letters: Letters,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    clock: Host,
}

impl Composer {
    /// As configured.
    ///
    /// # Errors
    /// [`Fault::Config`].
    pub(crate) fn new(config: &Config, clock: Host) -> Result<Self, Fault> {
        let read = |key: &str, text: &Option<String>| {
            let example = "an address, such as `login@example.com` or `Example <login@example.com>`";
            text.as_ref().map(|text| text.parse::<Mailbox>().map_err(|_| wrong(key, example))).transpose()
        };
        let from =
            read("from", &config.from)?.ok_or_else(|| wrong("from", "missing: who are the mails from?"))?;
        let reply_to = read("reply_to", &config.reply_to)?;
        Ok(Self { letters: texts::letters(&config.templates)?, from, reply_to, clock })
    }

    /// The domain that mails are from.
    pub(crate) fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Writes one.
    ///
    /// # Errors
    /// [`Undelivered::Never`]: trying again changes nothing of an address or a text.
    pub(crate) fn compose(&self, parcel: &Parcel) -> Result<Mail, Undelivered> {
        let never = |why: &str| Undelivered::Never(why.to_owned());
        let to = address(parcel.to.expose()).ok_or_else(|| never("mail can't go to such an address"))?;
        let now = u64::try_from(self.clock.now().0).unwrap_or_default();
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let mut mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(self.letters.write(parcel, SUBJECT)?.expose().as_str())
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(now))
            .message_id(Some(format!("<{}@{}>", parcel.id, self.domain())))
            // RFC 3834: no "I am on holiday" comes back.
            .raw_header(automatic)
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN);
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(reply_to.clone());
        }
        let mail = mail.body(self.letters.write(parcel, BODY)?.expose().clone());
        let mail = mail.map_err(|_| never("the mail can't be written"))?;
        Ok(Mail { envelope: mail.envelope().clone(), text: Secret::new(mail.formatted()) })
    }
}

/// A recipient. A domain in letters of the world is written as mail servers everywhere take it (RFC 5891).
fn address(text: &str) -> Option<Address> {
    let (user, domain) = text.rsplit_once('@')?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => url::Host::parse(domain).ok()?.to_string(),
    };
    Address::new(user, domain).ok()
}
