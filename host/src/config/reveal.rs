//! Secrets of a configuration read from their files and variables.

use super::layer::{Mistakes, Places};
use super::report::Place;
use super::secret::{Form, SecretResolver, SystemSecrets};
use super::section::Site;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Replaces every secret's table by the secret, and gathers the variables that were named.
pub(super) struct Reveal<'a> {
    pub(super) places: &'a Places,
    pub(super) secrets: SystemSecrets,
    /// Variables that secrets name, set or not.
    pub(super) named: BTreeSet<String>,
}

impl Reveal<'_> {
    pub(super) fn walk(&mut self, value: &mut Value, site: &Site<'_>, mistakes: &mut Mistakes) {
        if site.is_unseen() {
            return self.name(value);
        }
        match value {
            Value::String(text) if text.is_empty() && site.is_secret_text() => {
                mistakes.tell(self.places.nearest(&site.path), &site.path, "a secret must not be empty");
            }
            Value::Object(table) if site.is_secret_text() => {
                let place = self.places.nearest(&site.path);
                match Form::of(table).and_then(|form| self.read(&form, &place, site)) {
                    Ok(secret) => *value = Value::String(secret),
                    Err(message) => mistakes.tell(place, &site.path, message),
                }
            }
            Value::Object(table) => {
                let given = table.clone();
                for (name, value) in table {
                    if let Some(child) = site.child(name, Some(&given)) {
                        self.walk(value, &child, mistakes);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Some(member) = site.item(index) {
                        self.walk(item, &member, mistakes);
                    }
                }
            }
            _ => {}
        }
    }

    /// Where nobody knows what a secret is, all that looks like one that is in a variable names that variable.
    fn name(&mut self, value: &Value) {
        match value {
            Value::Object(table) => match table.get("env").and_then(Value::as_str) {
                Some(name) if table.len() == 1 => drop(self.named.insert(name.to_owned())),
                _ => table.values().for_each(|value| self.name(value)),
            },
            Value::Array(items) => items.iter().for_each(|item| self.name(item)),
            _ => {}
        }
    }

    fn read(&mut self, form: &Form, place: &Place, site: &Site<'_>) -> Result<String, String> {
        // A relative path means the folder of the file that says it.
        let folder = match place {
            Place::File { path, .. } => path.parent(),
            _ => None,
        };
        self.secrets.set_folder(folder.unwrap_or(Path::new("")));
        let secret = match form {
            Form::Value(secret) => Ok(secret.clone()),
            Form::File(path) if site.is_open_file() => self.secrets.open_file(path),
            Form::File(path) => self.secrets.file(path),
            Form::Env(name) => {
                self.named.insert(name.clone());
                self.secrets.env(name)
            }
        };
        secret.map(|secret| secret.expose().clone()).map_err(|e| e.to_string())
    }
}
