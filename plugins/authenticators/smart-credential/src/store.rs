//! Roots and revocation lists as they are now: the service `trust` reads them, and reads them again when they change.

use crate::trust::{Told, Trust};
use gatewright_contract::{Fault, Host, HostExt as _};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// The service of the host.
pub(crate) const TRUST_READ: &str = "trust.read";

/// One store of the service, and what was in it when it was last asked.
pub(crate) struct Store {
    name: String,
    host: Host,
    kept: Mutex<Option<Arc<Trust>>>,
}

impl Store {
    pub(crate) fn new(name: String, host: Host) -> Self {
        Self { name, host, kept: Mutex::default() }
    }

    /// What counts now.
    ///
    /// # Errors
    /// [`Fault::Internal`] where the service is not there or has no such store.
    pub(crate) async fn now(&self) -> Result<Arc<Trust>, Fault> {
        let kept = self.kept(|kept| kept.clone());
        let args = json!({"store": self.name, "known": kept.as_ref().map(|trust| trust.revision)});
        let told = self.host.call(TRUST_READ, args).await.map_err(|fault| match fault {
            // What is wrong with what we ask is not the caller's mistake.
            Fault::BadRequest { message, .. } => Fault::internal(format!("{TRUST_READ}: {message}")),
            other => other,
        })?;
        let told: Told =
            serde_json::from_value(told).map_err(|_| Fault::internal("trust.read answers something else"))?;
        if !told.is_news() {
            return kept.ok_or_else(|| Fault::internal("trust.read answers nothing to who has nothing"));
        }
        // A list may have a hundred thousand lines.
        let fresh = Arc::new(self.host.cpu(move || Trust::read(&told)).await??);
        self.kept(|kept| *kept = Some(fresh.clone()));
        Ok(fresh)
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Option<Arc<Trust>>) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
