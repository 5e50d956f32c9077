//! Deleting what is over.

use super::{records, state::State};
use crate::store::sql::sessions::ends;
use gatewright_contract::Timestamp;
use gatewright_core::store::EXPIRING;

/// At most `limit` of each sort, the earliest first; tokens that go with their session are not counted.
pub(super) fn expire(state: &mut State, now: Timestamp, limit: u32) -> u64 {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut gone = 0;

    let rows = state.transactions.iter().map(|(id, row)| (row.expires, *id));
    for id in earliest(rows, now, limit) {
        gone += u64::from(state.drop_transaction(id).is_some());
    }
    let rows = state.tokens.iter().map(|(hash, row)| (row.expires, *hash));
    for hash in earliest(rows, now, limit) {
        gone += u64::from(state.drop_token(&hash));
    }
    let rows = state.sessions.iter().map(|(id, row)| (ends(row), *id));
    for id in earliest(rows, now, limit) {
        gone += u64::from(state.drop_session(id));
    }
    let rows = state.counters.iter().map(|(name, (_, expires))| (*expires, *name));
    for name in earliest(rows, now, limit) {
        gone += u64::from(state.counters.take(&name).is_some());
    }
    let rows = state.documents.iter().filter_map(|(key, row)| Some((row.expires?, key.clone())));
    for key in earliest(rows, now, limit) {
        gone += u64::from(state.documents.take(&key).is_some());
    }
    for kind in EXPIRING {
        let ours = state.records.iter().filter(|(_, row)| row.kind == *kind);
        let rows = ours.filter_map(|(id, row)| Some((row.due?, *id)));
        for id in earliest(rows, now, limit) {
            records::delete(state, id);
            gone += 1;
        }
    }
    gone
}

fn earliest<K: Ord>(rows: impl Iterator<Item = (Timestamp, K)>, now: Timestamp, limit: usize) -> Vec<K> {
    let mut due: Vec<(Timestamp, K)> = rows.filter(|(expires, _)| *expires <= now).collect();
    due.sort();
    due.into_iter().take(limit).map(|(_, key)| key).collect()
}
