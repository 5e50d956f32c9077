//! Which keys there are.

use super::{ApiKey, KIND};
use crate::{
    Engine, Person,
    access::{Action, Resource},
    problem::{Problem, Result},
    session::Caller,
    store::{Record, Write},
    world::random_array,
};
use gatewright_contract::{PersonId, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of the record that lists the keys of a person, who is its owner and, as text, its key.
const LIST: &str = "api-keys";

/// Keys of one person.
const MOST: usize = 50;

/// Keys of a tenant that are listed.
const SHOWN: usize = 500;

/// Records that are read at once.
const PAGE: u32 = 500;

/// The sessions of somebody's keys, oldest first; some may have been ended.
#[derive(Default, Serialize, Deserialize)]
struct Listed {
    keys: Vec<SessionId>,
}

impl Engine {
    /// The caller's keys, oldest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn own_keys(&self, caller: &Caller) -> Result<Vec<ApiKey>> {
        let (tenant, person) = (&caller.session.tenant, caller.session.person);
        let Some(list) = self.key_list(tenant, person).await? else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        for id in list.value::<Listed>()?.keys {
            records.extend(self.store.record(tenant, KIND, id.0).await?);
        }
        self.with_sessions(records).await
    }

    /// The keys of a tenant, oldest first: the newest 500.
    ///
    /// # Errors
    /// 403 without the permission `api-keys.read`, 404 for another tenant.
    pub async fn keys_of(&self, caller: &Caller, tenant: &TenantId) -> Result<Vec<ApiKey>> {
        self.allow(caller, Action::ApiKeysRead, &Resource::of(tenant)).await?;
        let (mut newest, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.records(tenant, KIND, after, PAGE).await?;
            after = page.last().map(|record| record.id);
            let last = page.len() < PAGE as usize;
            // What belongs to a session that has gone is due.
            newest.extend(page.into_iter().filter(|record| record.due.is_none()));
            newest.drain(..newest.len().saturating_sub(SHOWN));
            if last {
                return self.with_sessions(newest).await;
            }
        }
    }

    async fn with_sessions(&self, records: Vec<Record>) -> Result<Vec<ApiKey>> {
        let mut all = Vec::with_capacity(records.len());
        for record in records {
            if let Some(session) = self.session_alive(SessionId(record.id)).await? {
                all.push(ApiKey::of(&record, session)?);
            }
        }
        Ok(all)
    }

    async fn key_list(&self, tenant: &TenantId, person: PersonId) -> Result<Option<Record>> {
        Ok(self.store.record_by_key(tenant, LIST, &person.to_string()).await?)
    }

    /// The list of somebody's keys with this one, and without those that have ended.
    pub(super) async fn one_more(&self, person: &Person, id: SessionId) -> Result<Write> {
        let old = self.key_list(&person.tenant, person.id).await?;
        let known = old.as_ref().map(Record::value::<Listed>).transpose()?.unwrap_or_default();
        let mut keys = Vec::with_capacity(known.keys.len() + 1);
        for key in known.keys {
            keys.extend(self.session_alive(key).await?.map(|session| session.id));
        }
        if keys.len() >= MOST {
            return Err(Problem::conflict("There are 50 keys already. End one first."));
        }
        keys.push(id);
        if let Some(old) = old {
            return Ok(Write::RecordReplace(old.next(&Listed { keys })?));
        }
        let list = Uuid::from_bytes(random_array(self.world())?);
        let mut record = Record::new(&person.tenant, LIST, list, self.now(), &Listed { keys })?;
        (record.key, record.owner) = (Some(person.id.to_string()), Some(person.id.0));
        Ok(Write::RecordInsert(record))
    }
}
