//! Includes the client for browsers where it has been built (`client/`, which needs Node; this does not).
#![allow(clippy::print_stdout)]

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(client_built)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=client/dist");
    let built = |file: &str| Path::new("client/dist").join(file).is_file();
    if built("zkp.js") && built("zkp.css") {
        println!("cargo::rustc-cfg=client_built");
    }
}
