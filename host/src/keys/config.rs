//! The table `[keys]`.

use super::{error::Unfit, kek::Keks, seed::Seed};
use crate::config::SecretValue;
use crate::config::{ConfigReport, Loaded, SystemSecrets};
use gatewright_contract::Secret;
use gatewright_core::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Where the key-encryption key comes from, and how long keys live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeysConfig {
    /// File with the key-encryption keys, mode 0600; made at the first start, changed by
    /// `gatewright keys rewrap`. Left out: `keyring.json` in the data folder.
    pub keyring: Option<PathBuf>,
    /// The key-encryption key itself, instead of the file: base64 of 32 bytes, or a keyring in JSON. All hosts of
    /// one database must have the same.
    pub kek: Option<SecretValue>,
    /// A key that `kek` has replaced, or will: it opens what it has wrapped, and wraps nothing.
    pub kek_previous: Option<SecretValue>,
    /// What the secrets of plugins come from, where `kek` or `kek_command` is a key alone: base64 of 64 bytes. All hosts of
    /// one database must have the same, and it must never change: what was made under it is worth nothing without it.
    pub seed: Option<SecretValue>,
    /// `true` for one start: the seed that this host has (or makes) takes the place of the one that the database knows. What was
    /// made under that (pictures, PINs and patterns) must be set up anew. Stop all other hosts first.
    pub accept_new_seed: bool,
    /// Program and arguments (no shell) whose standard output is the key-encryption key, instead of the file: to
    /// ask a key management service. Empty: none.
    pub kek_command: Vec<String>,
    /// The command must have ended after this many seconds.
    #[schemars(range(min = 1, max = 300))]
    pub kek_command_seconds: u16,
    /// The data key of a tenant gets a successor after this many days; the old ones go on opening what they sealed.
    #[schemars(range(min = 1, max = 3_650))]
    pub data_key_days: u16,
    /// The keys that tokens are signed with.
    pub signing: SigningConfig,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            keyring: None,
            kek: None,
            kek_previous: None,
            seed: None,
            accept_new_seed: false,
            kek_command: Vec::new(),
            kek_command_seconds: 10,
            data_key_days: 365,
            signing: SigningConfig::default(),
        }
    }
}

/// The table `[keys.signing]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SigningConfig {
    /// A signing key gets a successor after this many days.
    #[schemars(range(min = 1, max = 3_650))]
    pub rotate_days: u16,
    /// The successor is published this many hours before it signs, so that everybody has fetched it by then.
    #[schemars(range(min = 1, max = 720))]
    pub publish_ahead_hours: u16,
    /// A key that no longer signs stays published for this many hours: at least as long as any token lives.
    #[schemars(range(min = 1, max = 8_760))]
    pub keep_retired_hours: u16,
}

impl Default for SigningConfig {
    fn default() -> Self {
        Self { rotate_days: 90, publish_ahead_hours: 24, keep_retired_hours: 48 }
    }
}

impl SigningConfig {
    pub(super) fn rotate(&self) -> Duration {
        Duration::from_secs(u64::from(self.rotate_days) * 86_400)
    }

    pub(super) fn publish_ahead(&self) -> Duration {
        Duration::from_secs(u64::from(self.publish_ahead_hours) * 3_600)
    }

    pub(super) fn keep_retired(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_retired_hours) * 3_600)
    }
}

impl KeysConfig {
    /// Where the keyring file is, for a host that has one.
    pub fn file(&self, data: &Path) -> PathBuf {
        self.keyring.clone().unwrap_or_else(|| data.join("keyring.json"))
    }

    pub(super) fn data_key_age(&self) -> Duration {
        Duration::from_secs(u64::from(self.data_key_days) * 86_400)
    }

    /// The keys that the configuration itself gives.
    pub(super) fn given(&self) -> Option<Result<Keks, Unfit>> {
        let seed = self.seed().transpose();
        Some(self.both()?.and_then(|keys| keys.with_seed(seed?)))
    }

