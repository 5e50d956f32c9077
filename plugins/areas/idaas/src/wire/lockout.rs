//! Lockout.

use super::formed::{DateTime, Formed, Named};
use poem_openapi::Object;

/// Whether an authenticator is locked. Said of nobody before they have proven something: the values are the
/// same for everybody.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserAuthenticatorLockoutStatus", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserAuthenticatorLockoutStatus {
    /// Whether it is locked. Since 5.46.
    pub(crate) locked: Option<bool>,
    /// When it was locked; absent when it is not.
    pub(crate) lockout_date: Option<Formed<DateTime>>,
    /// When the lock ends; absent with no attempts left: not by itself.
    pub(crate) lockout_expiry_date: Option<Formed<DateTime>>,
    /// Name of the authenticator. Since 5.45.
    pub(crate) name: Option<String>,
    /// Wrong answers before a lock.
    pub(crate) remaining_authentication_attempts: Option<i32>,
    /// Which authenticator.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Formed<Named>>,
}
