//! The four functions of [`gatewright_abi::Plugin`], for the type that is exported.

use crate::{
    caught::{caught, quietly},
    table::Table,
    task::{Ended, Task},
    unwilling::Unwilling,
};
use gatewright_abi::{self as abi, Slice};
use gatewright_contract::{
    DynAuthenticator, Fault, Registration, Traits,
    wire::{METHODS, Refused, Status, serve},
};
use std::{
    ffi::c_void,
    sync::{Arc, OnceLock},
};

/// The exported authenticator; one static of each library, made by `export_authenticator!`.
#[derive(Debug)]
pub struct Library {
    registration: Registration,
    declared: OnceLock<Declared>,
}

/// What it says about itself before it is made.
#[derive(Debug)]
struct Declared {
    manifest: Vec<u8>,
    traits: Option<Traits>,
}

/// What `create` gives out and `destroy` takes back.
struct Instance {
    it: Arc<dyn DynAuthenticator>,
    table: Arc<Table>,
}

impl Library {
    /// Of its registration.
    pub const fn new(registration: Registration) -> Self {
        Self { registration, declared: OnceLock::new() }
    }

    /// The manifest, or, where there is none, `{"message": …}` with the reason.
    ///
    /// Traits are a method of the instance, and the manifest is asked for before there is one. So one is made from
    /// the default configuration, with a host that refuses everything, and dropped at once.
    fn declared(&self) -> &Declared {
        self.declared.get_or_init(|| {
            let made = caught(|| {
                let default = (self.registration.config)().1;
                let it = (self.registration.make)(default, Arc::new(Unwilling))?;
                let manifest = serde_json::to_vec(it.manifest())
                    .map_err(|e| Fault::caused("the manifest can't be written", e))?;
                Ok(Declared { manifest, traits: Some(it.manifest().traits.clone()) })
            });
            let why = match made {
                Ok(Ok(declared)) => return declared,
                Ok(Err(fault)) => Refused::of(&fault).1.message,
                Err(words) => format!("it panicked: {words}"),
            };
            let why =
                format!("there is no manifest, since `new` fails with the default configuration: {why}");
            Declared { manifest: Refused::saying(why).to_bytes(), traits: None }
        })
    }

    fn make(&self, table: &Arc<Table>, config: &[u8]) -> Result<Instance, (Status, Refused)> {
        let config = match config.is_empty() {
            true => b"{}".as_slice(),
            false => config,
        };
        let made = caught(|| {
            let config = serde_json::from_slice(config)
                .map_err(|e| Fault::Config { key: String::new(), message: e.to_string() })?;
            let it = (self.registration.make)(config, table.clone())?;
            match self.declared().traits.as_ref() == Some(&it.manifest().traits) {
                true => Ok(it),
                // Policy and documents go by the manifest: it must not promise what this instance does not keep.
                false => Err(Fault::Config {
                    key: String::new(),
                    message: "with this configuration its traits are others than in its manifest, which is that of \
                              the default configuration: give a library the same traits always"
                        .to_owned(),
                }),
            }
        });
        match made {
            Ok(Ok(it)) => Ok(Instance { it, table: table.clone() }),
            Ok(Err(fault)) => Err(Refused::of(&fault)),
            Err(words) => Err((Status::Panic, Refused::saying(words))),
        }
    }
}

/// Does one method on an instance that lives as long as this takes.
async fn done(it: Arc<dyn DynAuthenticator>, method: &'static str, request: Vec<u8>) -> Ended {
    serve(&*it, method, &request).await.map_err(|fault| Refused::of(&fault))
}

#[allow(unsafe_code, reason = "called by the host, which is C")]
impl Library {
    /// See [`abi::Plugin::manifest`].
    pub fn manifest(&'static self) -> Slice {
        caught(|| Slice::of(&self.declared().manifest)).unwrap_or(Slice::empty())
    }

    /// See [`abi::Plugin::create`].
    ///
    /// # Safety
    /// The host keeps what `gatewright.h` promises of `host` and `config`.
    pub unsafe fn create(&self, host: *const abi::Host, config: Slice, ticket: u64) -> *mut c_void {
        // SAFETY: what the caller promises.
        let Some(table) = (unsafe { Table::of(host) }) else { return std::ptr::null_mut() };
        let table = Arc::new(table);
        // SAFETY: what the caller promises.
        let made = self.make(&table, unsafe { config.bytes() });
        let (instance, ended) = match made {
            Ok(instance) => (Box::into_raw(Box::new(instance)).cast(), Ok(Vec::new())),
            Err(refused) => (std::ptr::null_mut(), Err(refused)),
        };
        table.done(ticket, ended);
        instance
    }

    /// See [`abi::Plugin::call`].
    ///
    /// # Safety
    /// `instance` is of [`Self::create`] and not yet destroyed; the host keeps what `gatewright.h` promises of the rest.
    pub unsafe fn call(instance: *mut c_void, method: Slice, request: Slice, ticket: u64) {
        // SAFETY: what the caller promises.
        let instance = unsafe { &*instance.cast_const().cast::<Instance>() };
        // SAFETY: what the caller promises. The request is copied before this returns.
        let (method, request) = unsafe { (method.bytes(), request.bytes().to_vec()) };
        let table = instance.table.clone();
        let Some(known) = METHODS.into_iter().find(|known| known.as_bytes() == method) else {
            let name = String::from_utf8_lossy(&method[..method.len().min(abi::MAX_METHOD)]);
            return table.done(ticket, Err((Status::UnknownMethod, Refused::saying(name))));
        };
        Task::begin(table, ticket, Box::pin(done(instance.it.clone(), known, request)));
    }

    /// See [`abi::Plugin::destroy`].
    ///
    /// # Safety
    /// `instance` is null, or of [`Self::create`] and comes here once, with no call of it under way.
    pub unsafe fn destroy(instance: *mut c_void) {
        if !instance.is_null() {
            // SAFETY: what the caller promises.
            quietly(|| drop(unsafe { Box::from_raw(instance.cast::<Instance>()) }));
        }
    }
}
