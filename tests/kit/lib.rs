//! The whole app in this process: real engine, real store, real plugins; only time and randomness are ours.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod app;
mod browser;
mod call;
mod folder;
pub mod generation;
mod libraries;
mod mail;
mod people;
mod receiver;
mod reply;
pub mod shapes;
mod turn;
pub mod vp1;
mod world;

pub use app::{Kit, KitBuilder, Store};
pub use browser::Browser;
pub use call::Call;
pub use folder::TempFolder;
pub use libraries::{
    CheapLibrary, cargo_library, code_sheet, entry, example_libraries, faults, released_library, root, sha256,
};
pub use mail::{Answering, Mail, Mailbox};
pub use people::{Login, PASSWORD, Totp};
pub use receiver::{Received, Receiver};
pub use reply::Reply;
pub use world::TestWorld;

/// Id of the example of an authenticator from outside the tree, which only the tests link in.
pub const OWN: &str = <own_authenticator::HmacKey as gatewright_contract::Authenticator>::ID;
