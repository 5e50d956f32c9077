//! The documents, made once of the composed one.

use crate::prebuilt::Prebuilt;
use gatewright_openapi::{part, to_yaml};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const JSON: &str = "application/json";

/// All documents.
pub(crate) struct Library {
    pub(crate) json: Prebuilt,
    pub(crate) yaml: Prebuilt,
    pub(crate) plugins: Prebuilt,
    parts: BTreeMap<String, Prebuilt>,
}

impl Library {
    pub(crate) fn of(document: &Value) -> Self {
        let ids = plugins(document);
        let list = |id: &&str| json!({"id": id, "title": id, "url": format!("/openapi/plugins/{id}.json")});
        Self {
            json: Prebuilt::new(JSON, document.to_string().into_bytes()),
            // RFC 9512
            yaml: Prebuilt::new("application/yaml", to_yaml(document).into_bytes()),
            plugins: Prebuilt::new(JSON, Value::from_iter(ids.iter().map(list)).to_string().into_bytes()),
            parts: ids.iter().map(|id| (format!("{id}.json"), one(document, id))).collect(),
        }
    }

    /// The document of one plugin, by its file name.
    pub(crate) fn part(&self, file: &str) -> Option<&Prebuilt> {
        self.parts.get(file)
    }
}

fn one(document: &Value, id: &str) -> Prebuilt {
    Prebuilt::new(JSON, part(document, id).to_string().into_bytes())
}

/// The plugins that have an operation, by id.
fn plugins(document: &Value) -> BTreeSet<&str> {
    let members = |value: &'static str| document[value].as_object().into_iter().flatten();
    let operations = members("paths").flat_map(|(_, item)| item.as_object().into_iter().flatten());
    operations.filter_map(|(_, operation)| operation["x-plugin"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Library, plugins};
    use serde_json::json;

    #[test]
    fn there_is_a_document_for_each_plugin_that_has_operations() {
        let document = json!({"openapi": "3.0.3", "paths": {
            "/a": {"get": {"x-plugin": "login"}, "post": {"x-plugin": "me"}},
            "/b": {"get": {"x-plugin": "login"}},
        }});
        assert_eq!(plugins(&document).into_iter().collect::<Vec<_>>(), ["login", "me"]);
        let library = Library::of(&document);
        assert!(library.part("login.json").is_some() && library.part("me.json").is_some());
        assert!(library.part("login").is_none() && library.part("other.json").is_none());
    }
}
