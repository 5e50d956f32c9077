#![doc = include_str!("../README.md")]

mod access_info;
mod caller;
mod dialect;
pub mod proof;
mod reply;
mod tenant;
mod tenant_form;
pub mod ticket;

pub use access_info::{AccessInfo, UserAgentDevice, UserAgentName, UserAgentParsed};
pub use caller::{ApiKeyHeader, HttpBearer, VaultCaller};
pub use dialect::{dialect, validation_error_schemas};
pub use reply::Null;
pub use tenant::{LivenessConfig, TenantLoginStep, TenantPublic};
pub use tenant_form::{BlockConfig, VaultTenant, VaultTenantUpdate};

/// Where the API of the contract begins.
pub const PREFIX: &str = "/api/oidc";

/// The door of the areas of the contract ([`gatewright_core::Origin::door`]).
pub const DOOR: &str = "vault";
