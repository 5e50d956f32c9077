//! The parts that a configuration is made of, each with its own schema.

use super::shape::Shape;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Map, Value};

/// One table of the configuration, brought by the part of the server that reads it.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where the table is: `["http"]`, `["plugins", "totp"]`. A section may lie inside another one's table;
    /// the empty path means the keys at the top of the file.
    pub path: Vec<String>,
    /// JSON Schema, draft 2020-12. `x-secret: true` and `format: password` mark secrets; `x-unseen: true` what may be one,
    /// where nobody knows.
    pub schema: Value,
    /// Values that hold where the operator gives none; an object or null. What is missing here is taken from the
    /// `default`s in the schema. Secrets in here are ignored: no secret has a default.
    pub defaults: Value,
    /// Whether the table may be left out ("present means on"). What is left out is not checked and not shown.
    pub optional: bool,
}

impl Section {
    /// A section that is always there.
    #[must_use]
    pub fn new(path: &[&str], schema: Value, defaults: Value) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { path, schema, defaults, optional: false }
    }

    /// A section described by a Rust type; the defaults are those of the type.
    #[must_use]
    pub fn of<T: JsonSchema + Serialize + Default>(path: &[&str]) -> Self {
        Self {
            defaults: serde_json::to_value(T::default()).unwrap_or_default(),
            ..Self::described::<T>(path)
        }
    }

    /// A section described by a Rust type that has required keys; the defaults are those in its schema.
    #[must_use]
    pub fn described<T: JsonSchema>(path: &[&str]) -> Self {
        let schema = SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>();
        Self::new(path, schema.to_value(), Value::Null)
    }

    /// The same section, on only when the operator gives it.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// All sections of one configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections(pub(super) Vec<Section>);

impl Sections {
    pub(super) fn at(&self, path: &[String]) -> Option<&Section> {
        self.0.iter().find(|section| section.path == path)
    }

    /// Next parts of the paths of those sections that lie below `path`.
    pub(super) fn below(&self, path: &[String]) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for section in self.0.iter().filter(|section| section.path.starts_with(path)) {
            if let Some(name) = section.path.get(path.len())
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// The top of the configuration.
    pub(super) fn top(&self) -> Site<'_> {
        Site {
            sections: self,
            path: Vec::new(),
            shape: self.at(&[]).map(|section| Shape::new(&section.schema)),
        }
    }
}

/// One place in the whole configuration: inside a section, or above some.
#[derive(Clone)]
pub(super) struct Site<'a> {
    pub(super) sections: &'a Sections,
    /// From the top; members of lists are numbers.
    pub(super) path: Vec<String>,
    /// What may stand here; `None` above the sections, where only tables can.
    pub(super) shape: Option<Shape<'a>>,
}

impl<'a> Site<'a> {
    fn next(&self, name: &str, shape: Option<Shape<'a>>) -> Self {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Self { sections: self.sections, path, shape }
    }

    /// The place under a key; `given` is the table that the key stands in and decides between variants.
    /// `None` when there is no such key.
    pub(super) fn child(&self, name: &str, given: Option<&Map<String, Value>>) -> Option<Self> {
        let next = self.next(name, None);
        if let Some(section) = self.sections.at(&next.path) {
            return Some(Self { shape: Some(Shape::new(&section.schema)), ..next });
        }
        if let Some(shape) = self.shape.and_then(|shape| shape.key(name, given)) {
            return Some(Self { shape: Some(shape), ..next });
        }
        (!self.sections.below(&next.path).is_empty()).then_some(next)
    }

    /// The place of a member of the list that stands here.
    pub(super) fn item(&self, index: usize) -> Option<Self> {
        Some(self.next(&index.to_string(), Some(self.shape?.items()?)))
    }

    /// The place at a path, walking through `value`.
    pub(super) fn descend(&self, path: &[String], value: &Value) -> Option<Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self.clone()) };
        let (site, next) = match value {
            Value::Array(items) => {
                let index = first.parse().ok()?;
                (self.item(index)?, items.get(index))
            }
            _ => (self.child(first, value.as_object())?, value.get(first)),
        };
        site.descend(rest, next.unwrap_or(&Value::Null))
    }

    /// Keys that may stand here, those of the schema first.
    pub(super) fn names(&self, given: Option<&Map<String, Value>>) -> Vec<&'a str> {
        let own = self.shape.map(|shape| shape.properties(given)).unwrap_or_default();
        let mut names: Vec<&str> = own.into_iter().map(|(name, _)| name).collect();
        names.extend(
            self.sections
                .below(&self.path)
                .into_iter()
                .filter(|name| !names.contains(name))
                .collect::<Vec<_>>(),
        );
        names
    }

    pub(super) fn is_secret(&self) -> bool {
        self.shape.is_some_and(|shape| shape.is_secret())
    }

    /// See [`Shape::is_unseen`].
    pub(super) fn is_unseen(&self) -> bool {
        self.shape.is_some_and(|shape| shape.is_unseen())
    }

    /// See [`Shape::is_open_file`].
    pub(super) fn is_open_file(&self) -> bool {
        self.shape.is_some_and(|shape| shape.is_open_file())
    }

    /// See [`Shape::is_secret_text`].
    pub(super) fn is_secret_text(&self) -> bool {
        self.shape.is_some_and(|shape| shape.is_secret_text())
    }
}
