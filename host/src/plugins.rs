//! THE LIST: every plugin that is built in, one line each.
//!
//! A crate that no code names is dropped by the linker without a word, so each is named here; a test compares
//! this file with what has registered itself.

#[cfg(feature = "certificate")]
use certificate as _;
#[cfg(feature = "face")]
use face as _;
#[cfg(feature = "grid")]
use grid as _;
#[cfg(feature = "hotp")]
use hotp as _;
#[cfg(feature = "idp-oidc")]
use idp_oidc as _;
#[cfg(feature = "kba")]
use kba as _;
#[cfg(feature = "ldap")]
use ldap as _;
#[cfg(feature = "machine")]
use machine as _;
#[cfg(feature = "magic-link")]
use magic_link as _;
#[cfg(feature = "otp")]
use otp as _;
#[cfg(feature = "passkey")]
use passkey as _;
#[cfg(feature = "password")]
use password as _;
#[cfg(feature = "push")]
use push as _;
#[cfg(feature = "recovery-code")]
use recovery_code as _;
#[cfg(feature = "smart-credential")]
use smart_credential as _;
#[cfg(feature = "smart-login")]
use smart_login as _;
#[cfg(feature = "temp-access-code")]
use temp_access_code as _;
#[cfg(feature = "totp")]
use totp as _;
#[cfg(feature = "zkp")]
use zkp as _;

#[cfg(feature = "admin")]
use admin as _;
#[cfg(feature = "api-keys")]
use api_keys as _;
#[cfg(feature = "audit")]
use audit as _;
#[cfg(feature = "clients")]
use clients as _;
#[cfg(feature = "docs")]
use docs as _;
#[cfg(feature = "enrol")]
use enrol as _;
#[cfg(feature = "health")]
use health as _;
#[cfg(feature = "idaas")]
use idaas as _;
#[cfg(feature = "keys")]
use keys as _;
#[cfg(feature = "login")]
use login as _;
#[cfg(feature = "me")]
use me as _;
#[cfg(feature = "oidc")]
use oidc as _;
#[cfg(feature = "pages")]
use pages as _;
#[cfg(feature = "passkeys")]
use passkeys as _;
#[cfg(feature = "sessions")]
use sessions as _;
#[cfg(feature = "tenants")]
use tenants as _;
#[cfg(feature = "users")]
use users as _;
#[cfg(feature = "vault")]
use vault as _;
#[cfg(feature = "webhooks")]
use webhooks as _;

#[cfg(feature = "directory")]
use directory as _;
#[cfg(feature = "oprf")]
use oprf as _;
#[cfg(feature = "sms-webhook")]
use sms_webhook as _;
#[cfg(feature = "smtp")]
use smtp as _;
#[cfg(feature = "trust")]
use trust as _;
#[cfg(feature = "web-push")]
use web_push as _;
