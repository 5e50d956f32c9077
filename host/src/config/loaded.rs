//! A configuration without mistakes.

use super::layer::Places;
use super::secret::MASK;
use super::section::Sections;
use super::{ConfigProblem, ConfigReport, Place, show};
use figment::error::Kind;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// The values that hold, and where each comes from.
#[derive(Clone)]
pub struct Loaded {
    sections: Arc<Sections>,
    values: Map<String, Value>,
    /// Defaults of optional sections that were left out.
    unused: Map<String, Value>,
    places: Places,
}

impl Loaded {
    pub(super) fn new(
        sections: Arc<Sections>,
        values: Map<String, Value>,
        unused: Map<String, Value>,
        places: Places,
    ) -> Self {
        Self { sections, values, unused, places }
    }

    /// A part of the configuration, secrets already read. Of a section without those that lie inside its table; of
    /// an optional section that was left out, the defaults.
    ///
    /// # Errors
    /// What the type refuses although the schema allows it, with its place; an unknown path.
    pub fn section<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, ConfigReport> {
        // figment names the key that a type refuses; serde_json would not.
        let refused = |error| ConfigReport::from(self.refused(path, &error));
        let value = figment::value::Value::serialize(self.section_value(path)).map_err(refused)?;
        value.deserialize().map_err(refused)
    }

    /// Like [`Loaded::section`], as JSON; null where there is nothing. It holds secrets in clear: hand it to the
    /// plugin that it is for and to nothing that prints.
    #[must_use]
    pub fn section_value(&self, path: &[&str]) -> Value {
        let mut value = match path {
            [] => Value::Object(self.values.clone()),
            _ => self.find(path).cloned().unwrap_or_default(),
        };
        let path = owned(path);
        if let (Some(table), Some(_)) = (value.as_object_mut(), self.sections.at(&path)) {
            let inner = self.sections.below(&path);
            table.retain(|name, _| !inner.contains(&name.as_str()));
        }
        value
    }

    /// Whether the operator gives this key, or something inside this table; a default does not count.
    #[must_use]
    pub fn is_present(&self, path: &[&str]) -> bool {
        self.places.is_present(&owned(path))
    }

    /// Where a value comes from; [`Place::Default`] when nobody gives it.
    #[must_use]
    pub fn origin(&self, path: &[&str]) -> Place {
        self.places.given(&owned(path)).cloned().unwrap_or(Place::Default)
    }

    /// A mistake that no schema can see, placed where the key is, or where it could be. The message must not repeat a
    /// secret.
    #[must_use]
    pub fn problem(&self, key_path: &[&str], message: impl Into<String>) -> ConfigProblem {
        let path = owned(key_path);
        ConfigProblem::new(self.places.nearest(&path), &path, message)
    }

    /// The values that hold, as TOML with the origin of each; secrets as `***`.
    #[must_use]
    pub fn show(&self) -> String {
        show::show(&self.values, &self.sections, &self.places)
    }

    fn find(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        walk(self.values.get(*first), rest).or_else(|| walk(self.unused.get(*first), rest))
    }

    fn refused(&self, section: &[&str], error: &figment::Error) -> ConfigProblem {
        let mut path = owned(section);
        path.extend(error.path.iter().cloned());
        let message = match &error.kind {
            Kind::MissingField(name) => {
                path.push(name.to_string());
                "missing; it is required".to_owned()
            }
            kind => self.scrub(kind.to_string()),
        };
        ConfigProblem::new(self.places.nearest(&path), &path, message)
    }

    /// A type's own message may repeat what it was given.
    fn scrub(&self, message: String) -> String {
        let mut secrets = Vec::new();
        let mut values = self.values.clone();
        show::secrets(&mut values, &self.sections.top(), &mut |secret| secrets.push(secret.take()));
        let texts = secrets.iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
        texts.fold(message, |message, secret| message.replace(secret, MASK))
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values hold secrets in clear.
        f.debug_struct("Loaded").finish_non_exhaustive()
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|part| (*part).to_owned()).collect()
}

fn walk<'v>(from: Option<&'v Value>, rest: &[&str]) -> Option<&'v Value> {
    rest.iter().try_fold(from?, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => value.get(part),
    })
}
