//! Authenticators in shared libraries: read, checked, run in a process of their own (or in this one), called.
//!
//! `image` reads the file once and pins it; `library` opens it and shakes hands; `isolated` (a child process) and
//! `pooled` (threads of this one) are the two [`Transport`]s; `authenticator` makes a
//! [`gatewright_contract::DynAuthenticator`] of a transport and a manifest.

mod authenticator;
mod config;
mod elf;
mod error;
mod frames;
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
mod pooled;
mod refusals;
pub mod runner;
mod sandbox;
mod schemas;
mod syscalls;
mod table;
mod tenants;
#[cfg(test)]
mod tests;
mod tickets;
mod told;
mod transport;

pub use authenticator::LibraryAuthenticator;
pub use config::{LibraryConfig, Mode};
pub use error::LoadError;
pub use host_calls::LibraryCalls;
pub use image::Image;
pub use in_process::InProcess;
pub use instance::{Instance, Ticket};
pub use isolated::{Draft, Isolated, Runner};
pub use library::Library;
pub use manifest::Checked;
pub use needs::Needs;
pub use pooled::Pooled;
pub use refusals::Refusals;
pub use sandbox::Confined;
pub use tenants::{Tenants, Within};
pub use tickets::Done;
pub use transport::{Callbacks, HostCalls, HostReply, Transport};
