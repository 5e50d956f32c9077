//! Keys: a key-encryption key that is this host's, data keys per tenant that it wraps, signing keys that these seal.
//!
//! | module | what it is |
//! |---|---|
//! | `config` | the table `[keys]` |
//! | `kek`, `file`, `command`, `keyring` | the key-encryption keys, and where they come from |
//! | `seed`, `settled` | what the secrets of plugins come from, and that it is the one that the database knows |
//! | `sealed` | the form of everything that is sealed |
//! | `tenants`, `rewrap` | data keys: sealing, rotating, another key-encryption key |
//! | `signing` | keys whose public half others verify with |

mod command;
mod config;
mod error;
mod file;
mod kek;
mod keyring;
mod per_tenant;
mod rewrap;
mod sealed;
mod seed;
mod settled;
mod signing;
mod tenants;

pub use config::{KeysConfig, SigningConfig, check};
pub use error::{KeyringError, Unfit};
pub use keyring::{Keyring, Opening};
pub use rewrap::KekView;
pub use signing::TenantSigner;
pub use tenants::{DataKeyView, TenantSealer};
