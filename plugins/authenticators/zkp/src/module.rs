//! What the hosted pages show: the client for browsers, where it has been built.

use gatewright_contract::Module;

#[cfg(client_built)]
const BUILT: Option<(&[u8], &[u8])> =
    Some((include_bytes!("../client/dist/zkp.js"), include_bytes!("../client/dist/zkp.css")));
#[cfg(not(client_built))]
const BUILT: Option<(&[u8], &[u8])> = None;

/// Without a script where it has not been built: the page then says so.
pub(crate) const MODULE: Module = Module {
    script: match BUILT {
        Some((script, _)) => Some(script),
        None => None,
    },
    style: match BUILT {
        Some((_, style)) => Some(style),
        None => None,
    },
    computes: true,
    camera: true,
};
