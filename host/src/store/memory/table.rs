//! A map that can go back to where it was when the commit began.

use std::{
    collections::BTreeMap,
    ops::{Deref, RangeBounds},
};

/// A map with the old values of what was changed since the last [`Table::settle`].
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    undo: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), undo: Vec::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// Sets a row.
    pub(super) fn put(&mut self, key: K, value: V) {
        let before = self.rows.insert(key.clone(), value);
        self.undo.push((key, before));
    }

    /// Takes a row out.
    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        let before = self.rows.remove(key)?;
        self.undo.push((key.clone(), Some(before.clone())));
        Some(before)
    }

    /// Sets a row where none is; `false` where one is.
    pub(super) fn put_new(&mut self, key: K, value: V) -> bool {
        let free = !self.rows.contains_key(&key);
        if free {
            self.put(key, value);
        }
        free
    }

    /// The keys of a range, to be changed one by one.
    pub(super) fn keys_in(&self, range: impl RangeBounds<K>) -> Vec<K> {
        self.rows.range(range).map(|(key, _)| key.clone()).collect()
    }

    /// The changes stay, or were never made.
    pub(super) fn settle(&mut self, keep: bool) {
        let undo = std::mem::take(&mut self.undo);
        if !keep {
            for (key, before) in undo.into_iter().rev() {
                match before {
                    Some(value) => self.rows.insert(key, value),
                    None => self.rows.remove(&key),
                };
            }
        }
    }
}

/// Reading is the map's.
impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;
    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}
