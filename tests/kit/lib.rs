//! The whole app in this process: real engine, real store, real plugins; only time and randomness are ours.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod app;
mod browser;
mod call;
mod folder;
mod people;
mod reply;
pub mod shapes;
mod world;

pub use app::{Kit, KitBuilder, Store};
pub use browser::Browser;
pub use call::Call;
pub use folder::TempFolder;
pub use people::{Login, PASSWORD, Totp};
pub use reply::Reply;
pub use world::TestWorld;

// The example of an authenticator from outside the tree is linked into the test binary like an integrator's.
use own_authenticator as _;
