//! MACHINE.

use super::formed::{DateTime, Formed};
use gatewright_plugin::Text;
use poem_openapi::Object;

/// A device that is remembered.
#[derive(Object, Clone)]
#[oai(rename = "IdaasMachineAuthenticator", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct MachineAuthenticator {
    /// What the device looks like, where it said so when it was remembered; only in requests. At most 4096 bytes.
    #[oai(validator(max_length = 4096))]
    pub(crate) fingerprint: Option<Text>,
    /// What names the device.
    #[oai(validator(max_length = 64))]
    pub(crate) machine_nonce: Option<Text>,
    /// What changes with each use: only the newest is good, and an older one forgets the device.
    #[oai(validator(max_length = 64))]
    pub(crate) sequence_nonce: Option<Text>,
}

/// A device to be remembered.
#[derive(Object, Clone)]
#[oai(
    rename = "IdaasMachineAuthenticatorRegistration",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub(crate) struct MachineAuthenticatorRegistration {
    /// What the device looks like: any text that it can send again. At most 4096 bytes.
    #[oai(validator(max_length = 4096))]
    pub(crate) fingerprint: Option<Text>,
    /// A name for it.
    #[oai(validator(max_length = 64))]
    pub(crate) label: Text,
}

/// A device that is remembered, as its owner sees it.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserMachineAuthenticator", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserMachineAuthenticator {
    /// When it is forgotten.
    pub(crate) expiry_time: Option<Formed<DateTime>>,
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) label: String,
    /// When it was last used.
    pub(crate) last_used_time: Option<Formed<DateTime>>,
    /// Since when it is remembered.
    pub(crate) registration_time: Formed<DateTime>,
}

/// What a device has to send to be remembered.
#[derive(Object, Clone)]
#[oai(rename = "IdaasUserMachineSettings", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct UserMachineSettings {
    /// Not used: a fingerprint is one text.
    pub(crate) attribute_exclusions: Option<Vec<String>>,
    /// Not used.
    pub(crate) device_fingerprint_required: Option<bool>,
    /// Whether devices are remembered at all.
    pub(crate) machine_authenticator_enabled: Option<bool>,
    /// The devices of the person.
    pub(crate) user_machine_authenticators: Option<Vec<UserMachineAuthenticator>>,
}
