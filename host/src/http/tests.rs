//! Real sockets on 127.0.0.1, with timeouts of tens of milliseconds.
#![allow(clippy::unwrap_used)]

mod answers;
mod bodies;
mod callers;
mod configs;
mod connections;
mod cross_site;
mod kit;
mod log;
mod multiplexed;
mod origins;
mod stop;
mod tls;
