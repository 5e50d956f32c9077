//! A library that is open, and the handshake.

use super::{Callbacks, Image, Instance, LoadError, image::by_descriptor};
use gatewright_abi::{Entry, Host, MAGIC, MAJOR, MAX_BYTES, Plugin, SYMBOL, Slice};
use libloading::os::unix::{self, RTLD_LOCAL, RTLD_NOW};
use rustix::io::fcntl_dupfd_cloexec;
use std::{error::Error, ffi::c_void, mem, os::fd::AsFd, sync::Arc};

/// A library that is open in this process. It stays open until the process ends: its threads, its thread-local values
/// and what waits for it may point into it at any time.
pub struct Library {
    functions: Functions,
    manifest: Vec<u8>,
}

/// What it offers, copied: its own table may lie in memory that it changes.
#[derive(Clone, Copy)]
pub(super) struct Functions {
    manifest: unsafe extern "C" fn() -> Slice,
    pub(super) create: unsafe extern "C" fn(*const Host, Slice, u64) -> *mut c_void,
    pub(super) call: unsafe extern "C" fn(*mut c_void, Slice, Slice, u64),
    pub(super) destroy: unsafe extern "C" fn(*mut c_void),
}

impl Library {
    /// Opens an image. This runs code of the library, with all that this process may do.
    ///
    /// # Errors
    /// When the dynamic linker refuses it, it exports no plugin, or one for another host.
    pub fn open(image: &Image) -> Result<Self, LoadError> {
        let entry = entry(image)?;
        #[allow(unsafe_code, reason = "the boundary to C")]
        // SAFETY: the symbol has this type by contract; that it is one of ours is all that can be known before.
        let functions = unsafe { handshake(entry()) }?;
        #[allow(unsafe_code, reason = "the boundary to C")]
        // SAFETY: by contract its bytes live as long as the library. They are not read before their number is judged.
        let manifest = unsafe {
            let slice = (functions.manifest)();
            if slice.len > MAX_BYTES {
                let what = format!("its manifest has {} bytes; {MAX_BYTES} are allowed", slice.len);
                return Err(LoadError::Handshake(what));
            }
            slice.bytes().to_vec()
        };
        Ok(Self { functions, manifest })
    }

    /// Its manifest as it gave it, JSON that nobody has looked at.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// Makes an instance. This may block.
    ///
    /// # Errors
    /// When it refuses its configuration, or can't begin.
    pub fn create(&self, callbacks: Arc<dyn Callbacks>, config: &[u8]) -> Result<Instance, LoadError> {
        Instance::create(self.functions, callbacks, config)
    }
}

fn entry(image: &Image) -> Result<Entry, LoadError> {
    // The linker knows what it has open by its path. Were this number free for another file later, that file would be
    // taken for this one.
    let kept = fcntl_dupfd_cloexec(image.as_fd(), 3)
        .map_err(|e| LoadError::System { what: "opening a library", source: e.into() })?;
    let path = by_descriptor(kept.as_fd());
    #[allow(unsafe_code, reason = "runs what the operator has named")]
    // SAFETY: what it does on its way in can't be judged; that is why its SHA-256 is named, or a process its own.
    let library = unsafe { unix::Library::open(Some(&path), RTLD_NOW | RTLD_LOCAL) };
    let library = mem::ManuallyDrop::new(library.map_err(|e| {
        let said = e.source().map_or_else(|| e.to_string(), ToString::to_string);
        let name = path.to_string_lossy();
        LoadError::Link(said.trim_start_matches(&*name).trim_start_matches(": ").to_owned())
    })?);
    mem::forget(kept);
    #[allow(unsafe_code, reason = "the boundary to C")]
    // SAFETY: the name says the type. It is not called while it is null.
    let symbol = unsafe { library.get::<Option<Entry>>(SYMBOL) };
    symbol.ok().and_then(|symbol| *symbol).ok_or(LoadError::NoSymbol)
}

/// Judges what the symbol gives, field by field: what is behind one that is wrong has another shape.
///
/// # Safety
/// `plugin` is null or points at as much of a [`Plugin`] as its fields say.
#[allow(unsafe_code, reason = "the boundary to C")]
unsafe fn handshake(plugin: *const Plugin) -> Result<Functions, LoadError> {
    let wrong = |what: &str| Err(LoadError::Handshake(what.to_owned()));
    if plugin.is_null() {
        return wrong("it is null");
    }
    if !plugin.is_aligned() {
        return wrong("its address is not aligned");
    }
    // SAFETY: each is read only when those before it are right.
    unsafe {
        let magic = (&raw const (*plugin).magic).read();
        if magic != MAGIC {
            return wrong(&format!("it begins with {magic:#x}, not {MAGIC:#x}"));
        }
        let major = (&raw const (*plugin).major).read();
        if major != MAJOR {
            return Err(LoadError::Abi { wants: major, speaks: MAJOR });
        }
        let size = (&raw const (*plugin).size).read() as usize;
        if size < size_of::<Plugin>() {
            return wrong(&format!("it has {size} bytes, not {} or more", size_of::<Plugin>()));
        }
        let flags = (&raw const (*plugin).flags).read();
        if flags != 0 {
            return wrong(&format!("its flags are {flags:#x}, and this host knows none"));
        }
        let function = |at: *const *const c_void| !at.read().is_null();
        if !(function((&raw const (*plugin).manifest).cast())
            && function((&raw const (*plugin).create).cast())
            && function((&raw const (*plugin).call).cast())
            && function((&raw const (*plugin).destroy).cast()))
        {
            return wrong("one of its functions is null");
        }
        let Plugin { manifest, create, call, destroy, .. } = plugin.read();
        Ok(Functions { manifest, create, call, destroy })
    }
}
