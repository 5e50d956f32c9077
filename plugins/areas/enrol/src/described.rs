//! The operations of each authenticator that can be set up, made of its manifest.

use crate::{complete, invite};
use gatewright_contract::{DynAuthenticator, Manifest};
use gatewright_plugin::{
    Described, House,
    outcome::{about, pending_schema, progress_schemas},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// One authenticator, while its operations are described.
pub(crate) struct One<'a> {
    pub(crate) house: &'a House,
    pub(crate) manifest: &'a Manifest,
    /// Reference to how a login goes on that asked for the enrolment.
    pub(crate) outcome: &'a Value,
    /// Reference to what is said while a device has not answered.
    pub(crate) pending: &'a Value,
}

/// All of them.
pub(crate) fn of(house: &House) -> Described {
    let mut described = Described::default();
    let able = |a: &&Arc<dyn DynAuthenticator>| a.manifest().abilities.enrol;
    let authenticators: Vec<Arc<dyn DynAuthenticator>> =
        house.catalogue.iter().filter(able).cloned().collect();
    if authenticators.is_empty() {
        return described;
    }
    let outcome = outcome_schema(&mut described);
    let pending = pending_schema(&mut described);
    for authenticator in &authenticators {
        let manifest = authenticator.manifest();
        described.tags.push((manifest.id.clone(), about(manifest)));
        let one = One { house, manifest, outcome: &outcome, pending: &pending };
        invite::describe(&one, &mut described);
        complete::describe(&one, &mut described);
    }
    described
}

fn outcome_schema(described: &mut Described) -> Value {
    let [done, more, reset] = progress_schemas(described);
    let schema = json!({
        "description": "How the login goes on; `status` says which of these it is.",
        "oneOf": [done, more, reset],
        "discriminator": {"propertyName": "status", "mapping": {
            "done": done["$ref"], "more": more["$ref"], "reset": reset["$ref"],
        }},
    });
    described.schema("EnrolOutcome", schema)
}
