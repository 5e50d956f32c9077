//! What a new version of a library says of itself that policies go by. A change there can switch off everybody's second
//! factor, and nobody would see it.

use gatewright_contract::{Kind, Manifest};
use serde_json::{Map, Value, json};
use std::fmt;

/// The differences, in words.
#[derive(Debug, Default)]
pub(super) struct Changed(Vec<String>);

/// What is different about the new one.
///
/// # Errors
/// When it can't be at all while logins go on.
pub(super) fn check(old: &Manifest, new: &Manifest) -> Result<Changed, String> {
    let remembered = [old, new].map(|m| m.traits.kind == Kind::Remembered);
    if remembered[0] != remembered[1] {
        return Err("its `kind` becomes `remembered`, or was it: that needs a restart".to_owned());
    }
    let (old, new) = (said(old), said(new));
    let differs = |(key, is): (&String, &Value)| {
        let was = old.get(key).unwrap_or(&Value::Null);
        (was != is).then(|| format!("{key} was {was}, is {is}"))
    };
    Ok(Changed(new.iter().filter_map(differs).collect()))
}

/// All of its traits, and whether it counts as a mailbox.
fn said(manifest: &Manifest) -> Map<String, Value> {
    let mut traits = manifest.traits.clone();
    // Their order says nothing.
    traits.amr.sort();
    traits.amr.dedup();
    let mut said = match serde_json::to_value(traits) {
        Ok(Value::Object(said)) => said,
        _ => Map::new(),
    };
    said.insert("sends".to_owned(), json!(manifest.sends));
    said
}

impl Changed {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, where there are none or the operator has said that they are meant.
    pub(super) fn meant(self, id: &str, is_meant: bool) -> Result<Self, String> {
        if is_meant || self.is_empty() {
            return Ok(self);
        }
        Err(format!(
            "its manifest changes what policies go by: {self}. If that is meant: \
             `gatewright plugin reload {id} --changed-traits`"
        ))
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}
