//! The table `[database]`.

use crate::config::SecretValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a PostgreSQL is used. An embedded database has nothing of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Connections of this node at most, besides one over which it hears what other nodes revoke. All nodes
    /// together must stay below the server's `max_connections`.
    #[schemars(range(min = 8, max = 1_000))]
    pub connections: u32,
    /// A request waits this long for a free connection; then it is told to come again.
    #[schemars(range(min = 100, max = 60_000))]
    pub acquire_timeout_ms: u64,
    /// A statement that takes longer is broken off.
    #[schemars(range(min = 100, max = 600_000))]
    pub statement_timeout_ms: u64,
    /// The password, where it does not stand in `store`.
    pub password: Option<SecretValue>,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { connections: 16, acquire_timeout_ms: 2_000, statement_timeout_ms: 5_000, password: None }
    }
}

impl DatabaseConfig {
    pub(super) fn acquire(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    /// How long a whole commit or question may take, seen from here: what the server's own limit can't end
    /// is a server that is no longer there.
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms) + Duration::from_secs(1)
    }
}
