//! Remembered devices, as far as the calls share them.

use crate::{
    adapters::machine::kept,
    door::Door,
    wire::{
        AuthenticatedResponse, Formed, MachineAuthenticatorRegistration, UserMachineAuthenticator,
        UserMachineSettings,
    },
};
use gatewright_core::{
    Grant, Problem,
    engine::{CredentialView, OnDevice},
};
use gatewright_plugin::outcome::rfc3339;
use serde_json::{Value, json};

/// What is said of a device that is to be remembered.
pub(super) fn invite(asked: &MachineAuthenticatorRegistration) -> Value {
    match asked.fingerprint.as_deref() {
        Some(look) => json!({"label": &*asked.label, "fingerprint": look}),
        None => json!({"label": &*asked.label}),
    }
}

/// What the device keeps from now on; one that was refused is told nothing, and keeps asking with what is worth nothing.
pub(super) fn tell(device: OnDevice, reply: &mut AuthenticatedResponse) {
    if let OnDevice::Keeps(reveal) = device {
        reply.machine_authenticator = Some(kept(&reveal.0));
    }
}

/// Whether devices are remembered: the same for everybody.
pub(super) fn settings(remembers: bool) -> Option<UserMachineSettings> {
    remembers.then_some(UserMachineSettings {
        attribute_exclusions: None,
        device_fingerprint_required: None,
        machine_authenticator_enabled: Some(true),
        user_machine_authenticators: None,
    })
}

/// The same for who is logged in, with their devices.
pub(super) async fn settings_of(door: &Door, grant: &Grant) -> Result<Option<UserMachineSettings>, Problem> {
    let engine = door.engine();
    let tenant = engine.tenant(&grant.session.tenant).await?;
    let Some(id) = engine.settings_of(&tenant).policy.remembers(&engine.catalogue()) else { return Ok(None) };
    let all = engine.credentials_with(&tenant.id, grant.person.id, &id).await?;
    let devices = all.into_iter().map(device).collect();
    let known = settings(true);
    Ok(known.map(|known| UserMachineSettings { user_machine_authenticators: Some(devices), ..known }))
}

fn device(credential: CredentialView) -> UserMachineAuthenticator {
    UserMachineAuthenticator {
        expiry_time: credential.details["expires_at"].as_str().map(Formed::new),
        id: credential.id.to_string(),
        label: credential.label.unwrap_or_default(),
        last_used_time: credential.last_used.map(|at| Formed::new(rfc3339(at))),
        registration_time: Formed::new(rfc3339(credential.created)),
    }
}
