//! Authenticators in shared libraries: read, checked, run in a process of their own (or in this one), called.
//!
//! `image` reads the file once and pins it (`elf`: whether all of it is there); `library` opens it and shakes hands;
//! `instance` is what is called, `table` what it sees of the host, `tickets` who waits for which call. `isolated` (a
//! child process) and `pooled` (threads of this one) are the two [`Transport`]s; `authenticator` makes a
//! [`gatewright_contract::DynAuthenticator`] of a transport and a manifest.

mod authenticator;
mod config;
mod elf;
mod error;
mod found;
mod frames;
mod generations;
mod host_calls;
mod image;
mod in_process;
mod instance;
mod isolated;
mod json;
#[cfg(test)]
mod kit;
mod library;
pub mod manifest;
mod needs;
mod opened;
mod pooled;
mod refusals;
mod reload;
pub mod runner;
mod sandbox;
mod schemas;
mod serving;
mod syscalls;
mod table;
mod tenants;
#[cfg(test)]
mod tests;
mod tickets;
mod told;
mod traits;
mod transport;

pub use authenticator::LibraryAuthenticator;
pub use config::{LibraryConfig, Mode};
pub use error::LoadError;
pub use found::{Found, library_config};
pub(crate) use found::{Look, find, name};
pub use generations::{Generations, Watched};
pub use host_calls::LibraryCalls;
pub use image::Image;
pub use in_process::InProcess;
pub use instance::{Instance, Ticket};
pub use isolated::{Draft, Isolated, Runner};
pub use library::Library;
pub use manifest::Checked;
pub use needs::Needs;
pub use opened::{Begun, Opened};
pub use pooled::Pooled;
pub use refusals::Refusals;
pub use reload::Reloader;
pub use sandbox::Confined;
pub(crate) use serving::begin_all;
pub use serving::{Current, LibraryPlugin};
pub use tenants::{Tenants, Within};
pub use tickets::Done;
pub use transport::{Callbacks, HostCalls, HostReply, Transport};
