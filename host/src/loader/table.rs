//! What a library sees of the host: the functions of [`gatewright_abi::Host`]. They may be called from any thread, none
//! of them unwinds, and nothing in them believes what a plugin says of its own memory further than it must.

use super::{Callbacks, tickets::Tickets};
use gatewright_abi::{Host, HostDone, MAJOR, MAX_BYTES, MAX_METHOD, MINOR, Slice};
use gatewright_contract::{
    LogLevel,
    wire::{Refused, Status},
};
use std::{
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

/// A longer line is cut.
const MAX_LINE: usize = 8 << 10;

/// What the `ctx` of an instance points at. It is never freed: a thread of the plugin may hold it for longer than the
/// contract allows, and then finds it empty.
pub(super) struct Context {
    pub(super) tickets: Tickets,
    gate: Mutex<Gate>,
}

struct Gate {
    callbacks: Option<Arc<dyn Callbacks>>,
    /// The plugin may ask the host.
    open: bool,
    /// What it has asked and not been told yet.
    asked: usize,
}

impl Context {
    /// One for an instance, with the table to hand over.
    pub(super) fn leak(callbacks: Arc<dyn Callbacks>) -> (&'static Self, &'static Host) {
        let gate = Mutex::new(Gate { callbacks: Some(callbacks), open: true, asked: 0 });
        let context: &'static Self = Box::leak(Box::new(Self { tickets: Tickets::new(), gate }));
        let host = Host {
            size: size_of::<Host>() as u32,
            major: MAJOR,
            minor: MINOR,
            ctx: (&raw const *context).cast_mut().cast(),
            log,
            now_ms,
            random,
            call,
            done,
        };
        (context, Box::leak(Box::new(host)))
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn callbacks(&self) -> Option<Arc<dyn Callbacks>> {
        self.gate().callbacks.clone()
    }

    /// What it asks from now on is refused; false when it still waits for something.
    pub(super) fn shut(&self) -> bool {
        let mut gate = self.gate();
        gate.open = false;
        gate.asked == 0 && self.tickets.idle()
    }

    /// Nothing in it reaches the host any more.
    pub(super) fn empty(&self) {
        let callbacks = self.gate().callbacks.take();
        drop(callbacks);
        self.tickets.close();
    }
}

/// Unwinding into C is no option; what panicked has been printed by the panic hook.
fn held<T>(otherwise: T, act: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(otherwise)
}

/// The context of a call.
///
/// # Safety
/// `ctx` is what [`Context::leak`] has put in the table.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe fn context(ctx: *mut c_void) -> Option<&'static Context> {
    // SAFETY: it is never freed and only shared.
    unsafe { ctx.cast_const().cast::<Context>().as_ref() }
}

#[allow(unsafe_code, reason = "the boundary to C")]
unsafe extern "C" fn log(ctx: *mut c_void, level: u32, message: Slice) {
    held((), || {
        let line = Slice { len: message.len.min(MAX_LINE), ..message };
        // SAFETY: `ctx` is ours; the contract lends us the bytes for this call.
        let (context, line) = unsafe { (context(ctx), line.bytes()) };
        let level = match level {
            0 => LogLevel::Debug,
            1 => LogLevel::Info,
            2 => LogLevel::Warn,
            _ => LogLevel::Error,
        };
        if let Some(callbacks) = context.and_then(Context::callbacks) {
            callbacks.log(level, &String::from_utf8_lossy(line));
        }
    });
}

#[allow(unsafe_code, reason = "the boundary to C")]
unsafe extern "C" fn now_ms(ctx: *mut c_void) -> u64 {
    held(0, || {
        // SAFETY: `ctx` is ours.
        let context = unsafe { context(ctx) };
        context.and_then(Context::callbacks).map_or(0, |callbacks| callbacks.now_ms())
    })
}

#[allow(unsafe_code, reason = "the boundary to C")]
unsafe extern "C" fn random(ctx: *mut c_void, buffer: *mut u8, len: usize) -> i32 {
    let status = held(Status::Internal, || {
        if len > MAX_BYTES || (buffer.is_null() && len > 0) {
            return Status::BadRequest;
        }
        // SAFETY: `ctx` is ours.
        let Some(callbacks) = (unsafe { context(ctx) }).and_then(Context::callbacks) else {
            return Status::Unavailable;
        };
        // What is refused leaves the buffer as it was; and what is there may never have been written.
        let mut drawn = Zeroizing::new(vec![0; len]);
        let status = callbacks.random(&mut drawn);
        if status == Status::Ok && len > 0 {
            // SAFETY: the contract lends us `len` bytes there for this call; nobody else knows where ours are.
            unsafe { buffer.copy_from_nonoverlapping(drawn.as_ptr(), len) };
        }
        status
    });
    status as i32
}

#[allow(unsafe_code, reason = "the boundary to C")]
unsafe extern "C" fn call(ctx: *mut c_void, method: Slice, args: Slice, user: *mut c_void, done: HostDone) {
    // SAFETY: `ctx` is ours.
    let context = unsafe { context(ctx) };
    let asked = Asked { context, user, done: Some(done), counted: false };
    held((), move || ask(asked, method, args));
}

fn ask(mut asked: Asked, method: Slice, args: Slice) {
    let Some(context) = asked.context else { return };
    if method.len > MAX_METHOD {
        return asked.refuse(Status::UnknownMethod, "a longer name than any method has");
    }
    if args.len > MAX_BYTES {
        return asked.refuse(Status::BadRequest, "more than 1 MiB is asked at once");
    }
    #[allow(unsafe_code, reason = "the boundary to C")]
    // SAFETY: the contract lends us the bytes for this call.
    let (method, args) = unsafe { (method.bytes(), args.bytes()) };
    let Ok(method) = str::from_utf8(method) else {
        return asked.refuse(Status::UnknownMethod, "the name of a method is UTF-8");
    };
    let mut gate = context.gate();
    let Some(callbacks) = gate.callbacks.clone().filter(|_| gate.open) else {
        drop(gate);
        return asked.refuse(Status::Unavailable, "this instance is being ended");
    };
    gate.asked += 1;
    asked.counted = true;
    drop(gate);
    callbacks.call(method, args, Box::new(move |status, reply| asked.tell(status, reply)));
}

/// Somebody in the plugin who is told exactly once, whatever becomes of the answer.
struct Asked {
    context: Option<&'static Context>,
    user: *mut c_void,
    done: Option<HostDone>,
    counted: bool,
}

// SAFETY: `user` is only handed back, and `done` may be called from any thread.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe impl Send for Asked {}

impl Asked {
    fn refuse(self, status: Status, why: &str) {
        self.tell(status, &Refused::saying(why).to_bytes());
    }

    fn tell(mut self, status: Status, reply: &[u8]) {
        match reply.len() > MAX_BYTES {
            true => self.say(Status::Internal, b"the host's answer is larger than 1 MiB"),
            false => self.say(status, reply),
        }
    }

    fn say(&mut self, status: Status, reply: &[u8]) {
        if let Some(done) = self.done.take() {
            #[allow(unsafe_code, reason = "the boundary to C")]
            // SAFETY: once, with the `user` that came with it; the bytes live through the call.
            unsafe {
                done(self.user, status as i32, Slice::of(reply));
            }
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.say(Status::Unavailable, b"the host could not answer");
        if let (Some(context), true) = (self.context, self.counted) {
            context.gate().asked -= 1;
        }
    }
}

#[allow(unsafe_code, reason = "the boundary to C")]
unsafe extern "C" fn done(ctx: *mut c_void, ticket: u64, status: i32, reply: Slice) {
    held((), || {
        // SAFETY: `ctx` is ours.
        let Some(done) = (unsafe { context(ctx) }).and_then(|context| context.tickets.complete(ticket))
        else {
            return;
        };
        if reply.len > MAX_BYTES {
            let why = format!("it replied with {} bytes; {MAX_BYTES} are allowed", reply.len);
            return done(Status::Unavailable, Refused::saying(why).to_bytes());
        }
        // SAFETY: the contract lends us the bytes for this call.
        let reply = unsafe { reply.bytes() }.to_vec();
        done(Status::of(status), reply);
    });
}
