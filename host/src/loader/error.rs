//! Why a library is not loaded.

use std::path::PathBuf;

/// Why a library is not loaded. Each names what is wrong and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file can't be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says, or that it is no regular file or too large.
        reason: String,
    },
    /// Another file than the operator has named.
    #[error(
        "the file has the SHA-256 {found}, not {wanted}: put it in `sha256` if this is the file that you mean"
    )]
    Sha256 {
        /// What the file has.
        found: String,
        /// What the configuration says.
        wanted: String,
    },
    /// The operator has not said which file it is to be.
    #[error(
        "`sha256` must be 64 hex digits; the file has {found}: put it there if this is the file that you mean"
    )]
    Pin {
        /// What the file has.
        found: String,
    },
    /// Not a shared library for this machine, or not all of it.
    #[error("not a shared library for this machine: {0}")]
    Elf(String),
    /// The dynamic linker refuses it.
    #[error("the dynamic linker refuses it: {0}")]
    Link(String),
    /// It exports no plugin.
    #[error("it does not export `{symbol}`: it is no plugin, or one for another major version of the ABI", symbol = gatewright_abi::SYMBOL)]
    NoSymbol,
    /// What it exports is none.
    #[error("`{symbol}` gives no plugin: {0}", symbol = gatewright_abi::SYMBOL)]
    Handshake(String),
    /// Made for another host.
    #[error(
        "it speaks major version {wants} of the ABI, this host speaks {speaks}: rebuild it with the SDK or header of this host"
    )]
    Abi {
        /// What it was made for.
        wants: u16,
        /// What the host speaks.
        speaks: u16,
    },
    /// Its manifest says what can't be.
    #[error("its manifest: {}", .0.join("; "))]
    Manifest(Vec<String>),
    /// It needs what this host does not have.
    #[error("it needs {need}: {reason}")]
    Need {
        /// What.
        need: String,
        /// Why not.
        reason: String,
    },
    /// Several of these, all told at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<LoadError>),
    /// It refused its configuration.
    #[error("`{key}`: {message}")]
    Config {
        /// Key in its table; empty for the whole.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// It ended or did not answer while it was made.
    #[error("it could not begin: {0}")]
    Begin(String),
    /// The kernel lacks what would hold its process.
    #[error(
        "its process can't be held as it should be: {0}; run a newer kernel, or say `unconfined = true` if you trust the library like the server"
    )]
    Unconfined(String),
    /// The system refuses what loading takes.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
}

impl LoadError {
    /// The key of the plugin's table that it is about.
    pub fn key(&self) -> &str {
        match self {
            Self::Sha256 { .. } | Self::Pin { .. } => "sha256",
            Self::Config { key, .. } => key,
            Self::Unconfined(_) => "unconfined",
            _ => "library",
        }
    }
}
