//! Records and links.

use super::{
    Memory, cut,
    state::{GREATEST, LEAST, State},
};
use async_trait::async_trait;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::store::{Link, Record, Records, Stored};
use uuid::Uuid;

pub(super) fn insert(state: &mut State, new: Record) -> bool {
    if let Some(key) = &new.key
        && !state.record_keys.put_new((new.tenant.clone(), new.kind.clone(), key.clone()), new.id)
    {
        return false;
    }
    state.records.put_new(new.id, new)
}

pub(super) fn replace(state: &mut State, new: Record) -> bool {
    let before = new.rev.wrapping_sub(1);
    let held = there(state, &new.tenant, &new.kind, new.id, before);
    delete(state, new.id);
    held && insert(state, new)
}

pub(super) fn there(state: &State, tenant: &TenantId, kind: &str, id: Uuid, rev: i64) -> bool {
    state.records.get(&id).is_some_and(|r| r.tenant == *tenant && r.kind == kind && r.rev == rev)
}

pub(super) fn delete(state: &mut State, id: Uuid) {
    if let Some(old) = state.records.take(&id)
        && let Some(key) = old.key
    {
        state.record_keys.take(&(old.tenant, old.kind, key));
    }
}

pub(super) fn delete_of(state: &mut State, tenant: &TenantId, kind: Option<&str>, owner: Uuid) {
    let of =
        |r: &&Record| r.tenant == *tenant && r.owner == Some(owner) && kind.is_none_or(|kind| r.kind == kind);
    let ids: Vec<Uuid> = state.records.values().filter(of).map(|r| r.id).collect();
    for id in ids {
        delete(state, id);
    }
}

pub(super) fn link_key(link: Link) -> (TenantId, String, Uuid, Uuid) {
    (link.tenant, link.kind.to_owned(), link.from, link.to)
}

pub(super) fn unlink(state: &mut State, tenant: &TenantId, id: Uuid) {
    let mut keys = state.links.keys_in(..);
    keys.retain(|(of, _, from, to)| of == tenant && (*from == id || *to == id));
    for key in keys {
        state.links.take(&key);
    }
}

impl Memory {
    /// In the order of their ids.
    fn matching(&self, after: Option<Uuid>, limit: u32, fits: impl Fn(&Record) -> bool) -> Vec<Record> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let state = self.state();
        let rows = state.records.range((from, std::ops::Bound::Unbounded)).map(|(_, record)| record);
        cut(rows.filter(|record| fits(record)).cloned(), limit)
    }
}

#[async_trait]
impl Records for Memory {
    async fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        let found = self.state().records.get(&id).cloned();
        Ok(found.filter(|r| r.tenant == *tenant && r.kind == kind))
    }

    async fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Stored<Option<Record>> {
        let state = self.state();
        let id = state.record_keys.get(&(tenant.clone(), kind.to_owned(), key.to_owned()));
        Ok(id.and_then(|id| state.records.get(id)).cloned())
    }

    async fn records(
        &self,
        tenant: &TenantId,
        kind: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        Ok(self.matching(after, limit, |r| r.tenant == *tenant && r.kind == kind))
    }

    async fn records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        let fits = |r: &Record| r.tenant == *tenant && r.kind == kind && r.owner == Some(owner);
        Ok(self.matching(after, limit, fits))
    }

    async fn newest_records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        before: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        let fits = |r: &Record| r.tenant == *tenant && r.kind == kind && r.owner == Some(owner);
        let mut all = self.matching(None, u32::MAX, |r| fits(r) && before.is_none_or(|end| r.id < end));
        all.reverse();
        Ok(cut(all.into_iter(), limit))
    }

    async fn more_records_than(&self, tenant: &TenantId, kind: &str, count: u32) -> Stored<bool> {
        let state = self.state();
        let mut ours = state.records.values().filter(|r| r.tenant == *tenant && r.kind == kind);
        Ok(ours.nth(count as usize).is_some())
    }

    async fn records_everywhere(&self, kind: &str, after: Option<Uuid>, limit: u32) -> Stored<Vec<Record>> {
        Ok(self.matching(after, limit, |r| r.kind == kind))
    }

    async fn records_due(&self, kind: &str, now: Timestamp, limit: u32) -> Stored<Vec<Record>> {
        let mut due =
            self.matching(None, u32::MAX, |r| r.kind == kind && r.due.is_some_and(|due| due <= now));
        due.sort_by_key(|r| (r.due, r.id));
        Ok(cut(due.into_iter(), limit))
    }

    async fn links_from(
        &self,
        tenant: &TenantId,
        kind: &str,
        from: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>> {
        let key = |to| (tenant.clone(), kind.to_owned(), from, to);
        let state = self.state();
        let range = (
            std::ops::Bound::Excluded(key(after.unwrap_or(LEAST))),
            std::ops::Bound::Included(key(GREATEST)),
        );
        Ok(cut(state.links.range(range).map(|((.., to), ())| *to), limit))
    }

    async fn links_to(
        &self,
        tenant: &TenantId,
        kind: &str,
        to: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>> {
        let state = self.state();
        let of = state.links.keys().filter(|(t, k, _, target)| t == tenant && k == kind && *target == to);
        Ok(cut(of.map(|(_, _, from, _)| *from).filter(|from| *from > after.unwrap_or(LEAST)), limit))
    }
}
