//! Many fragments in, one document out.

mod components;
mod media;
mod routes;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::walk::{METHODS, component, join, operations, references};
use crate::{Conflict, Fragment, Info};

/// Makes one OpenAPI 3.0.3 document.
///
/// # Errors
/// Everything that keeps the fragments apart, in one list: each clash names both plugins and says what to do.
pub fn compose(info: &Info, fragments: &[Fragment]) -> Result<Value, Vec<Conflict>> {
    // Sorted, so that neither the document nor the list of clashes depends on the order of registration.
    let mut fragments: Vec<&Fragment> = fragments.iter().collect();
    fragments.sort_by(|one, other| one.plugin.cmp(&other.plugin));

    let mut conflicts = Vec::new();
    let tags = components::tags(&fragments, &mut conflicts);
    let schemas = components::schemas(&fragments, &mut conflicts);
    let security_schemes = components::security_schemes(&fragments, &mut conflicts);
    let paths = routes::paths(&fragments, &mut conflicts);

    let mut components = Map::new();
    if !schemas.is_empty() {
        components.insert("schemas".into(), schemas.into());
    }
    if !security_schemes.is_empty() {
        components.insert("securitySchemes".into(), security_schemes.into());
    }
    let mut document = Map::new();
    document.insert("openapi".into(), "3.0.3".into());
    document.insert("info".into(), info.object());
    if !info.servers.is_empty() {
        document.insert("servers".into(), info.server_objects().into());
    }
    document.insert("tags".into(), tags.into());
    document.insert("paths".into(), paths.into());
    document.insert("components".into(), components.into());
    let document = document.into();

    dangling(&document, &fragments, &mut conflicts);
    if conflicts.is_empty() { Ok(document) } else { Err(conflicts) }
}

/// References and security requirements that lead nowhere, told to the plugin that wrote them.
fn dangling(document: &Value, fragments: &[&Fragment], conflicts: &mut Vec<Conflict>) {
    let mut check = |plugin: &str, reference: &str, at: &str| {
        if !leads_somewhere(document, reference) {
            let conflict =
                Conflict::DanglingRef { plugin: plugin.into(), reference: reference.into(), at: at.into() };
            if !conflicts.contains(&conflict) {
                conflicts.push(conflict);
            }
        }
    };
    for fragment in fragments {
        for (name, schema) in &fragment.schemas {
            for found in references(schema, &join("/components/schemas", name)) {
                check(&fragment.plugin, &found.target, &found.pointer);
            }
        }
        // The fragment's own paths: in the document, a clash may have dropped an operation.
        let own = json!({ "paths": fragment.paths });
        for operation in operations(&own) {
            let pointer = operation.pointer();
            for found in references(&Value::Object(operation.object.clone()), &pointer) {
                check(&fragment.plugin, &found.target, &found.pointer);
            }
            for scheme in operation.security() {
                let reference = join("#/components/securitySchemes", scheme);
                check(&fragment.plugin, &reference, &join(&pointer, "security"));
            }
        }
    }
}

/// Only components can be meant: a path or an example of another plugin is none of one's business.
fn leads_somewhere(document: &Value, reference: &str) -> bool {
    component(reference).is_some() && crate::walk::target(document, reference).is_some()
}

/// Place of a method among the methods of a path.
fn rank(method: &str) -> usize {
    METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len())
}
