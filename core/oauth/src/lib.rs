#![doc = include_str!("../README.md")]

pub mod access;
mod authenticate;
mod caller;
pub mod client;
pub mod code;
pub mod error;
pub mod grant;
#[cfg(test)]
mod kinds;
pub mod issue;
pub mod params;
mod provider;
pub mod sign;
mod subject;
mod token;

pub use client::Client;
pub use error::{ErrorCode, OAuthError};
pub use issue::TokenReply;
pub use params::Params;
pub use provider::{Credentials, Provider, tenant_of};

/// Result of what an endpoint of OAuth asks.
pub type Result<T> = std::result::Result<T, OAuthError>;
