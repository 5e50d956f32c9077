//! Where a chain stood, sealed with a key that is not in the database: who has the database alone can write a
//! chain anew, but not the checkpoints of the old one.
//!
//! A tenant keeps its latest checkpoint and the first of each day. The latest moves on only over lines that follow
//! it: a chain that was written anew is not sealed a second time, however often the host tries.

use super::{Flaw, Hash, walk::Chain};
use crate::{
    Engine,
    problem::Result,
    store::{Record, StoreError, Write},
    world::random_array,
};
use data_encoding::BASE64;
use gatewright_contract::{Fault, TenantId, Timestamp, TransactionId};
use serde::{Deserialize, Serialize};

/// The kind of its records.
pub const CHECKPOINT: &str = "audit-checkpoint";

const LATEST: &str = "latest";
const TENANTS: u32 = 200;

/// A checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The line that was the last.
    pub number: i64,
    /// When it was sealed.
    pub at: Timestamp,
    /// Its number, the time and its hash, sealed.
    sealed: String,
}

/// A checkpoint that opened, or did not.
pub(super) struct Opened {
    pub(super) number: i64,
    pub(super) at: Timestamp,
    pub(super) hash: Option<Hash>,
}

impl Engine {
    /// Seals where the chains of all tenants stand; returns how many have moved. A chain that is broken since its
    /// last checkpoint is told in the log of the host and keeps that checkpoint.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn seal_audit(&self) -> Result<u32> {
        let (mut sealed, mut after) = (0, None);
        loop {
            let page = self.store.tenants(after.as_ref(), TENANTS).await?;
            for tenant in &page {
                match self.seal_audit_of(&tenant.id).await {
                    Ok(None) => {}
                    Ok(Some(Ok(()))) => sealed += 1,
                    Ok(Some(Err(flaw))) => {
                        tracing::error!(tenant = %tenant.id, "the audit log was tampered with: {flaw}");
                    }
                    Err(error) => {
                        tracing::warn!(tenant = %tenant.id, %error, "no checkpoint of the audit log")
                    }
                }
            }
            match page.last() {
                Some(last) => after = Some(last.id.clone()),
                None => return Ok(sealed),
            }
        }
    }

    /// Seals where the chain of a tenant stands. `None`: it has not moved.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn seal_audit_of(&self, tenant: &TenantId) -> Result<Option<std::result::Result<(), Flaw>>> {
        let latest = self.store.record_by_key(tenant, CHECKPOINT, LATEST).await?;
        let head = self.store.audit_head(tenant).await?;
        let known = match &latest {
            Some(record) => Some(self.open_checkpoint(tenant, record).await?),
            None => None,
        };
        let mut chain = Chain::from_anchor(&head);
        if let Some(Opened { number, at, hash }) = known {
            let Some(hash) = hash else { return Ok(Some(Err(Flaw::Checkpoint(number)))) };
            if (number, hash) == (head.number, head.hash) {
                return Ok(None);
            }
            if number > head.number {
                return Ok(Some(Err(Flaw::Cut { last: head.number, end: number })));
            }
            if number > head.anchor {
                let line = self.store.audit_from(tenant, number - 1, 1).await?;
                if line.first().and_then(|line| line.hash).is_none_or(|stored| stored != hash) {
                    let sound = head.anchor;
                    return Ok(Some(Err(Flaw::Rewritten { number, sound, sealed: at })));
                }
                chain = Chain { number, hash };
            }
        } else if head.number == head.anchor {
            return Ok(None);
        }
        if let Some(flaw) = self.follow_to(tenant, &mut chain, &head).await? {
            return Ok(Some(Err(flaw)));
        }
        self.put_checkpoint(tenant, latest, &chain).await?;
        Ok(Some(Ok(())))
    }

    async fn put_checkpoint(&self, tenant: &TenantId, latest: Option<Record>, at: &Chain) -> Result<()> {
        let now = self.now();
        let sealed = self.sealer.seal(tenant, &context(tenant, at.number), &plain(at, now)).await?;
        let value = Checkpoint { number: at.number, at: now, sealed: BASE64.encode(&sealed) };
        let mut writes = Vec::new();
        let today = day(now);
        if self.store.record_by_key(tenant, CHECKPOINT, &today).await?.is_none() {
            writes.push(self.new_checkpoint(tenant, today, &value)?);
        }
        writes.push(match latest {
            Some(record) => Write::RecordReplace(record.next(&value)?),
            None => self.new_checkpoint(tenant, LATEST.to_owned(), &value)?,
        });
        match self.store.commit(writes).await {
            // Another node was first.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    fn new_checkpoint(&self, tenant: &TenantId, key: String, value: &Checkpoint) -> Result<Write> {
        let id = TransactionId::from_parts(value.at, random_array(self.world())?).0;
        let record = Record::new(tenant, CHECKPOINT, id, value.at, value)?;
        Ok(Write::RecordInsert(Record { key: Some(key), ..record }))
    }

    /// All checkpoints of a tenant, by number.
    pub(super) async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<Opened>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.records(tenant, CHECKPOINT, after, TENANTS).await?;
            for record in &page {
                all.push(self.open_checkpoint(tenant, record).await?);
            }
            match page.last() {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        all.sort_by_key(|opened| opened.number);
        Ok(all)
    }

    async fn open_checkpoint(&self, tenant: &TenantId, record: &Record) -> Result<Opened> {
        let Ok(Checkpoint { number, at, sealed }) = record.value::<Checkpoint>() else {
            return Ok(Opened { number: 0, at: record.created, hash: None });
        };
        let unread = Opened { number, at, hash: None };
        let Ok(sealed) = BASE64.decode(sealed.as_bytes()) else { return Ok(unread) };
        let opened = match self.sealer.open(tenant, &context(tenant, number), &sealed).await {
            Ok(opened) => opened,
            // A store that does not answer says nothing about the checkpoint.
            Err(Fault::Unavailable { what, retry_after }) => {
                return Err(Fault::Unavailable { what, retry_after }.into());
            }
            Err(_) => return Ok(unread),
        };
        let hash = opened.get(16..).and_then(|hash| Hash::try_from(hash).ok());
        let chain = hash.map(|hash| Chain { number, hash });
        Ok(Opened {
            hash: chain.filter(|chain| plain(chain, at) == opened).map(|chain| chain.hash),
            ..unread
        })
    }
}

fn context(tenant: &TenantId, number: i64) -> String {
    format!("{CHECKPOINT}|{tenant}|{number}")
}

fn plain(at: &Chain, sealed: Timestamp) -> Vec<u8> {
    let mut bytes = at.number.to_be_bytes().to_vec();
    bytes.extend_from_slice(&sealed.0.to_be_bytes());
    bytes.extend_from_slice(&at.hash);
    bytes
}

/// The key of the first checkpoint of a day.
fn day(at: Timestamp) -> String {
    format!("day:{}", at.as_secs().div_euclid(86_400))
}
