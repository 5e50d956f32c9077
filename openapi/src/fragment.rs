//! What goes in: one plugin's share of the document, and the words at its head.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What one plugin brings, as the JSON forms of OpenAPI 3.0 objects.
///
/// A plugin may bring several fragments: they are put together like those of different plugins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fragment {
    /// The plugin's id, which becomes the `x-plugin` of each of its operations.
    pub plugin: String,
    /// Path template with `{param}` → method in lower case → Operation Object.
    pub paths: BTreeMap<String, Map<String, Value>>,
    /// Name → Schema Object.
    pub schemas: BTreeMap<String, Value>,
    /// Name → Security Scheme Object.
    pub security_schemes: BTreeMap<String, Value>,
    /// Tag Objects: `{name, description, externalDocs?}`.
    pub tags: Vec<Value>,
}

impl Fragment {
    /// Adds an operation; a second one at the same path and method takes the first one's place.
    pub fn operation(&mut self, path: impl Into<String>, method: impl Into<String>, operation: Value) {
        self.paths.entry(path.into()).or_default().insert(method.into(), operation);
    }
}

/// The head of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Title of the API.
    pub title: String,
    /// Version of the API (not of OpenAPI).
    pub version: String,
    /// CommonMark; left out when empty.
    pub description: String,
    /// Name of the licence, for example an SPDX expression; left out when empty.
    pub license_name: String,
    /// Where the licence can be read; left out when empty.
    pub license_url: String,
    /// Base URLs of servers; when there is none, readers take the place that the document came from.
    pub servers: Vec<String>,
}

impl Info {
    /// The Info Object.
    pub(crate) fn object(&self) -> Value {
        let mut info = Map::new();
        info.insert("title".into(), self.title.clone().into());
        info.insert("version".into(), self.version.clone().into());
        if !self.description.is_empty() {
            info.insert("description".into(), self.description.clone().into());
        }
        if !self.license_name.is_empty() {
            let mut license = Map::new();
            license.insert("name".into(), self.license_name.clone().into());
            if !self.license_url.is_empty() {
                license.insert("url".into(), self.license_url.clone().into());
            }
            info.insert("license".into(), license.into());
        }
        info.into()
    }

    /// The Server Objects.
    pub(crate) fn server_objects(&self) -> Vec<Value> {
        self.servers.iter().map(|url| json!({ "url": url })).collect()
    }
}
