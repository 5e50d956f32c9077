//! What a plugin in this process asks of the host.

use super::{Callbacks, HostCalls, HostReply, Tenants};
use gatewright_contract::{LogLevel, wire::Status};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Answers on the thread that asks, which then waits: what the plugin does with the answer is done there too. On a
/// thread of the runtime it could keep the whole host waiting.
pub struct InProcess {
    calls: Arc<dyn HostCalls>,
    tenants: Tenants,
    runtime: Handle,
}

impl InProcess {
    /// For the plugin whose calls are counted in `tenants`.
    pub fn new(calls: Arc<dyn HostCalls>, tenants: Tenants, runtime: Handle) -> Self {
        Self { calls, tenants, runtime }
    }
}

impl Callbacks for InProcess {
    fn now_ms(&self) -> u64 {
        self.calls.now_ms()
    }

    fn random(&self, buffer: &mut [u8]) -> Status {
        self.calls.random(buffer)
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.calls.log(level, message);
    }

    fn call(&self, method: &str, args: &[u8], done: HostReply) {
        let tenants = self.tenants.now();
        let (status, reply) = self.runtime.block_on(self.calls.answer(&tenants, method, args));
        done(status, &reply);
    }
}
