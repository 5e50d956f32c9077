#![doc = include_str!("../README.md")]

pub mod app;
pub mod audit;
pub mod background;
pub mod cli;
pub mod compose;
pub mod config;
pub mod control;
pub mod countries;
pub mod first_run;
pub mod http;
pub mod keys;
pub mod leader;
pub mod loader;
pub mod logouts;
pub mod oath;
pub mod outbox;
pub mod outgoing;
mod plugins;
pub mod pool;
pub mod rate;
pub mod registry;
pub mod serve;
pub mod services;
pub mod settings;
pub mod store;
pub mod webhooks;
pub mod world;

pub use app::{App, StartError, build};
pub use registry::Plugins;
pub use serve::serve;
pub use world::SystemWorld;

/// Version of the host.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
