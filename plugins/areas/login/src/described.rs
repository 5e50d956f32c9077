//! The operations of each authenticator, linked or loaded from a library, made of its manifest.

use crate::{answer, callback, challenge, device};
use gatewright_contract::{DynAuthenticator, Manifest};
use gatewright_plugin::{
    Described, House,
    outcome::{about, message_schema, pending_schema, progress_schemas},
};
use serde_json::Value;
use std::sync::Arc;

/// One authenticator, while its operations are described.
pub(crate) struct One<'a> {
    pub(crate) house: &'a House,
    pub(crate) manifest: &'a Manifest,
    /// Reference to the schema of its prompt.
    pub(crate) prompt: Value,
    /// References to the outcomes that all authenticators share: done, more and reset.
    pub(crate) progress: &'a [Value; 3],
    /// And pending.
    pub(crate) pending: &'a Value,
}

/// All of them.
pub(crate) fn of(house: &House) -> Described {
    let mut described = Described::default();
    let authenticators: Vec<Arc<dyn DynAuthenticator>> = house.catalogue.iter().cloned().collect();
    if authenticators.is_empty() {
        return described;
    }
    let progress = progress_schemas(&mut described);
    let pending = pending_schema(&mut described);
    for authenticator in &authenticators {
        let manifest = authenticator.manifest();
        described.tags.push((manifest.id.clone(), about(manifest)));
        let prompt = message_schema(&mut described, &manifest.id, "Prompt", &manifest.schemas.prompt);
        let one = One { house, manifest, prompt, progress: &progress, pending: &pending };
        challenge::describe(&one, &mut described);
        answer::describe(&one, &mut described);
        if manifest.abilities.signal {
            callback::describe(&one, &mut described);
        }
        if manifest.abilities.attend {
            device::describe(&one, &mut described);
        }
    }
    described
}
