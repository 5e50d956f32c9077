//! The host's table as the services of an authenticator.

use crate::{
    asked::{Asked, Slot, answered},
    task::Ended,
};
use data_encoding::BASE64;
use gatewright_abi::{self as abi, Slice};
use gatewright_contract::{
    BoxFut, Fault, HostServices, LogLevel, TenantId, Timestamp, Versioned,
    wire::{Refused, Status},
};
use serde_json::{Value, json};
use std::{ffi::c_void, sync::Arc, time::Duration};

/// What the host handed to `create`, copied: good as long as the instance.
pub(crate) struct Table {
    host: abi::Host,
}

#[allow(unsafe_code, reason = "the host is reached through a table of C")]
impl Table {
    /// Copies the table; `None` where it is another one than this SDK knows.
    ///
    /// # Safety
    /// `host` is null or begins with the first four members of [`abi::Host`], holds as many bytes as its `size` says,
    /// and its functions may be called from any thread as long as the table is used.
    pub(crate) unsafe fn of(host: *const abi::Host) -> Option<Self> {
        // SAFETY: what the caller promises. Of a newer minor more follows, which is not looked at.
        let (size, major) = match host.is_null() {
            true => return None,
            false => unsafe { ((*host).size, (*host).major) },
        };
        let whole = usize::try_from(size).is_ok_and(|size| size >= size_of::<abi::Host>());
        if !whole || major != abi::MAJOR {
            return None;
        }
        // SAFETY: all of it is there, as its size says, and it is numbers and pointers.
        Some(Self { host: unsafe { std::ptr::read(host) } })
    }

    /// Says how a call of the host ended.
    pub(crate) fn done(&self, ticket: u64, ended: Ended) {
        let (status, bytes) = match ended {
            Ok(bytes) => (Status::Ok, bytes),
            Err((status, refused)) => (status, refused.to_bytes()),
        };
        // SAFETY: the host's own function, with the context that belongs to it and bytes that live until it returns.
        unsafe { (self.host.done)(self.host.ctx, ticket, status as i32, Slice::of(&bytes)) }
    }

    fn ask(&self, method: &str, args: &[u8]) -> Asked {
        let slot = Arc::<Slot>::default();
        let (method, args) = (Slice::of(method.as_bytes()), Slice::of(args));
        let user: *mut c_void = slot.clone().into_user();
        // SAFETY: as above; `answered` takes back the share of the slot that goes with it.
        unsafe { (self.host.call)(self.host.ctx, method, args, user, answered) }
        Asked(slot)
    }

    async fn told(&self, method: &str, args: &Value) -> Result<Value, Fault> {
        let args = args.to_string();
        if args.len() > abi::MAX_BYTES {
            return Err(Fault::internal(format!("what is asked of {method} is larger than 1 MiB")));
        }
        let (status, reply) = self.ask(method, args.as_bytes()).await;
        if status != Status::Ok {
            return Err(Refused::read(&reply).fault(status));
        }
        serde_json::from_slice(&reply).map_err(|_| shapeless(method))
    }
}

/// The answer may hold what the plugin keeps: only its method is named.
fn shapeless(method: &str) -> Fault {
    Fault::internal(format!("the host's answer to {method} does not have its shape"))
}

#[allow(unsafe_code, reason = "the host is reached through a table of C")]
impl HostServices for Table {
    fn now(&self) -> Timestamp {
        // SAFETY: the host's own function, with the context that belongs to it.
        let millis = unsafe { (self.host.now_ms)(self.host.ctx) };
        Timestamp(0).plus(Duration::from_millis(millis))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        // SAFETY: as above, and the buffer is this long.
        let status = unsafe { (self.host.random)(self.host.ctx, buffer.as_mut_ptr(), buffer.len()) };
        match Status::of(status) {
            Status::Ok => Ok(()),
            refused => Err(Refused::saying("random").fault(refused)),
        }
    }

    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Debug => 0,
            LogLevel::Info => 1,
            LogLevel::Warn => 2,
            LogLevel::Error => 3,
        };
        // SAFETY: as above, and the text lives until it returns.
        unsafe { (self.host.log)(self.host.ctx, level, Slice::of(message.as_bytes())) }
    }

    fn kv_get<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async move {
            let told = self.told("kv.get", &json!({"tenant": tenant.as_str(), "key": key})).await?;
            if told.is_null() {
                return Ok(None);
            }
            let value = told["value"].as_str().and_then(|text| BASE64.decode(text.as_bytes()).ok());
            match (told["rev"].as_u64(), value) {
                (Some(rev), Some(value)) => Ok(Some(Versioned { rev, value })),
                _ => Err(shapeless("kv.get")),
            }
        })
    }

    fn kv_cas<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        Box::pin(async move {
            let ttl_ms = ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
            let value = BASE64.encode(value);
            let args = json!({
                "tenant": tenant.as_str(), "key": key, "expect": expect, "value": value, "ttl_ms": ttl_ms,
            });
            self.told("kv.cas", &args).await?["rev"].as_u64().ok_or_else(|| shapeless("kv.cas"))
        })
    }

    /// Here and now: a library's calls run on threads of their own.
    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        Box::pin(async move {
            work();
            Ok(())
        })
    }

    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async move { self.told(method, &args).await })
    }
}
