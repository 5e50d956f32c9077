//! A plugin that was made from its configuration, and the calls of it.

use super::{Callbacks, Done, LoadError, library::Functions, table::Context, told::legible_text};
use gatewright_abi::{MAX_BYTES, MAX_METHOD, Slice};
use gatewright_contract::wire::{Refused, Status};
use std::{
    ffi::c_void,
    sync::{Arc, Mutex, PoisonError},
};

/// A plugin that runs in this process. Its calls may block: never on a thread of the runtime.
pub struct Instance {
    functions: Functions,
    raw: *mut c_void,
    context: &'static Context,
}

// SAFETY: the contract lets every function of an instance be called from any thread, and several at once; `destroy` has
// the instance for itself.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe impl Send for Instance {}
// SAFETY: as above.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe impl Sync for Instance {}

impl Instance {
    pub(super) fn create(
        functions: Functions,
        callbacks: Arc<dyn Callbacks>,
        config: &[u8],
    ) -> Result<Self, LoadError> {
        if config.len() > MAX_BYTES {
            let message = format!("its table has {} bytes as JSON; {MAX_BYTES} are allowed", config.len());
            return Err(LoadError::Config { key: String::new(), message });
        }
        let (context, host) = Context::leak(callbacks);
        let said = Arc::new(Mutex::new(None));
        let heard = said.clone();
        let ticket = context.tickets.issue(Box::new(move |status, reply| {
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some((status, reply));
        }));
        context.tickets.begin(ticket);
        #[allow(unsafe_code, reason = "the boundary to C")]
        // SAFETY: the table is never freed, the bytes live through the call.
        let raw = unsafe { (functions.create)(host, Slice::of(config), ticket) };
        context.tickets.forget(ticket);
        let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
        match began(said, raw.is_null()) {
            Ok(()) => Ok(Self { functions, raw, context }),
            Err(why) => {
                context.shut();
                context.empty();
                Err(why)
            }
        }
    }

    /// A ticket for a call that [`Instance::begin`] makes.
    pub fn expect(&self, done: Done) -> Ticket {
        Ticket { context: self.context, number: self.context.tickets.issue(done) }
    }

    /// Makes the call of a ticket, unless it was forgotten in the meantime. It may end before this returns, or later on
    /// another thread, or never.
    pub fn begin(&self, ticket: Ticket, method: &str, request: &[u8]) {
        let ticket = ticket.number;
        if !self.context.tickets.begin(ticket) {
            return;
        }
        if method.len() > MAX_METHOD || request.len() > MAX_BYTES {
            if let Some(done) = self.context.tickets.complete(ticket) {
                let why = format!("a request of {} bytes; {MAX_BYTES} are allowed", request.len());
                done(Status::Internal, Refused::saying(why).to_bytes());
            }
            return;
        }
        #[allow(unsafe_code, reason = "the boundary to C")]
        // SAFETY: the instance is not destroyed before this is dropped; the bytes live through the call.
        unsafe {
            (self.functions.call)(self.raw, Slice::of(method.as_bytes()), Slice::of(request), ticket);
        }
    }

    /// [`Instance::expect`] and [`Instance::begin`] in one, for who waits as long as it takes.
    pub fn call(&self, method: &str, request: &[u8], done: Done) {
        self.begin(self.expect(done), method, request);
    }

    /// How often it has ended a call that nobody waited for: twice, too late, or one that never was.
    pub fn strays(&self) -> u64 {
        self.context.tickets.strays()
    }
}

/// A call that somebody waits for. It may outlive its instance.
#[derive(Clone, Copy)]
pub struct Ticket {
    context: &'static Context,
    pub(super) number: u64,
}

impl Ticket {
    /// Nobody waits for this call any more: its `Done` is dropped, and when it ends after all it is a stray.
    pub fn forget(self) {
        self.context.tickets.forget(self.number);
    }
}

type Said = Option<(Status, Vec<u8>)>;

fn began(said: Said, null: bool) -> Result<(), LoadError> {
    match said {
        Some((Status::Ok, _)) if !null => Ok(()),
        Some((Status::Ok, _)) => Err(LoadError::Begin("`create` says yes and gives no instance".into())),
        Some((Status::Config, why)) => {
            let Refused { field, message, .. } = Refused::read(&why);
            Err(LoadError::Config { key: legible_text(&field), message: legible_text(&message) })
        }
        Some((status, why)) => {
            Err(LoadError::Begin(legible_text(&Refused::read(&why).fault(status).to_string())))
        }
        None => Err(LoadError::Begin(
            "`create` did not complete: it must call `host->done` with its ticket before it returns".into(),
        )),
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // With a call under way, a thread of the plugin is still in it, or will come back to it: it keeps its memory.
        if self.context.shut() {
            #[allow(unsafe_code, reason = "the boundary to C")]
            // SAFETY: no call of it is under way and none can begin; this is the last time that it is used.
            unsafe {
                (self.functions.destroy)(self.raw);
            }
        } else {
            tracing::debug!("an instance of a plugin that has calls under way is not destroyed");
        }
        self.context.empty();
    }
}
