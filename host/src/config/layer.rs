//! Values from one source, and where each stands in it.

use super::below;
use super::report::{ConfigProblem, ConfigReport, Place};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What one source gives.
#[derive(Clone, Default)]
pub(super) struct Layer {
    pub(super) values: Map<String, Value>,
    /// The place of every table, key and list member, by its path.
    pub(super) places: BTreeMap<Vec<String>, Place>,
}

impl Layer {
    pub(super) fn get(&self, path: &[String]) -> Option<&Value> {
        let (last, tables) = path.split_last()?;
        self.table(tables)?.get(last)
    }

    /// The table at a path, if it is one; the empty path is the top.
    pub(super) fn table(&self, path: &[String]) -> Option<&Map<String, Value>> {
        path.iter().try_fold(&self.values, |table, name| table.get(name)?.as_object())
    }

    /// Forgets the places of a value that a stronger source replaces.
    pub(super) fn forget(&mut self, path: &[String]) {
        let inside = self.places.range(path.to_vec()..).take_while(|(known, _)| known.starts_with(path));
        let inside: Vec<_> = inside.map(|(known, _)| known.clone()).collect();
        inside.iter().for_each(|known| drop(self.places.remove(known)));
    }

    /// Puts a value in, making the tables on the way; every part of it gets the one place.
    /// False when something other than a table is in the way.
    pub(super) fn insert(&mut self, path: &[String], value: Value, place: &Place) -> bool {
        let Some((last, tables)) = path.split_last() else { return false };
        let mut table = &mut self.values;
        for name in tables {
            let entry = table.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(next) = entry else { return false };
            table = next;
        }
        table.insert(last.clone(), value.clone());
        self.mark(path, &value, place);
        true
    }

    fn mark(&mut self, path: &[String], value: &Value, place: &Place) {
        self.places.insert(path.to_vec(), place.clone());
        let mut inside = |name: &str, value: &Value| self.mark(&below(path, name), value, place);
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| inside(&i.to_string(), item))
            }
            Value::Object(map) => map.iter().for_each(|(name, value)| inside(name, value)),
            _ => {}
        }
    }
}

/// The places of all sources, the strongest last.
#[derive(Clone, Default)]
pub(super) struct Places {
    pub(super) layers: Vec<BTreeMap<Vec<String>, Place>>,
    /// Where something that is missing could be written: the strongest file.
    pub(super) file: Option<Place>,
}

impl Places {
    /// The place of a value; `None` when nobody gave it.
    pub(super) fn given(&self, path: &[String]) -> Option<&Place> {
        self.layers.iter().rev().find_map(|layer| layer.get(path))
    }

    /// Whether any source gives this, or something inside it.
    pub(super) fn is_present(&self, path: &[String]) -> bool {
        let inside = |layer: &BTreeMap<Vec<String>, Place>| {
            layer.range(path.to_vec()..).next().is_some_and(|(known, _)| known.starts_with(path))
        };
        self.layers.iter().any(inside)
    }

    /// The place of a value, or of the table around it, or of the file that it could be in.
    pub(super) fn nearest(&self, path: &[String]) -> Place {
        let around = (1..=path.len()).rev().find_map(|length| self.given(&path[..length]));
        around.or(self.file.as_ref()).cloned().unwrap_or(Place::Default)
    }
}

/// Gathers mistakes; of one value only the first kind of mistake is told.
#[derive(Default)]
pub(super) struct Mistakes {
    pub(super) report: ConfigReport,
    told: BTreeSet<Vec<String>>,
}

impl Mistakes {
    /// Adds a mistake that leaves no value to judge at `path`: nothing more is told of that path.
    pub(super) fn tell(&mut self, place: Place, path: &[String], message: impl Into<String>) {
        self.also(place, path, message);
        self.told.insert(path.to_vec());
    }

    /// Adds one of several mistakes at the same `path`.
    pub(super) fn also(&mut self, place: Place, path: &[String], message: impl Into<String>) {
        if path.is_empty() || !self.told.contains(path) {
            self.report.push(ConfigProblem::new(place, path, message));
        }
    }

    /// Whether `path` may be missing only because it, or the table around it, could not be read.
    pub(super) fn explain_missing(&self, path: &[String]) -> bool {
        (1..=path.len()).any(|length| self.told.contains(&path[..length]))
    }
}
