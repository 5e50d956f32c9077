//! What stands between the host and the code of a library.

use gatewright_contract::{BoxFut, Fault, LogLevel, TenantId, wire::Status};
use gatewright_plugin::Health;

/// A library that runs, wherever it does.
pub trait Transport: Send + Sync + 'static {
    /// Its manifest as it gave it, JSON that nobody has looked at.
    fn manifest(&self) -> &[u8];

    /// Calls a method of [`gatewright_contract::wire::METHODS`]. While it is under way the plugin may name this tenant in
    /// what it asks of the host, and no other.
    ///
    /// # Errors
    /// The fault that the plugin names; [`Fault::Unavailable`] when it is busy, does not answer in time, or has died.
    fn call<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>>;

    /// How it is.
    fn health(&self) -> Health;

    /// Its process, where it has one of its own now.
    fn process(&self) -> Option<u32> {
        None
    }

    /// Ends what it has running, once its calls are over. A later call begins it anew.
    fn rest(&self) -> BoxFut<'_, ()>;
}

/// The end of what a plugin has asked the host for: once, from any thread.
pub type HostReply = Box<dyn FnOnce(Status, &[u8]) + Send>;

/// What the C table of the host ([`gatewright_abi::Host`]) does, in this process or in a child.
pub trait Callbacks: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
    /// Fills the buffer; [`Status::NotPermitted`] when the manifest did not ask for it.
    fn random(&self, buffer: &mut [u8]) -> Status;
    /// Writes a line to the log. Nothing where the manifest did not ask for it.
    fn log(&self, level: LogLevel, message: &str);
    /// Asks for something by name.
    fn call(&self, method: &str, args: &[u8], done: HostReply);
}

/// Answers what a plugin asks the host for by name, as far as its manifest lets it.
pub trait HostCalls: Send + Sync + 'static {
    /// Answers one request. It may name one of `tenants`, those of the plugin's calls that are under way, and no other.
    fn answer<'a>(
        &'a self,
        tenants: &'a [TenantId],
        method: &'a str,
        args: &'a [u8],
    ) -> BoxFut<'a, (Status, Vec<u8>)>;
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
    /// Fills the buffer; [`Status::NotPermitted`] when the manifest did not ask for it.
    fn random(&self, buffer: &mut [u8]) -> Status;
    /// Writes a line to the log. Nothing where the manifest did not ask for it.
    fn log(&self, level: LogLevel, message: &str);
}
