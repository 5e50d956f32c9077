#![doc = include_str!("../README.md")]

mod asked;
mod baton;
mod caught;
mod library;
mod table;
mod task;
#[cfg(test)]
mod tests;
mod unwilling;

pub use gatewright_abi as abi;
pub use gatewright_contract as contract;
pub use gatewright_contract::*;

/// What `export_authenticator!` expands to needs these.
#[doc(hidden)]
pub mod private {
    pub use crate::library::Library;
}

/// Exports an authenticator with its abilities from a crate of type `cdylib`:
/// `export_authenticator!(CodeSheet: enrol, rehearse);`
///
/// Once in a library. Not in a crate that others link: two of them would export the same symbol.
#[macro_export]
macro_rules! export_authenticator {
    ($($what:tt)+) => {
        #[cfg(panic = "abort")]
        compile_error!(
            "a plugin is built with panic = \"unwind\": or else a panic in one call ends all that are under way"
        );

        const _: () = {
            use $crate::abi::{Host, MAGIC, MAJOR, MINOR, Plugin, Slice};
            use ::std::ffi::c_void;

            static LIBRARY: $crate::private::Library =
                $crate::private::Library::new($crate::contract::registration!($($what)+));
            static PLUGIN: Plugin = Plugin {
                magic: MAGIC,
                major: MAJOR,
                minor: MINOR,
                size: ::std::mem::size_of::<Plugin>() as u32,
                flags: 0,
                manifest,
                create,
                call,
                destroy,
            };

            extern "C" fn manifest() -> Slice {
                LIBRARY.manifest()
            }

            unsafe extern "C" fn create(host: *const Host, config: Slice, ticket: u64) -> *mut c_void {
                // SAFETY: the host's side of `gatewright.h`.
                unsafe { LIBRARY.create(host, config, ticket) }
            }

            unsafe extern "C" fn call(instance: *mut c_void, method: Slice, request: Slice, ticket: u64) {
                // SAFETY: the host's side of `gatewright.h`.
                unsafe { $crate::private::Library::call(instance, method, request, ticket) }
            }

            unsafe extern "C" fn destroy(instance: *mut c_void) {
                // SAFETY: the host's side of `gatewright.h`.
                unsafe { $crate::private::Library::destroy(instance) }
            }

            #[unsafe(no_mangle)]
            extern "C" fn gatewright_plugin_v1() -> *const Plugin {
                &PLUGIN
            }
        };
    };
}
