//! THE LIST: every plugin that is built in, one line each.
//!
//! A crate that no code names is dropped by the linker without a word, so each is named here; a test compares
//! this file with what has registered itself.

#[cfg(feature = "password")]
use authenticator_password as _;
#[cfg(feature = "recovery-code")]
use authenticator_recovery_code as _;
#[cfg(feature = "totp")]
use authenticator_totp as _;

#[cfg(feature = "docs")]
use area_docs as _;
#[cfg(feature = "enrol")]
use area_enrol as _;
#[cfg(feature = "health")]
use area_health as _;
#[cfg(feature = "idaas")]
use area_idaas as _;
#[cfg(feature = "login")]
use area_login as _;
#[cfg(feature = "me")]
use area_me as _;
