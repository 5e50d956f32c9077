//! For an authenticator in a shared library: the contract, and what exports it.

pub use gatewright_abi as abi;
pub use gatewright_contract as contract;
