//! What no schema knows: keys, and broken numbers for whole ones.

use super::layer::{Mistakes, Places};
use super::section::Site;
use super::shape::Shape;
use super::{SHORT_FORMS, below, describe, near, short_form};
use serde_json::{Map, Value};

/// Finds unknown keys, tells them and takes them out.
pub(super) struct Unknowns<'a> {
    pub(super) places: &'a Places,
    /// Whether to be silent on what no section owns.
    pub(super) partial: bool,
}

impl Unknowns<'_> {
    pub(super) fn strip(&self, values: &mut Map<String, Value>, site: &Site<'_>, mistakes: &mut Mistakes) {
        let given = values.clone();
        values.retain(|name, value| {
            let path = below(&site.path, name);
            let Some(child) = site.child(name, Some(&given)) else {
                if !(self.partial && site.shape.is_none()) {
                    mistakes.tell(self.places.nearest(&path), &path, message(name, site, &given));
                }
                return false;
            };
            if child.shape.is_none() && !value.is_object() {
                mistakes.tell(self.places.nearest(&path), &path, "expected a table");
                return false;
            }
            self.below(value, &child, mistakes);
            true
        });
    }

    fn below(&self, value: &mut Value, site: &Site<'_>, mistakes: &mut Mistakes) {
        match value {
            // A secret's own table is judged where secrets are read.
            Value::Object(table) if !site.is_secret_text() && takes_tables(site) => {
                self.strip(table, site, mistakes)
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Some(member) = site.item(index) {
                        self.below(item, &member, mistakes);
                    }
                }
            }
            // JSON Schema takes 6.0 for a whole number; the types that read it do not.
            Value::Number(number) if number.is_f64() && site.shape.is_some_and(is_whole) => {
                let expected = site.shape.map(describe::shape).unwrap_or_default();
                let message = format!("expected {expected}, found {number}");
                mistakes.tell(self.places.nearest(&site.path), &site.path, message);
            }
            _ => {}
        }
    }
}

fn is_whole(shape: Shape<'_>) -> bool {
    let types = shape.types();
    types.contains(&"integer") && !types.contains(&"number")
}

/// A table where none may stand is one mistake, of type, whatever its keys are.
fn takes_tables(site: &Site<'_>) -> bool {
    site.shape.is_none_or(|shape| {
        let types = shape.types();
        types.is_empty() || types.contains(&"object")
    })
}

fn message(name: &str, site: &Site<'_>, given: &Map<String, Value>) -> String {
    let mut names = site.names(Some(given));
    if site.path.is_empty() {
        names.extend(
            SHORT_FORMS
                .iter()
                .map(|(short, _)| *short)
                .filter(|short| short_form(site.sections, short).is_some()),
        );
    }
    let (what, here) = match site.shape {
        Some(_) => ("unknown key", "keys here are"),
        None => ("unknown table", "known here are"),
    };
    if names.is_empty() {
        return format!("{what}; there are no keys here");
    }
    format!("{what};{} {here}: {}", near::question(name, names.iter().copied()), names.join(", "))
}
