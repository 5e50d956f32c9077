//! A host that does nothing, for the instance that only says what it is.

use gatewright_contract::{BoxFut, Fault, HostServices, LogLevel, TenantId, Timestamp, Versioned};
use serde_json::Value;
use std::time::Duration;

/// Refuses everything.
pub(crate) struct Unwilling;

fn no<T>() -> Result<T, Fault> {
    Err(Fault::unavailable(
        "the host: `new` was called for the manifest, before the plugin runs; ask for it in a step",
    ))
}

impl HostServices for Unwilling {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn random(&self, _: &mut [u8]) -> Result<(), Fault> {
        no()
    }

    fn log(&self, _: LogLevel, _: &str) {}

    fn kv_get<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async { no() })
    }

    fn kv_cas<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
        _: Option<u64>,
        _: &'a [u8],
        _: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        Box::pin(async { no() })
    }

    fn run<'a>(&'a self, _: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        Box::pin(async { no() })
    }

    fn call<'a>(&'a self, _: &'a str, _: Value) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async { no() })
    }
}
