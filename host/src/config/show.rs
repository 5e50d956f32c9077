//! The configuration that holds, written out.

use super::below;
use super::layer::Places;
use super::report::Place;
use super::secret::MASK;
use super::section::{Sections, Site};
use super::toml_text;
use serde_json::{Map, Value};

/// All values as TOML, each with a comment on where it comes from; secrets masked.
pub(super) fn show(values: &Map<String, Value>, sections: &Sections, places: &Places) -> String {
    let mut values = values.clone();
    secrets(&mut values, &sections.top(), &mut |secret| *secret = Value::String(MASK.to_owned()));
    let mut listing = Listing { places, out: String::new() };
    listing.table(&values, &sections.top());
    listing.out
}

/// Does `act` to every secret that is given.
pub(super) fn secrets(values: &mut Map<String, Value>, site: &Site<'_>, act: &mut dyn FnMut(&mut Value)) {
    let given = values.clone();
    for (name, value) in values {
        if let Some(child) = site.child(name, Some(&given)) {
            secrets_in(value, &child, act);
        }
    }
}

fn secrets_in(value: &mut Value, site: &Site<'_>, act: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Null => {}
        value if site.is_secret() || site.is_unseen() => act(value),
        Value::Object(table) => secrets(table, site, act),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Some(member) = site.item(index) {
                    secrets_in(item, &member, act);
                }
            }
        }
        _ => {}
    }
}

struct Listing<'a> {
    places: &'a Places,
    out: String,
}

impl Listing<'_> {
    fn table(&mut self, values: &Map<String, Value>, site: &Site<'_>) {
        let (tables, settings): (Vec<_>, Vec<_>) =
            ordered(values, site).partition(|(_, value)| value.is_object());
        for (name, value) in settings {
            self.setting(name, value, &below(&site.path, name));
        }
        for (name, value) in tables {
            let path = below(&site.path, name);
            let Some(table) = value.as_object() else { continue };
            // A table above sections says nothing of its own.
            let child = site.child(name, Some(values));
            if child.as_ref().is_none_or(|child| child.shape.is_some()) {
                self.line(&format!("\n[{}]", toml_text::dotted(&path)));
            }
            match child {
                Some(child) => self.table(table, &child),
                None => table.iter().for_each(|(name, value)| self.setting(name, value, &below(&path, name))),
            }
        }
    }

    fn setting(&mut self, name: &str, value: &Value, path: &[String]) {
        let origin = self.places.given(path).cloned().unwrap_or(Place::Default);
        let name = toml_text::key(name);
        let origin = origin.to_string().replace(char::is_control, " ");
        match toml_text::inline(value) {
            Some(value) => self.line(&format!("{name} = {value} # {origin}")),
            None if value.is_null() => self.line(&format!("# {name} is not set")),
            None => self.line(&format!("# {name} = {value}, which TOML can't say # {origin}")),
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.strip_prefix('\n').filter(|_| self.out.is_empty()).unwrap_or(line));
        self.out.push('\n');
    }
}

/// Members in the order that the schema declares, then the others by name.
fn ordered<'v>(
    values: &'v Map<String, Value>,
    site: &Site<'_>,
) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let names = site.names(Some(values));
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or(usize::MAX);
    let mut members: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value)).collect();
    members.sort_by_key(|(name, _)| (place(name), (*name).to_owned()));
    members.into_iter()
}
