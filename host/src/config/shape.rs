//! One place in a JSON Schema: what may stand there.

use serde_json::{Map, Value};

static ANYTHING: Value = Value::Bool(true);

/// How far `$ref`, `allOf`, `anyOf` and `oneOf` are followed from one place: a schema that refers to itself ends here.
const REFERENCES: usize = 64;

/// A node of a schema, with the document that its `$ref`s point into.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    root: &'a Value,
    node: &'a Value,
}

impl<'a> Shape<'a> {
    pub(super) fn new(schema: &'a Value) -> Self {
        Self { root: schema, node: schema }
    }

    fn at(&self, node: &'a Value) -> Self {
        Self { root: self.root, node }
    }

    /// The node with all that holds beside it: what `$ref` and `allOf` name.
    fn parts(&self) -> Vec<&'a Value> {
        let mut parts = vec![self.node];
        let mut next = 0;
        while next < parts.len() && parts.len() < REFERENCES {
            let part = parts[next];
            let referred = part
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|to| self.root.pointer(to.strip_prefix('#')?));
            let joined = part.get("allOf").and_then(Value::as_array).into_iter().flatten();
            for more in joined.chain(referred) {
                if !parts.iter().any(|known| std::ptr::eq(*known, more)) {
                    parts.push(more);
                }
            }
            next += 1;
        }
        parts
    }

    /// Whether both are the same node, be it by reference.
    pub(super) fn same(&self, other: &Self) -> bool {
        let others = other.parts();
        self.parts().iter().any(|part| others.iter().any(|other| std::ptr::eq(*part, *other)))
    }

    /// A keyword's value, the nearest first.
    pub(super) fn keyword(&self, name: &str) -> Option<&'a Value> {
        self.parts().into_iter().find_map(|part| part.get(name))
    }

    /// The branches of `anyOf` and `oneOf`, less the one that only says "or nothing".
    pub(super) fn alternatives(&self) -> Vec<Self> {
        let lists =
            self.parts().into_iter().flat_map(|part| [part.get("anyOf"), part.get("oneOf")]).flatten();
        let branches = lists.filter_map(Value::as_array).flatten();
        branches
            .filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null"))
            .map(|b| self.at(b))
            .collect()
    }

    /// Whether the constants that this branch demands (`kind = "sqlite"`) are those of `given`, where it has them.
    pub(super) fn admits(&self, given: &Map<String, Value>) -> bool {
        self.own_properties().iter().all(|(name, shape)| match (given.get(*name), shape.fixed()) {
            (Some(value), Some(fixed)) => value == fixed,
            _ => true,
        })
    }

    /// Whether `given` could be of this branch, by constants and by keys.
    pub(super) fn fits(&self, given: &Map<String, Value>) -> bool {
        self.admits(given) && given.keys().all(|key| self.key(key, Some(given)).is_some())
    }

    fn fixed(&self) -> Option<&'a Value> {
        self.keyword("const").or_else(|| match self.keyword("enum")?.as_array()?.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }

    /// This node and those of its branches that `given` can be of; all of them when nothing is given or none fits.
    fn live(&self, given: Option<&Map<String, Value>>) -> Vec<Self> {
        let mut live = vec![*self];
        let mut next = 0;
        while next < live.len() && live.len() < REFERENCES {
            let all = live[next].alternatives();
            let mut chosen: Vec<_> =
                all.iter().filter(|branch| given.is_none_or(|g| branch.admits(g))).copied().collect();
            if chosen.is_empty() {
                chosen = all;
            }
            live.extend(chosen);
            next += 1;
        }
        live
    }

    fn own_properties(&self) -> Vec<(&'a str, Self)> {
        let tables = self.parts().into_iter().filter_map(|part| part.get("properties")?.as_object());
        tables.flatten().map(|(name, node)| (name.as_str(), self.at(node))).collect()
    }

    /// The named keys that may stand here, in the order of their declaration.
    pub(super) fn properties(&self, given: Option<&Map<String, Value>>) -> Vec<(&'a str, Self)> {
        let mut found: Vec<(&str, Self)> = Vec::new();
        for property in self.live(given).iter().flat_map(Self::own_properties) {
            if !found.iter().any(|(name, _)| *name == property.0) {
                found.push(property);
            }
        }
        found
    }

    /// What stands under `name`; `None` when no such key may stand here.
    pub(super) fn key(&self, name: &str, given: Option<&Map<String, Value>>) -> Option<Self> {
        let named = self.properties(given).into_iter().find(|(known, _)| *known == name);
        named.map(|(_, shape)| shape).or_else(|| self.open(given))
    }

    /// What stands under a key of the operator's own choice (a map); `None` where all keys are named.
    pub(super) fn open(&self, given: Option<&Map<String, Value>>) -> Option<Self> {
        let live = self.live(given);
        let parts: Vec<_> = live.iter().flat_map(Self::parts).collect();
        let patterns =
            parts.iter().filter_map(|part| part.get("patternProperties")?.as_object()?.values().next());
        let additional = parts.iter().filter_map(|part| part.get("additionalProperties"));
        if let Some(node) = patterns.chain(additional).find(|node| **node != Value::Bool(false)) {
            return Some(self.at(node));
        }
        // A schema that says nothing of keys (`serde_json::Value`) leaves them free; one that names some, does not.
        let silent = parts
            .iter()
            .all(|part| part.get("properties").is_none() && part.get("additionalProperties").is_none());
        let types = self.types();
        (silent && (types.is_empty() || types.contains(&"object"))).then(|| self.at(&ANYTHING))
    }

    /// What the members of a list are.
    pub(super) fn items(&self) -> Option<Self> {
        self.live(None).iter().find_map(|live| live.keyword("items")).map(|node| self.at(node))
    }

    /// The JSON types that may stand here; empty when nothing is said, which means any.
    pub(super) fn types(&self) -> Vec<&'a str> {
        let mut types: Vec<&str> = Vec::new();
        for part in self.live(None).iter().flat_map(Self::parts) {
            match part.get("type") {
                Some(Value::String(one)) => types.push(one),
                Some(Value::Array(many)) => types.extend(many.iter().filter_map(Value::as_str)),
                _ => types.extend(part.get("const").map(type_of)),
            }
        }
        types.extend(self.choices().into_iter().flatten().map(|choice| type_of(&choice)));
        types.sort_unstable();
        types.dedup();
        types
    }

    /// The values to choose from, when there is a list of them.
    pub(super) fn choices(&self) -> Option<Vec<Value>> {
        self.choices_within(4)
    }

    fn choices_within(&self, depth: usize) -> Option<Vec<Value>> {
        if let Some(one) = self.keyword("const") {
            return Some(vec![one.clone()]);
        }
        if let Some(many) = self.keyword("enum").and_then(Value::as_array) {
            return Some(many.iter().filter(|choice| !choice.is_null()).cloned().collect());
        }
        let alternatives = self.alternatives();
        if depth == 0 || alternatives.is_empty() {
            return None;
        }
        let lists: Option<Vec<_>> =
            alternatives.iter().map(|branch| branch.choices_within(depth - 1)).collect();
        lists.map(|lists| lists.concat())
    }

    /// Keys that have to stand here, in whatever variant.
    pub(super) fn required(&self) -> Vec<&'a str> {
        let live = self.live(None);
        let lists = live.iter().flat_map(Self::parts).filter_map(|part| part.get("required")?.as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// Whether this value must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        self.live(None).iter().flat_map(Self::parts).any(|part| {
            part.get("x-secret") == Some(&Value::Bool(true))
                || part.get("format").and_then(Value::as_str) == Some("password")
        })
    }

    /// Whether nobody knows what stands here: the table of a plugin that was not looked at. It may be a secret.
    pub(super) fn is_unseen(&self) -> bool {
        self.keyword("x-unseen") == Some(&Value::Bool(true))
    }

    /// Whether a secret stands here in one of its three forms: text, file or variable.
    pub(super) fn is_secret_text(&self) -> bool {
        self.is_secret() && self.types().contains(&"string")
    }

    /// Whether what stands here may come from a file that others may read: a certificate is no secret.
    pub(super) fn is_open_file(&self) -> bool {
        self.keyword("x-open-file") == Some(&Value::Bool(true))
    }

    /// Whether a secret may stand here or further down.
    pub(super) fn holds_secret(&self) -> bool {
        fn look(shape: &Shape<'_>, depth: usize) -> bool {
            let below = || {
                let named = shape.properties(None).into_iter().map(|(_, shape)| shape);
                named.chain(shape.items()).chain(shape.open(None)).any(|next| look(&next, depth - 1))
            };
            shape.is_secret() || depth > 0 && below()
        }
        look(self, 6)
    }
}

/// The JSON Schema name of a value's type.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
