//! Into the outbox.

use super::{Bell, LONGEST, Letter, MOST_OF_ONE, MOST_OF_TENANT, Stored, Value, context, queue, target};
use crate::{
    Engine, Origin, Person, Tenant,
    audit::Event,
    problem::{Problem, Result},
    store::{Record, Write},
    world::random_array,
};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Message, Pseudonym, Secret, Timestamp, TransactionId};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

/// When a full queue is worth another look.
const FULL_FOR: Duration = Duration::from_secs(30);

/// For whom and why something is sent.
pub(crate) struct Sender<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) person: Option<&'a Person>,
    /// The same for a name whether it is anybody's: what waits is counted by it.
    pub(crate) pseudonym: Pseudonym,
    pub(crate) authenticator: &'a str,
    pub(crate) now: Timestamp,
}

/// What is to be written with the step, and who is told once it is.
#[derive(Default)]
pub(crate) struct Posted {
    writes: Vec<Write>,
    channels: BTreeSet<String>,
}

impl Posted {
    /// What is to be written with the step.
    pub(crate) fn writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    /// It is written.
    pub(crate) fn ring(self, bell: &Bell) {
        self.channels.iter().for_each(|channel| bell(channel));
    }
}

impl Engine {
    /// Makes records of messages. Nothing is written yet.
    ///
    /// # Errors
    /// 503 for a channel that is not there or has too much waiting, alike for messages to nobody.
    pub(crate) async fn post(
        &self,
        from: &Sender<'_>,
        messages: Vec<Message>,
        origin: &Origin,
    ) -> Result<Posted> {
        if let Some(m) = messages.iter().find(|m| !self.channels.contains_key(&m.channel)) {
            tracing::error!(channel = %m.channel, "a message needs a channel that is not there");
            return Err(Problem::unavailable(None));
        }
        let mut posted = Posted::default();
        for message in messages {
            self.make_room(from, &message, origin, &mut posted).await?;
            posted.channels.insert(message.channel.clone());
            posted.writes.push(Write::RecordInsert(self.sealed_message(from, message, origin).await?));
        }
        Ok(posted)
    }

    /// Refuses where a tenant has too much waiting; lets go of what waits for one person where that is too much. Only
    /// where a channel does not work does anything wait for more than a moment.
    async fn make_room(
        &self,
        from: &Sender<'_>,
        message: &Message,
        origin: &Origin,
        posted: &mut Posted,
    ) -> Result<()> {
        let (tenant, kind) = (&from.tenant.id, queue(&message.channel));
        if self.store.more_records_than(tenant, &kind, MOST_OF_TENANT - 1).await? {
            tracing::error!(%tenant, channel = %message.channel, "too many messages wait: is the channel down?");
            return Err(Problem::unavailable(Some(FULL_FOR)));
        }
        let owner = owner(from, message);
        let waiting = self.store.records_of(tenant, &kind, owner, None, MOST_OF_ONE).await?;
        if waiting.len() >= MOST_OF_ONE as usize {
            // The newest is the one that somebody looks for. To refuse would say that there is somebody.
            posted.writes.push(Write::RecordsOfDelete(tenant.clone(), owner));
            for old in waiting {
                let event = Event::new("message.failed", tenant, from.now, origin);
                let event = event.about(from.person.map(|p| p.id)).with(from.authenticator);
                posted.writes.push(Write::Audit(event.on(target(old.id)).but("replaced")));
            }
        }
        Ok(())
    }

    async fn sealed_message(&self, from: &Sender<'_>, message: Message, origin: &Origin) -> Result<Record> {
        let id = TransactionId::from_parts(from.now, random_array(self.world())?).0;
        let (tenant, owner, kind) = (&from.tenant.id, owner(from, &message), queue(&message.channel));
        let expires = from.now.plus(message.expires_in.min(LONGEST));
        let letter = Letter {
            to: message.to,
            template: message.template,
            values: message.values.into_iter().map(|(name, value)| Value { name, value }).collect(),
            locale: origin.locale.clone(),
            person: from.person.map(|p| p.id.0),
            authenticator: from.authenticator.to_owned(),
            request_id: origin.request_id.clone(),
        };
        let plain =
            serde_json::to_vec(&letter).map_err(|e| Fault::caused("a message can't be written", e))?;
        let plain = Secret::new(plain);
        let sealed = BASE64.encode(&self.sealer.seal(tenant, &context(tenant, id), plain.expose()).await?);
        let stored = Stored { expires, tries: 0, sealed };
        let record = Record::new(tenant, &kind, id, from.now, &stored)?;
        Ok(Record { owner: Some(owner), due: Some(from.now), ..record })
    }
}

/// What messages of one sort to one name have in common. No id of a person: that would say who has messages.
fn owner(from: &Sender<'_>, message: &Message) -> Uuid {
    let mut hash = Context::new(&SHA256);
    for part in [b"outbox", &from.pseudonym.0[..], message.channel.as_bytes(), message.template.as_bytes()] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finish().as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
