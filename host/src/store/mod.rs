//! The only SQL of the host, behind the traits of `gatewright_core::store`.
//!
//! | module | what it is |
//! |---|---|
//! | `sql` | every statement and every row, the same for all databases; a database is a `Backend` |
//! | `sqlite` | the file, its schema, the one writer that commits in groups, the readers |
//! | `postgres` | a server, its schema, the connections of this node |
//! | `operator` | looking at a whole database, bringing it up to date, moving it, backing it up |
//! | `memory` | the same behaviour without a database |
//! | `cache` | tokens, sessions, tenants and some records in memory, exact to the last revocation |
//! | `suite` | what every store must do, run over each of them |

mod address;
mod cache;
mod memory;
mod open_error;
pub mod operator;
mod postgres;
mod reserve;
mod sql;
mod sqlite;
#[cfg(test)]
pub(crate) mod suite;

pub use address::StoreUrl;
pub use cache::CacheConfig;
pub use open_error::OpenError;
pub use postgres::{DatabaseConfig, PostgresAddress, Refusal};

use cache::Cached;
use gatewright_core::store::Store;
use memory::Memory;
use std::sync::Arc;

/// Who opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A host: alone, and it brings the tables up to date.
    Host,
    /// A command that does one thing: like a host where none runs, beside it where one does.
    Command,
}

/// [`open_with`] the defaults.
///
/// # Errors
/// See [`OpenError`]: each says what to do.
pub async fn open(url: &StoreUrl, access: Access) -> Result<Arc<dyn Store>, OpenError> {
    open_with(url, access, &CacheConfig::default()).await
}

/// Opens the store at this address; a SQLite file is made where there is none. Must be called within a
/// tokio runtime. [`Store::close`] before the end lets the next one open the file at once.
///
/// # Errors
/// See [`OpenError`]: each says what to do.
pub async fn open_with(
    url: &StoreUrl,
    access: Access,
    cache: &CacheConfig,
) -> Result<Arc<dyn Store>, OpenError> {
    Ok(match url {
        StoreUrl::Memory => Arc::new(Memory::default()),
        StoreUrl::Sqlite(path) => {
            let store = Arc::new(Cached::new(sqlite::open(path, access).await?, cache));
            store.watch();
            store
        }
        StoreUrl::Postgres(address) => {
            let store = postgres::open(address, access).await?;
            // A command asks once and has no use for a cache.
            if access == Access::Command {
                return Ok(Arc::new(store));
            }
            let store = Arc::new(Cached::new(store, cache));
            store.listen();
            store
        }
    })
}
