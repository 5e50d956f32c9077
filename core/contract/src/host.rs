//! What the host does for an authenticator: time, randomness, heavy work, small shared state.

use crate::{Fault, Secret, TenantId, Timestamp};
use serde_json::Value;
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

/// A boxed future, as it crosses crates.
pub type BoxFut<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The services of the host, one value per plugin: the host knows who asks.
pub type Host = Arc<dyn HostServices>;

/// A value with the revision it has in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Grows by one with each change, begins at 1.
    pub rev: u64,
    /// The value.
    pub value: T,
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// For the operator, in passing.
    Info,
    /// For the operator, soon.
    Warn,
    /// For the operator, now.
    Error,
}

/// The only way out of an authenticator.
pub trait HostServices: Send + Sync + 'static {
    /// The time. Inside a call prefer `Scope::now`: it is the same through one request.
    fn now(&self) -> Timestamp;

    /// Fills `buffer` from the host's cryptographic random number generator.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the operating system has none.
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault>;

    /// Writes a line to the host's log, marked with the plugin's id. Never a secret.
    fn log(&self, level: LogLevel, message: &str);

    /// Reads a value that this plugin stored for this tenant; `None` when absent or expired.
    fn kv_get<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>>;

    /// Stores a value if it is still at `expect` (`None`: must be absent or expired). Key up to 256
    /// bytes, value up to 64 KiB, both this plugin's and this tenant's own.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when it is not at `expect`.
    fn kv_cas<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>>;

    /// 64 bytes that this host's keyring yields and the database does not hold: the same each time for this plugin, tenant
    /// and purpose, and never those of another plugin. They stay what they are when keys are rotated.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the keyring has nothing that stays; the message says what the operator can do.
    fn secret<'a>(
        &'a self,
        tenant: &'a TenantId,
        purpose: &'a str,
    ) -> BoxFut<'a, Result<Secret<[u8; 64]>, Fault>> {
        let _ = (tenant, purpose);
        Box::pin(async { Err(Fault::unavailable("this host keeps no secrets for plugins")) })
    }

    /// What is in the file that this plugin's own table names under this key (`detector`, `models.0`): the operator has
    /// written where it is, and no other file can be read. For [`crate::Authenticator::new`]; at most 64 MiB.
    ///
    /// # Errors
    /// [`Fault::Config`] with the key, where it names no file or the file can't be read.
    fn file(&self, key: &str) -> Result<Vec<u8>, Fault> {
        Err(Fault::Config { key: key.to_owned(), message: "this host reads no files for plugins".to_owned() })
    }

    /// Runs heavy work (a password hash) on the host's bounded pool of threads. See [`HostExt::cpu`].
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the pool's queue is full.
    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>>;

    /// Everything else by name (`http.fetch`, …), as the plugin's manifest asked for it.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] for a method that the host does not have or the manifest did not ask for.
    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>>;
}

/// Comforts over [`HostServices`].
pub trait HostExt {
    /// Heavy work on the bounded pool, with its result.
    fn cpu<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Fault>> + Send;

    /// `N` random bytes.
    ///
    /// # Errors
    /// Those of [`HostServices::random`].
    fn random_array<const N: usize>(&self) -> Result<[u8; N], Fault>;
}

impl HostExt for Host {
    async fn cpu<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let slot = Arc::new(std::sync::Mutex::new(None));
        let filled = slot.clone();
        self.run(Box::new(move || {
            let value = work();
            *filled.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(value);
        }))
        .await?;
        let taken = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        taken.ok_or_else(|| Fault::internal("the host's pool dropped a piece of work"))
    }

    fn random_array<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.random(&mut bytes)?;
        Ok(bytes)
    }
}
