//! A prompt for whoever has seen the picture of it.

use crate::Waiting;
use gatewright_contract::{Fault, Host, Scope};

/// A prompt that is found by its name.
pub struct Leaflet(pub(crate) Waiting);

impl Leaflet {
    /// Leaves it until it expires.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn leave(&self, host: &Host, scope: &Scope) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(&self.0)
            .map_err(|e| Fault::caused("what waits for a device can't be written", e))?;
        let ttl = self.0.expires.since(scope.now);
        host.kv_cas(&scope.tenant, &key(&self.0.wake), None, &bytes, Some(ttl)).await.map(|_| ())
    }

    /// What is told of it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find(host: &Host, scope: &Scope, wake: &str) -> Result<Option<Waiting>, Fault> {
        if wake.len() > 64 {
            return Ok(None);
        }
        let Some(found) = host.kv_get(&scope.tenant, &key(wake)).await? else { return Ok(None) };
        let waiting: Waiting = serde_json::from_slice(&found.value)
            .map_err(|e| Fault::caused("what waits for a device is damaged", e))?;
        Ok(Some(waiting).filter(|w| w.expires > scope.now))
    }
}

fn key(wake: &str) -> String {
    format!("leaflet.{wake}")
}
