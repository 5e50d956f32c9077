#![doc = include_str!("../README.md")]

pub mod access;
mod assertion;
mod authenticate;
mod caller;
pub mod certificate;
pub mod check;
pub mod client;
pub mod code;
pub mod device;
pub mod discovery;
mod dpop;
pub mod entra;
pub mod error;
pub mod grant;
pub mod interact;
mod introspect;
pub mod issue;
pub mod jose;
#[cfg(test)]
mod kinds;
pub mod logout;
pub mod once;
pub mod params;
mod provider;
pub mod request;
mod revoke;
pub mod sign;
mod subject;
mod token;
mod user_code;
pub mod userinfo;

pub use check::Checked;
pub use client::Client;
pub use error::{ErrorCode, OAuthError};
pub use issue::TokenReply;
pub use issue::supported_claims;
pub use params::Params;
pub use provider::{Credentials, Provider, tenant_of};

/// Result of what an endpoint of OAuth asks.
pub type Result<T> = std::result::Result<T, OAuthError>;
