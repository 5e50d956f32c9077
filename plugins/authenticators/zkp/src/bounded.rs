//! What a client reports of itself: looked at for its size and never believed.

use gatewright_contract::Fault;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Largest report, as JSON.
const MAX_BYTES: usize = 16 * 1024;
/// Deepest, the object itself counted.
const MAX_DEPTH: usize = 8;

/// An object with whatever in it. Nothing is decided by it and nothing of it is kept.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Report(Map<String, Value>);

impl Report {
    /// # Errors
    /// 400 for one that is too large or too deep.
    pub(crate) fn check(report: Option<&Self>, field: &str) -> Result<(), Fault> {
        let Some(Self(map)) = report else { return Ok(()) };
        if map.values().any(|value| is_deeper(value, MAX_DEPTH - 1)) {
            return Err(Fault::bad_request(field, "nested more than 8 deep"));
        }
        match serde_json::to_vec(map) {
            Ok(json) if json.len() <= MAX_BYTES => Ok(()),
            _ => Err(Fault::bad_request(field, "more than 16 KiB of JSON")),
        }
    }
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels == 0 || values.iter().any(|v| is_deeper(v, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|v| is_deeper(v, levels - 1)),
        _ => false,
    }
}

impl JsonSchema for Report {
    fn schema_name() -> Cow<'static, str> {
        "Report".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": true})
    }
}
