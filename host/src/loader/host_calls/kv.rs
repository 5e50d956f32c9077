//! `kv.get` and `kv.cas`: small values that a plugin keeps for a tenant.

use crate::services::{MAX_KEY_BYTES, MAX_VALUE_BYTES};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Host, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Ten years: whoever wants for ever leaves the time out.
const MAX_TTL_MS: u64 = 10 * 366 * 24 * 3_600 * 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Get {
    #[serde(rename = "tenant")]
    _tenant: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cas {
    #[serde(rename = "tenant")]
    _tenant: String,
    key: String,
    #[serde(default)]
    expect: Option<u64>,
    value: String,
    #[serde(default)]
    ttl_ms: Option<u64>,
}

/// Answers for this tenant.
pub(super) async fn kept(host: &Host, tenant: &TenantId, method: &str, args: Value) -> Result<Value, Fault> {
    // The message of the parser could repeat what it was given.
    let shapeless = |shape: &str| Fault::bad_request("", format!("{method} takes {shape}"));
    if method == "kv.get" {
        let Get { key, .. } = serde_json::from_value(args).map_err(|_| shapeless("{tenant, key}"))?;
        let found = host.kv_get(tenant, checked(&key)?).await?;
        return Ok(found.map_or(Value::Null, |v| json!({"rev": v.rev, "value": BASE64.encode(&v.value)})));
    }
    let Cas { key, expect, value, ttl_ms, .. } =
        serde_json::from_value(args).map_err(|_| shapeless("{tenant, key, expect, value, ttl_ms}"))?;
    if value.len() > BASE64.encode_len(MAX_VALUE_BYTES) {
        return Err(Fault::bad_request("value", format!("at most {MAX_VALUE_BYTES} bytes")));
    }
    let value = BASE64.decode(value.as_bytes()).map_err(|_| Fault::bad_request("value", "must be base64"))?;
    if value.len() > MAX_VALUE_BYTES {
        return Err(Fault::bad_request("value", format!("at most {MAX_VALUE_BYTES} bytes")));
    }
    if ttl_ms.is_some_and(|ttl| !(1..=MAX_TTL_MS).contains(&ttl)) {
        return Err(Fault::bad_request("ttl_ms", format!("from 1 to {MAX_TTL_MS}, or left out for ever")));
    }
    let ttl = ttl_ms.map(Duration::from_millis);
    let rev = host.kv_cas(tenant, checked(&key)?, expect, &value, ttl).await?;
    Ok(json!({"rev": rev}))
}

fn checked(key: &str) -> Result<&str, Fault> {
    match (1..=MAX_KEY_BYTES).contains(&key.len()) && !key.contains('\0') {
        true => Ok(key),
        false => Err(Fault::bad_request("key", format!("1 to {MAX_KEY_BYTES} bytes, none of them zero"))),
    }
}
