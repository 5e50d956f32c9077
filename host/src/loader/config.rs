//! What the operator says of a library: keys in its plugin's table beside the plugin's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Duration};

/// Keys that the frame reads from `[plugins.<id>]` where the plugin is a shared library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LibraryConfig {
    /// The shared library (ELF, 64 bit) that holds the plugin.
    pub library: PathBuf,
    /// SHA-256 of the file in 64 hex digits; another file is refused. `gatewright plugin check FILE` prints it.
    pub sha256: String,
    /// Where it runs.
    pub mode: Mode,
    /// How long one call may take, in milliseconds. In mode `isolated` its process is then ended and made anew.
    #[schemars(range(min = 10, max = 60_000))]
    pub timeout_ms: u32,
    /// Calls at the same time; whoever comes then waits, no longer than `timeout_ms`.
    #[schemars(range(min = 1, max = 64))]
    pub slots: u8,
    /// Memory of its process at most, in MiB (mode `isolated`).
    #[schemars(range(min = 16, max = 65_536))]
    pub memory_mib: u32,
    /// Processor time of its process at most, in seconds: then it is made anew (mode `isolated`).
    #[schemars(range(min = 1, max = 86_400))]
    pub cpu_seconds: u32,
    /// Whether it runs where this system's kernel can't hold its process as it should be held (mode `isolated`).
    pub unconfined: bool,
}

impl Default for LibraryConfig {
    fn default() -> Self {
        Self {
            library: PathBuf::new(),
            sha256: String::new(),
            mode: Mode::Isolated,
            timeout_ms: 2_000,
            slots: 4,
            memory_mib: 256,
            cpu_seconds: 600,
            unconfined: false,
        }
    }
}

impl LibraryConfig {
    /// Names of the keys that are the frame's.
    pub const KEYS: [&str; 8] =
        ["library", "sha256", "mode", "timeout_ms", "slots", "memory_mib", "cpu_seconds", "unconfined"];

    /// How long one call may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms.into())
    }
}

/// Where a library runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In a process of its own: whatever it does costs at most the request that met it.
    #[default]
    Isolated,
    /// On threads of this process, for a library that is trusted like a linked plugin: a crash of it is a crash of the
    /// server.
    Pool,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Isolated => "isolated",
            Self::Pool => "pool",
        })
    }
}
