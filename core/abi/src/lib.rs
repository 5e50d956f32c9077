//! The C ABI between the host and an authenticator in a shared library; the same as `include/gatewright.h`, which is
//! its documentation.
//!
//! Bytes go in and bytes come out: no Rust type crosses, so that a library may be written in any language and with any
//! compiler. Every [`Slice`] is borrowed for the call that it is passed to; who receives it copies, and nobody frees
//! the memory of the other.
#![no_std]

use core::ffi::c_void;

/// First number of [`Plugin`].
pub const MAGIC: u32 = 0x5447_5747;
/// What a library and a host must have in common. It is also in the name of [`SYMBOL`].
pub const MAJOR: u16 = 1;
/// Grows when something is appended to [`Host`] or [`Plugin`]; `size` says how much of it is there.
pub const MINOR: u16 = 0;
/// The one symbol of a library, an [`Entry`].
pub const SYMBOL: &str = "gatewright_plugin_v1";

/// The largest request, reply or message, in bytes. Longer ones are refused.
pub const MAX_BYTES: usize = 1 << 20;
/// The longest name of a method, in bytes.
pub const MAX_METHOD: usize = 64;

/// Bytes that somebody else owns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Where they begin; may be null when there are none.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl Slice {
    /// Of bytes that live through the call.
    pub const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// None.
    pub const fn empty() -> Self {
        Self { ptr: core::ptr::null(), len: 0 }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `ptr` and `len` describe initialised bytes that nobody changes while they are used.
    #[allow(unsafe_code, reason = "the boundary to C")]
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        match self.ptr.is_null() || self.len == 0 {
            true => &[],
            // SAFETY: what the caller promises.
            false => unsafe { core::slice::from_raw_parts(self.ptr, self.len) },
        }
    }
}

/// The plugin says how a call ended: the ticket of the call, a status, the reply or an explanation.
pub type Done = unsafe extern "C" fn(ctx: *mut c_void, ticket: u64, status: i32, reply: Slice);

/// The host says how a call of it ended.
pub type HostDone = unsafe extern "C" fn(user: *mut c_void, status: i32, reply: Slice);

/// What the host offers. Everything in it may be called from any thread.
#[repr(C)]
pub struct Host {
    /// Of this struct, in bytes.
    pub size: u32,
    /// See [`MAJOR`].
    pub major: u16,
    /// See [`MINOR`].
    pub minor: u16,
    /// To be handed back with each call.
    pub ctx: *mut c_void,
    /// Writes a line to the host's log: 0 debug, 1 info, 2 warning, 3 error.
    pub log: unsafe extern "C" fn(ctx: *mut c_void, level: u32, message: Slice),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: unsafe extern "C" fn(ctx: *mut c_void) -> u64,
    /// Fills `buffer` with random bytes; a status.
    pub random: unsafe extern "C" fn(ctx: *mut c_void, buffer: *mut u8, len: usize) -> i32,
    /// Asks the host for something by name. `done` is called exactly once with `user`, perhaps before this returns,
    /// perhaps on another thread.
    pub call:
        unsafe extern "C" fn(ctx: *mut c_void, method: Slice, args: Slice, user: *mut c_void, done: HostDone),
    /// Says how a call of the host ended.
    pub done: Done,
}

/// What a library offers.
#[repr(C)]
pub struct Plugin {
    /// [`MAGIC`]. Until `size` the host reads field by field, and nothing behind it before these are right.
    pub magic: u32,
    /// See [`MAJOR`].
    pub major: u16,
    /// See [`MINOR`].
    pub minor: u16,
    /// Of this struct, in bytes.
    pub size: u32,
    /// 0.
    pub flags: u32,
    /// The manifest (JSON). Its bytes live as long as the library.
    pub manifest: unsafe extern "C" fn() -> Slice,
    /// Makes an instance from its configuration (JSON) and says so by `host.done(ticket)`, before it returns; null
    /// when it can't. `host` lives as long as the instance.
    pub create: unsafe extern "C" fn(host: *const Host, config: Slice, ticket: u64) -> *mut c_void,
    /// Begins a method. It ends with exactly one `host.done(ticket)`, perhaps before this returns, perhaps later on
    /// another thread. May be called while earlier ones have not ended.
    pub call: unsafe extern "C" fn(instance: *mut c_void, method: Slice, request: Slice, ticket: u64),
    /// Ends the instance. No call of it is under way.
    pub destroy: unsafe extern "C" fn(instance: *mut c_void),
}

/// The type of [`SYMBOL`].
pub type Entry = unsafe extern "C" fn() -> *const Plugin;

// SAFETY: plain functions and numbers; `ctx` is only handed back.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe impl Send for Host {}
// SAFETY: as above.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe impl Sync for Host {}
