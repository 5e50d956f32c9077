//! What happens to the audit log without a request: checkpoints, and the end of what is old.

use crate::app::App;
use gatewright_core::Origin;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const TENANTS: u32 = 200;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The table `[audit]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// Days for which lines of the audit log are kept; older ones are deleted, and what stays can still be checked.
    /// Default: `0`, they are kept for ever.
    #[schemars(range(max = 36500))]
    pub retention_days: u32,
}

impl AuditConfig {
    /// How long lines are kept; `None`: for ever.
    pub fn retention(&self) -> Option<Duration> {
        (self.retention_days > 0).then(|| DAY * self.retention_days)
    }
}

/// Seals where the chains stand.
pub async fn seal(app: &App) {
    if let Err(error) = app.engine.seal_audit().await {
        tracing::warn!(%error, "could not seal where the audit log stands");
    }
}

/// Deletes what is older than it is to be kept, in every tenant.
pub async fn prune(app: &App) {
    let Some(keep) = app.audit.retention() else { return };
    let now = app.engine.now();
    let before = gatewright_contract::Timestamp(
        now.0.saturating_sub(i64::try_from(keep.as_micros()).unwrap_or(i64::MAX)),
    );
    let (origin, mut after) = (Origin::local("retention"), None);
    loop {
        let page = match app.engine.store().tenants(after.as_ref(), TENANTS).await {
            Ok(page) => page,
            Err(error) => return tracing::warn!(%error, "could not prune the audit log"),
        };
        for tenant in &page {
            if let Err(error) = app.engine.prune_audit(&tenant.id, before, &origin).await {
                tracing::warn!(tenant = %tenant.id, %error, "could not prune the audit log");
            }
        }
        match page.last() {
            Some(last) => after = Some(last.id.clone()),
            None => return,
        }
    }
}

#[cfg(test)]
mod tests;
