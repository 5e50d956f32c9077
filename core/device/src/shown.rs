//! What a device shows before somebody approves.

use crate::{base64url, clean};
use aws_lc_rs::digest::{SHA256, digest as hash};
use gatewright_contract::{Scope, Timestamp};
use serde_json::{Map, Value, json};

/// Longest text of each sort, in characters, and most details: as many prompts as may wait fit into one document of the
/// host, whatever the characters are.
const LONG: usize = 200;
const SHORT: usize = 64;
const DETAILS: usize = 6;

/// The text that a device is given, shows (it is JSON) and signs a hash of: so what was shown is what was approved,
/// and nobody needs to agree on how JSON is written. What the caller says of the request is cut to size and cleaned;
/// it is only said, and the device must not show it as if the server knew it.
pub fn shown(scope: &Scope, authenticator: &str, wake: &str, expires: Timestamp) -> String {
    let said = |key: &str, most: usize| {
        scope.context[key].as_str().map(|text| clean(text, most)).filter(|text| !text.is_empty())
    };
    let all = [
        ("summary", said("summary", LONG).map(Value::from)),
        ("message", said("message", SHORT).map(Value::from)),
        ("details", details(&scope.context["details"])),
        ("address", said("address", 45).map(Value::from)),
        ("browser", said("browser", SHORT).map(Value::from)),
        ("os", said("os", SHORT).map(Value::from)),
    ];
    let said: Map<String, Value> =
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    json!({
        "site": clean(&scope.site.name, SHORT),
        "server": scope.site.url,
        "tenant": scope.tenant,
        "for": authenticator,
        "wake": wake,
        "username": scope.person.as_ref().map(|p| clean(&p.username, LONG)),
        "address": scope.address.map(|a| a.to_string()),
        "at": scope.now.as_secs(),
        "expires_at": expires.as_secs(),
        "said": said,
    })
    .to_string()
}

fn details(given: &Value) -> Option<Value> {
    let text = |value: &Value| value.as_str().map(|t| clean(t, SHORT));
    let one = |d: &Value| json!({"detail": text(&d["detail"]), "value": text(&d["value"])});
    let all: Vec<Value> = given.as_array()?.iter().take(DETAILS).map(one).collect();
    (!all.is_empty()).then(|| all.into())
}

/// What a device signs of it: SHA-256 of its bytes, in base64url.
pub fn digest(shown: &str) -> String {
    base64url(hash(&SHA256, shown.as_bytes()).as_ref())
}
