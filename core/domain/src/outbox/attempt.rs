//! One try: claimed, and settled by what came of it. Who delivers is the host.

use super::{LEASE, Letter, Stored, context, queue, schedule::next_try, target};
use crate::{
    Engine, Origin,
    audit::Event,
    channel::{Channel, Parcel, Undelivered},
    problem::Result,
    store::{Record, StoreError, Write},
};
use data_encoding::BASE64;
use gatewright_contract::{Fault, PersonId, Secret};
use std::sync::Arc;

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side has taken it.
    Sent,
    /// The other side will never take it.
    Refused,
    /// Nobody needs it any more.
    Expired,
}

/// What came of claiming.
pub enum Claimed {
    /// It is ours to deliver.
    Ours(Box<Outbound>),
    /// It is over.
    Over(Ended),
    /// It was for nobody and is gone.
    Nobody,
    /// Somebody else was first.
    Passed,
}

/// A message that is ours to deliver.
pub struct Outbound {
    /// What to deliver.
    pub parcel: Parcel,
    /// By which channel.
    pub channel: Arc<dyn Channel>,
    record: Record,
    stored: Stored,
    event: Event,
}

impl Engine {
    /// The ids of the channels.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }

    /// Messages of a channel that are due, the most overdue first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_messages(&self, channel: &str, limit: u32) -> Result<Vec<Record>> {
        Ok(self.store.records_due(&queue(channel), self.now(), limit).await?)
    }

    /// Claims a message that is due, for as long as [`LEASE`] says.
    ///
    /// # Errors
    /// When the store does not answer or the message can't be opened.
    pub async fn claim_message(&self, channel: &str, due: &Record) -> Result<Claimed> {
        let Some(channel) = self.channels.get(channel) else { return Ok(Claimed::Passed) };
        let (now, mut stored) = (self.now(), due.value::<Stored>()?);
        let letter = self.opened(due, &stored).await;
        let event = self.event_of(due, letter.as_ref().ok());
        let tenant = self.store.tenant(&due.tenant).await?.filter(|tenant| !tenant.disabled);
        let Some(tenant) = tenant.filter(|_| stored.expires > now) else {
            let nobody = letter.as_ref().is_ok_and(|letter| letter.to.expose().is_empty());
            return Ok(match self.end(due, event, Ended::Expired, nobody).await? {
                true if nobody => Claimed::Nobody,
                true => Claimed::Over(Ended::Expired),
                false => Claimed::Passed,
            });
        };
        let letter = letter?;
        if letter.to.expose().is_empty() {
            let gone = self.end(due, event, Ended::Expired, true).await?;
            return Ok(if gone { Claimed::Nobody } else { Claimed::Passed });
        }
        stored.tries = stored.tries.saturating_add(1);
        let record = Record { due: Some(now.plus(LEASE)), ..due.next(&stored)? };
        match self.store.commit(vec![Write::RecordReplace(record.clone())]).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(Claimed::Passed),
            Err(other) => return Err(other.into()),
        }
        let parcel = Parcel {
            id: due.id,
            tenant: due.tenant.clone(),
            site: self.site_of(&tenant),
            to: letter.to,
            template: letter.template,
            values: letter.values.into_iter().map(|value| (value.name, value.value)).collect(),
            locale: letter.locale,
            created: due.created,
            expires: stored.expires,
        };
        Ok(Claimed::Ours(Box::new(Outbound { parcel, channel: channel.clone(), record, stored, event })))
    }

    /// Notes what came of a try: sent, given up, or `None`: to be tried again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn settle_message(
        &self,
        sent: Outbound,
        outcome: &std::result::Result<(), Undelivered>,
    ) -> Result<Option<Ended>> {
        let Outbound { record, stored, event, .. } = sent;
        let ended = match outcome {
            Ok(()) => Ended::Sent,
            Err(Undelivered::Never(_)) => Ended::Refused,
            Err(Undelivered::Later(_)) => {
                let next = next_try(stored.tries, self.now(), self.world())?;
                if next < stored.expires {
                    let later = Record { due: Some(next), ..record.next(&stored)? };
                    return match self.store.commit(vec![Write::RecordReplace(later)]).await {
                        // Its place was taken while it was under way.
                        Ok(()) | Err(StoreError::Conflict(_)) => Ok(None),
                        Err(other) => Err(other.into()),
                    };
                }
                Ended::Expired
            }
        };
        self.end(&record, event, ended, false).await?;
        Ok(Some(ended))
    }

    /// Deletes it, with a line in the audit log unless it was for nobody. `false`: somebody else was first.
    async fn end(&self, record: &Record, event: Event, ended: Ended, nobody: bool) -> Result<bool> {
        let gone = Write::RecordDelete(record.tenant.clone(), record.kind.clone(), record.id, record.rev);
        let mut writes = vec![gone];
        if !nobody {
            writes.push(Write::Audit(match ended {
                Ended::Sent => event,
                Ended::Refused => Event { kind: "message.failed".to_owned(), ..event }.but("refused"),
                Ended::Expired => Event { kind: "message.failed".to_owned(), ..event }.but("expired"),
            }));
        }
        match self.store.commit(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    async fn opened(&self, record: &Record, stored: &Stored) -> Result<Letter> {
        let damaged = || Fault::internal("a message in the outbox is damaged");
        let sealed = BASE64.decode(stored.sealed.as_bytes()).map_err(|_| damaged())?;
        let context = context(&record.tenant, record.id);
        let plain = Secret::new(self.sealer.open(&record.tenant, &context, &sealed).await?);
        Ok(serde_json::from_slice(plain.expose()).map_err(|_| damaged())?)
    }

    /// Its line in the audit log, found by the request that it came of; neither address nor content.
    fn event_of(&self, record: &Record, letter: Option<&Letter>) -> Event {
        let mut origin = Origin::local("outbox");
        if let Some(letter) = letter {
            origin.request_id.clone_from(&letter.request_id);
        }
        let event = Event::new("message.sent", &record.tenant, self.now(), &origin).on(target(record.id));
        match letter {
            Some(letter) => event.about(letter.person.map(PersonId)).with(&letter.authenticator),
            None => event,
        }
    }
}
