//! A device asks what waits for it.

use crate::{CLOCK_SECONDS, Device, PublicKey, Statement};
use gatewright_contract::{Fault, Held, Host, Scope, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long it is remembered when a device has asked: longer than an ask is believed.
const REMEMBERED: Duration = Duration::from_secs(4 * CLOCK_SECONDS.unsigned_abs());

/// What a device asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, example = json!({
    "device": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "at_ms": 1_767_225_600_000_i64, "signature": "x".repeat(86),
}))]
pub struct Ask {
    /// The device: the thumbprint of its key (RFC 7638, SHA-256, base64url).
    #[schemars(length(max = 64))]
    pub device: String,
    /// The device's time, in milliseconds since 1970: at most a minute off, and later than in its ask before.
    pub at_ms: i64,
    /// Over the statement `ask`: 64 bytes in base64url.
    #[schemars(length(max = 128))]
    pub signature: String,
}

impl Ask {
    /// The bytes that a device signs; `wake` where it asks about one challenge.
    pub fn statement(&self, scope: &Scope, authenticator: &str, wake: &str) -> Statement {
        Statement::new("ask", scope.tenant.as_str(), authenticator)
            .with("wake", wake)
            .with("device", &self.device)
            .with("at_ms", &self.at_ms.to_string())
    }

    /// The device that asks, where it is believed: signed, fresh, and not asked before. `None` otherwise, and after as
    /// much work where nobody has such a device.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn by<'a>(
        &self,
        host: &Host,
        scope: &Scope,
        authenticator: &str,
        wake: &str,
        devices: &'a [Held<Device>],
    ) -> Result<Option<&'a Held<Device>>, Fault> {
        let held = devices.iter().find(|held| held.doc.key.thumbprint() == self.device);
        let key = held.map_or_else(PublicKey::decoy, |held| held.doc.key);
        let signed = key.has_signed(&self.statement(scope, authenticator, wake), &self.signature);
        let off = Timestamp(self.at_ms.saturating_mul(1000)).0.abs_diff(scope.now.0);
        let fresh = off <= CLOCK_SECONDS.unsigned_abs() * 1_000_000;
        match held {
            Some(held) if signed && fresh && self.is_new(host, scope).await? => Ok(Some(held)),
            _ => Ok(None),
        }
    }

    /// Whether this is later than whatever the device has asked before. Of two that are the same one wins.
    async fn is_new(&self, host: &Host, scope: &Scope) -> Result<bool, Fault> {
        let key = format!("asked.{}", self.device);
        let before = host.kv_get(&scope.tenant, &key).await?;
        let last = before.as_ref().and_then(|v| String::from_utf8(v.value.clone()).ok()?.parse::<i64>().ok());
        if last.is_some_and(|last| self.at_ms <= last) {
            return Ok(false);
        }
        let value = self.at_ms.to_string();
        let expect = before.map(|v| v.rev);
        match host.kv_cas(&scope.tenant, &key, expect, value.as_bytes(), Some(REMEMBERED)).await {
            Ok(_) => Ok(true),
            Err(Fault::Conflict) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
