//! The schemas of a manifest: each by itself, and whether they go with what the plugin says that it can do.

use super::read::Mistakes;
use crate::loader::{
    LibraryConfig,
    schemas::{self, Mismatch, Shape},
};
use gatewright_contract::{Manifest, Schemas};
use serde_json::Value;

/// Names of the schemas.
pub(super) const MEMBERS: [&str; 12] = [
    "config",
    "config_default",
    "begin",
    "prompt",
    "answer",
    "invite",
    "invitation",
    "proof",
    "reveal",
    "event",
    "ask",
    "reply",
];

/// Keys of each plugin's table that are the frame's, whatever the plugin is.
const OF_THE_FRAME: [&str; 2] = ["enabled", "required"];

/// Notes what is wrong.
pub(super) fn check(manifest: &Manifest, mistakes: &mut Mistakes) {
    for (_, name, schema) in schemas::declared_by(&manifest.schemas) {
        mistakes.extend(schemas::mistakes(schema, &format!("schemas.{name}")));
    }
    agree(manifest, mistakes);
    config(&manifest.schemas, mistakes);
}

/// An ability brings its messages, and none is there without its ability.
fn agree(manifest: &Manifest, mistakes: &mut Mistakes) {
    let (can, s) = (&manifest.abilities, &manifest.schemas);
    for (ability, can, name, schema) in [
        ("enrol", can.enrol, "invite", &s.invite),
        ("enrol", can.enrol, "invitation", &s.invitation),
        ("enrol", can.enrol, "proof", &s.proof),
        ("enrol", can.enrol, "reveal", &s.reveal),
        ("signal", can.signal, "event", &s.event),
        ("attend", can.attend, "ask", &s.ask),
        ("attend", can.attend, "reply", &s.reply),
    ] {
        match (can, schema) {
            (true, None) => {
                mistakes.push(format!("`schemas.{name}` is missing, which `abilities.{ability}` takes"));
            }
            (false, Some(_)) => {
                mistakes.push(format!("`schemas.{name}` is there, but `abilities.{ability}` is not true"));
            }
            _ => {}
        }
    }
}

/// The config table (JSON Schema draft 2020-12), beside the keys of the frame.
fn config(s: &Schemas, mistakes: &mut Mistakes) {
    let place = "schemas.config";
    let before = mistakes.len();
    let schema = &s.config;
    if schema["type"] != "object" {
        mistakes.push(format!("`{place}`: must describe an object (`\"type\": \"object\"`)"));
    }
    mistakes.extend(schemas::unbounded(schema, place));
    for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        if OF_THE_FRAME.contains(&name) || LibraryConfig::KEYS.contains(&name) {
            mistakes
                .push(format!("`{place}.properties.{name}`: this key is the host's; give it another name"));
        }
    }
    if mistakes.len() > before {
        return;
    }
    let shape = match Shape::of(schema.clone()) {
        Ok(shape) => shape,
        Err(Mismatch { field, message }) => {
            return mistakes.push(format!("`{}`: {message}", [place, &field].join(".")));
        }
    };
    let default: &Value = &s.config_default;
    let unknown = |name: &&String| schema["properties"].get(name.as_str()).is_none();
    match default.as_object() {
        None => mistakes.push("`schemas.config_default` must be an object".to_owned()),
        Some(table) => mistakes.extend(table.keys().filter(unknown).map(|name| {
            format!("`schemas.config_default.{}` is no property of `{place}`", super::legible(name, 64))
        })),
    }
    if let Some(mismatch) = shape.mismatch(default) {
        mistakes.push(format!("`schemas.config_default` does not fit `{place}` ({mismatch})"));
    }
}
