//! Secrets in a configuration: given as a value, or by the name of a file or a variable.

use gatewright_contract::Secret;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Largest file that holds one secret, in bytes.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// What stands for a secret wherever one would be printed.
pub(super) const MASK: &str = "***";

/// A secret as the operator gives it: `"value"`, `{ file = "path" }` or `{ env = "NAME" }`.
///
/// Never printed and never serialised. In what [`super::Loaded::section`] returns the file or variable is already
/// read, so that [`SecretValue::resolve`] only hands out the value.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Form);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Form {
    Value(Secret<String>),
    File(PathBuf),
    Env(String),
}

impl SecretValue {
    /// A secret given as its value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(Form::Value(Secret::new(value.into())))
    }

    /// The secret itself, read from where it is.
    ///
    /// # Errors
    /// When the file or variable can't be read or must not be used.
    pub fn resolve(&self, resolver: &dyn SecretResolver) -> Result<Secret<String>, SecretError> {
        match &self.0 {
            Form::Value(value) => Ok(value.clone()),
            Form::File(path) => resolver.file(path),
            Form::Env(name) => resolver.env(name),
        }
    }
}

impl Form {
    /// `{ file = … }` or `{ env = … }`.
    ///
    /// # Errors
    /// In words for the operator.
    pub(super) fn of(table: &serde_json::Map<String, Value>) -> Result<Self, String> {
        if let Some(odd) = table.keys().find(|key| !matches!(key.as_str(), "file" | "env")) {
            let near = super::near::question(odd, ["file", "env"]);
            return Err(format!(
                "unknown key {};{near} keys here are: file, env",
                super::toml_text::key(odd)
            ));
        }
        match (table.get("file"), table.get("env")) {
            (Some(Value::String(path)), None) => Ok(Self::File(path.into())),
            (None, Some(Value::String(name))) => Ok(Self::Env(name.clone())),
            _ => Err("a secret's table has exactly one of file and env, as text".to_owned()),
        }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for SecretValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not through a derived visitor: its "invalid type" message would repeat the value.
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::new(text)),
            Value::Object(table) => Form::of(&table).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("a secret is text, { file = \"path\" } or { env = \"NAME\" }")),
        }
    }
}

impl JsonSchema for SecretValue {
    fn schema_name() -> Cow<'static, str> {
        "SecretValue".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |key: &str| {
            json_schema!({
                "type": "object", "properties": { key: { "type": "string", "minLength": 1 } },
                "required": [key], "additionalProperties": false,
            })
        };
        json_schema!({ "x-secret": true, "anyOf": [{ "type": "string" }, one("file"), one("env")] })
    }
}

/// Reads secrets from where they are.
pub trait SecretResolver {
    /// The content of a file, less one line end at its end.
    ///
    /// # Errors
    /// See [`SecretError`].
    fn file(&self, path: &Path) -> Result<Secret<String>, SecretError>;

    /// The value of an environment variable.
    ///
    /// # Errors
    /// See [`SecretError`].
    fn env(&self, name: &str) -> Result<Secret<String>, SecretError>;
}

/// Why a secret can't be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read.
    #[error("secret file {path}: {source}")]
    Unreadable {
        /// The path, in quotes.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file lies open to others.
    #[error("secret file {path} is open to others than its owner (mode {mode:03o}); use chmod 600")]
    Open {
        /// The path, in quotes.
        path: String,
        /// The permission bits.
        mode: u32,
    },
    /// The file is not what holds a secret.
    #[error("secret file {path} {what}")]
    Unfit {
        /// The path, in quotes.
        path: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The variable is not set, is empty or is not UTF-8.
    #[error("secret variable {name} {what}")]
    Variable {
        /// The variable's name, in quotes.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
}

/// Secrets from the file system and from an environment handed in.
pub struct SystemSecrets {
    env: BTreeMap<String, Zeroizing<String>>,
    folder: PathBuf,
}

impl SystemSecrets {
    /// `folder` is where relative paths begin; empty means the working directory.
    #[must_use]
    pub fn new(env: &[(String, String)], folder: impl Into<PathBuf>) -> Self {
        let env = env.iter().map(|(name, value)| (name.clone(), Zeroizing::new(value.clone()))).collect();
        Self { env, folder: folder.into() }
    }

    pub(super) fn set_folder(&mut self, folder: &Path) {
        self.folder = folder.to_owned();
    }

    /// [`SecretResolver::file`], of a file that others may read.
    pub(super) fn open_file(&self, path: &Path) -> Result<Secret<String>, SecretError> {
        self.read(path, |_| None)
    }

    /// `open` says how far the file is open to others than may be.
    fn read(
        &self,
        path: &Path,
        open: impl Fn(&std::fs::Metadata) -> Option<u32>,
    ) -> Result<Secret<String>, SecretError> {
        let path = self.folder.join(path);
        let shown = super::toml_text::string(&path.to_string_lossy());
        let unreadable = |source| SecretError::Unreadable { path: shown.clone(), source };
        let unfit = |what| Err(SecretError::Unfit { path: shown.clone(), what });
        // Before opening: opening a pipe waits for its writer.
        if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
            return unfit("is not a regular file");
        }
        let file = std::fs::File::open(&path).map_err(unreadable)?;
        if let Some(mode) = open(&file.metadata().map_err(unreadable)?) {
            return Err(SecretError::Open { path: shown, mode });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES + 1));
        file.take(MAX_SECRET_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() > MAX_SECRET_BYTES {
            return unfit("is larger than 65536 bytes");
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { return unfit("is not UTF-8") };
        let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
        if text.is_empty() { unfit("is empty") } else { Ok(Secret::new(text.to_owned())) }
    }
}

impl SecretResolver for SystemSecrets {
    fn file(&self, path: &Path) -> Result<Secret<String>, SecretError> {
        self.read(path, open_to_others)
    }

    fn env(&self, name: &str) -> Result<Secret<String>, SecretError> {
        let wrong = |what| Err(SecretError::Variable { name: super::toml_text::string(name), what });
        match self.env.get(name).map(|value| value.as_str()) {
            None => wrong("is not set"),
            Some("") => wrong("is empty"),
            Some(value) if value.contains('\u{fffd}') => wrong("is not UTF-8"),
            Some(value) => Ok(Secret::new(value.to_owned())),
        }
    }
}

/// The permission bits of a file that its group or others may use.
#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}
