//! What a configuration is read from.

use super::{MAX_FILE_BYTES, Place, document};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where a configuration comes from. Later ones win: memory, file, environment.
#[derive(Clone, Default)]
pub struct Sources {
    /// A TOML text held in memory, with the name that problems call it by; for embedders and tests.
    pub memory: Option<(String, String)>,
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// The environment: all of it, since secrets may name any variable. [`process_environment`] collects it.
    pub env: Vec<(String, String)>,
    /// Whole names of `GATEWRIGHT_…` variables that are not settings, such as the one that names the file.
    pub env_ignored: Vec<String>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Texts and variables may hold secrets.
        let memory = self.memory.as_ref().map(|(name, _)| name);
        f.debug_struct("Sources").field("memory", &memory).field("file", &self.file).finish_non_exhaustive()
    }
}

/// The environment of this process. What is not UTF-8 gets replacement characters and is refused where it is used.
#[must_use]
pub fn process_environment() -> Vec<(String, String)> {
    let text = |s: std::ffi::OsString| s.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
}

/// Reads a configuration file.
///
/// # Errors
/// In words for the operator, with the place where it is not UTF-8.
pub(super) fn read_file(path: &Path) -> Result<String, (String, Option<Place>)> {
    let whole = |message: String| (message, None);
    let file = File::open(path).map_err(|e| whole(format!("can't be read: {e}")))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| whole(format!("can't be read: {e}")))?;
    check_size(bytes.len()).map_err(whole)?;
    String::from_utf8(bytes).map_err(|error| {
        let readable = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let place = std::str::from_utf8(readable).ok().map(|readable| document::place_in(path, readable));
        ("is not UTF-8".to_owned(), place)
    })
}

/// Whether a text is small enough to be a configuration.
///
/// # Errors
/// In words for the operator.
pub(super) fn check_size(bytes: usize) -> Result<(), String> {
    if bytes <= MAX_FILE_BYTES {
        return Ok(());
    }
    Err(format!("is larger than {MAX_FILE_BYTES} bytes"))
}
