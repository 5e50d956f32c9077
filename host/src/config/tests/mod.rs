#![allow(clippy::unwrap_used)]

mod environment;
mod joining;
mod listing;
mod mistakes;
mod secrets;
mod syntax;

use super::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Http {
    /// Address and port.
    listen: String,
    /// Largest body, in bytes.
    #[schemars(range(min = 1, max = 1_000_000))]
    body: u32,
    /// Networks of proxies that are believed.
    proxies: Vec<String>,
    /// Shown to people.
    name: String,
    /// TLS, off when this table is missing.
    tls: Option<Tls>,
    /// Who may embed pages, and how.
    partners: BTreeMap<String, Partner>,
    /// Extra listeners.
    extra: Vec<Extra>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            body: 65_536,
            proxies: vec!["10.0.0.0/8".into()],
            name: "Gatewright".into(),
            tls: None,
            partners: BTreeMap::new(),
            extra: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Tls {
    /// The certificate's file.
    certificate: PathBuf,
    /// Oldest version.
    #[serde(default = "thirteen")]
    oldest: u8,
}

fn thirteen() -> u8 {
    13
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Partner {
    /// Its origin.
    origin: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Extra {
    port: u16,
    #[serde(default)]
    admin: bool,
}

/// Where data is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Store {
    /// Which database.
    engine: Engine,
    /// Seals what is stored.
    key: Option<SecretValue>,
    /// How eagerly.
    speed: Speed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Engine {
    /// A file.
    Sqlite { path: String },
    /// A server.
    Postgres { url: String, pool: Option<u8> },
}

impl Default for Engine {
    fn default() -> Self {
        Self::Sqlite { path: "data.db".into() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Speed {
    /// One after the other.
    #[default]
    Calm,
    /// All at once.
    Hasty,
}

/// Six digits from an app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Totp {
    /// Digits of a code.
    #[schemars(range(min = 6, max = 8))]
    digits: u8,
    /// Accepted clock difference, in steps.
    skew: u8,
}

impl Default for Totp {
    fn default() -> Self {
        Self { digits: 6, skew: 1 }
    }
}

/// A directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ldap {
    /// Its address.
    url: String,
    /// A plain text field that the schema marks.
    #[schemars(extend("x-secret" = true))]
    password: String,
    /// A number given as text.
    #[serde(default)]
    account: String,
    /// Text that may be in a file which others may read.
    #[schemars(extend("x-secret" = true, "x-open-file" = true))]
    #[serde(default)]
    roots: Option<String>,
}

fn sections() -> Vec<Section> {
    vec![
        Section::of::<Http>(&["http"]),
        Section::of::<Store>(&["store"]),
        Section::of::<Totp>(&["plugins", "totp"]).optional(),
        Section::described::<Ldap>(&["plugins", "ldap-sync"]).optional(),
    ]
}

fn sources(toml: &str, env: &[(&str, &str)]) -> Sources {
    Sources {
        memory: Some(("gatewright.toml".into(), toml.into())),
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Sources::default()
    }
}

fn load(toml: &str, env: &[(&str, &str)]) -> Result<Loaded, ConfigReport> {
    Loader::new(sections()).load(sources(toml, env))
}

/// The report's lines.
fn lines(toml: &str, env: &[(&str, &str)]) -> Vec<String> {
    load(toml, env).unwrap_err().to_string().lines().map(str::to_owned).collect()
}

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("gatewright-config-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        set_mode(&path, mode);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}
