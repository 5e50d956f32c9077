//! The C side of the boundary.

mod cc;
mod header;
mod json;