    /// `kek`, and what it has replaced.
    fn both(&self) -> Option<Result<Keks, Unfit>> {
        let first = parse(self.kek.as_ref()?);
        Some(match self.kek_previous.as_ref().map(parse) {
            None => first,
            Some(previous) => first.and_then(|first| first.with_previous(previous?)),
        })
    }

    /// The seed that the configuration itself gives.
    pub(super) fn seed(&self) -> Option<Result<Seed, Unfit>> {
        self.seed.as_ref().map(|seed| Seed::parse(text(seed).expose()))
    }
}

fn parse(secret: &SecretValue) -> Result<Keks, Unfit> {
    Keks::parse(text(secret).expose())
}

fn text(secret: &SecretValue) -> Secret<String> {
    // Files and variables have been read when the configuration was.
    let none = SystemSecrets::new(&[], "");
    secret.resolve(&none).unwrap_or_else(|_| Secret::new(String::new()))
}

/// What no schema can say of `[keys]`, each mistake with its place.
///
/// # Errors
/// When the table itself can't be read.
pub fn check(loaded: &Loaded, report: &mut ConfigReport) -> Result<(), ConfigReport> {
    let keys: KeysConfig = loaded.section(&["keys"])?;
    let mut wrong = |key: &[&str], message: String| report.push(loaded.problem(key, message));
    for (name, secret) in [("kek", &keys.kek), ("kek_previous", &keys.kek_previous)] {
        if let Some(Err(unfit)) = secret.as_ref().map(parse) {
            wrong(
                &["keys", name],
                format!("no key-encryption key: {unfit}; `openssl rand -base64 32` makes one"),
            );
        }
    }
    if let Some(Err(Unfit::Seeds)) = keys.both() {
        wrong(&["keys", "kek_previous"], format!("`kek` is a keyring: {}", Unfit::Seeds));
    }
    match keys.seed() {
        Some(Err(unfit)) => {
            let message = format!("no seed: {unfit}; `openssl rand -base64 64 | tr -d '\\n'` makes one");
            wrong(&["keys", "seed"], message);
        }
        Some(Ok(_)) if keys.kek.is_none() && keys.kek_command.is_empty() => {
            let message = "stands beside `kek` or `kek_command`; a keyring file has its own seed";
            wrong(&["keys", "seed"], message.to_owned());
        }
        Some(Ok(_)) if matches!((keys.both(), keys.given()), (Some(Ok(_)), Some(Err(Unfit::Seeds)))) => {
            wrong(&["keys", "seed"], format!("`kek` is a keyring: {}", Unfit::Seeds));
        }
        _ => {}
    }
    let sources = [("kek", keys.kek.is_some()), ("kek_command", !keys.kek_command.is_empty())];
    let mut given =
        sources.into_iter().chain([("keyring", keys.keyring.is_some())]).filter(|(_, given)| *given);
    if let (Some((first, _)), Some((second, _))) = (given.next(), given.next()) {
        wrong(
            &["keys", second],
            format!("the key-encryption key comes from `{first}` already; leave out one of them"),
        );
    }
    if keys.kek_previous.is_some() && keys.kek.is_none() {
        wrong(&["keys", "kek_previous"], "stands beside `kek`, which is not given".to_owned());
    }
    if keys.kek_command.first().is_some_and(String::is_empty) {
        wrong(&["keys", "kek_command"], "the first member is the program, and it is empty".to_owned());
    }
    let signing = &keys.signing;
    if signing.rotate() <= signing.publish_ahead() {
        let message =
            "the successor would be published before its predecessor signs; make it less than rotate_days";
        wrong(&["keys", "signing", "publish_ahead_hours"], message.to_owned());
    }
    let tokens = loaded.section::<Settings>(&["login"])?.session.access_token_seconds;
    if signing.keep_retired() < Duration::from_secs(u64::from(tokens)) {
        let message =
            format!("tokens live for {tokens} seconds and must stay verifiable; keep retired keys longer");
        wrong(&["keys", "signing", "keep_retired_hours"], message);
    }
    Ok(())
}
