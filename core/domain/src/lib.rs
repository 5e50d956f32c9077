#![doc = include_str!("../README.md")]

pub mod access;
pub mod admin;
pub mod audit;
pub mod catalogue;
pub mod channel;
pub mod credential;
pub mod engine;
pub mod groups;
pub mod origin;
pub mod outbox;
pub mod outgoing;
pub mod people;
pub mod person;
pub mod policy;
pub mod problem;
pub mod rate;
pub mod seal;
pub mod service;
pub mod session;
pub mod signing;
pub mod site;
pub mod store;
pub mod tenant;
pub mod throttle;
pub mod token;
pub mod transaction;
pub mod webhooks;
pub mod world;

pub use catalogue::Catalogue;
pub use engine::Engine;
pub use origin::Origin;
pub use person::Person;
pub use problem::{Problem, Result};
pub use session::{Grant, Session};
pub use tenant::{Settings, Tenant};
pub use token::{HashedToken, PlainToken};
