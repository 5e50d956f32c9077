#![doc = include_str!("../README.md")]

pub mod access;
mod assertion;
mod authenticate;
mod caller;
pub mod certificate;
pub mod client;
pub mod code;
mod dpop;
pub mod error;
pub mod grant;
pub mod interact;
pub mod jose;
pub mod once;
pub mod params;
mod provider;
pub mod request;
pub mod sign;
mod subject;

pub use client::Client;
pub use error::{ErrorCode, OAuthError};
pub use params::Params;
pub use provider::{Credentials, Provider, tenant_of};

/// Result of what an endpoint of OAuth asks.
pub type Result<T> = std::result::Result<T, OAuthError>;
