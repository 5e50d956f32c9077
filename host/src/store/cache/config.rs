//! The table `[cache]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of the database is kept in memory. A store in memory has nothing of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Tokens at most, about 300 bytes each. Whoever shows one that is kept is let in without a question to the
    /// database.
    #[schemars(range(min = 16, max = 100_000_000))]
    pub tokens: u32,
    /// Sessions at most, about 500 bytes each. A token is kept only beside its session.
    #[schemars(range(min = 16, max = 100_000_000))]
    pub sessions: u32,
    /// Tenants at most.
    #[schemars(range(min = 16, max = 10_000_000))]
    pub tenants: u32,
    /// Clients of the OpenID provider, their opaque access tokens and what people have granted them, at most; about one
    /// kilobyte each.
    #[schemars(range(min = 16, max = 100_000_000))]
    pub records: u32,
}

impl Default for CacheConfig {
    /// About 200 MiB when full.
    fn default() -> Self {
        Self { tokens: 200_000, sessions: 100_000, tenants: 10_000, records: 100_000 }
    }
}
