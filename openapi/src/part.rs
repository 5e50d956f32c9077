//! One plugin's share of a composed document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::walk::{METHODS, component, entries, items, join, operations, references, security_names, target};

/// Cuts one plugin out of a composed document: only its operations, the tags that they carry and every component that
/// they reach through `$ref` or `security`, however many steps away.
///
/// A plugin without operations gives a document without paths.
#[must_use]
pub fn part(document: &Value, plugin: &str) -> Value {
    let paths = own_paths(document, plugin);
    let mut part = Map::new();
    for (key, value) in entries(Some(document)) {
        let value = match key.as_str() {
            "tags" => own_tags(value, &paths),
            "paths" => paths.clone(),
            "components" => reached(document, &paths),
            _ => value.clone(),
        };
        part.insert(key.clone(), value);
    }
    part.into()
}

fn own_paths(document: &Value, plugin: &str) -> Value {
    let is_other = |key: &str, value: &Value| METHODS.contains(&key) && value["x-plugin"] != plugin;
    let mut paths = Map::new();
    for (path, item) in entries(document.get("paths")) {
        // What is not an operation (`parameters` of the whole path) stays with the operations that stay.
        let item: Map<String, Value> = entries(Some(item))
            .filter(|(key, value)| !is_other(key, value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if item.values().any(|value| value["x-plugin"] == plugin) {
            paths.insert(path.clone(), item.into());
        }
    }
    paths.into()
}

fn own_tags(tags: &Value, paths: &Value) -> Value {
    let mut used = BTreeSet::new();
    for (_, item) in entries(Some(paths)) {
        for (_, operation) in entries(Some(item)) {
            used.extend(items(operation.get("tags")).iter().filter_map(Value::as_str));
        }
    }
    let is_used = |tag: &&Value| tag["name"].as_str().is_some_and(|name| used.contains(name));
    items(Some(tags)).iter().filter(is_used).cloned().collect()
}

/// The components that `paths` needs, in the document's order.
fn reached(document: &Value, paths: &Value) -> Value {
    let whole = Value::Object(Map::from_iter([("paths".to_owned(), paths.clone())]));
    let mut waiting: Vec<(String, String)> =
        references(&whole, "").iter().filter_map(|found| component(&found.target)).collect();
    let scheme = |name: &str| ("securitySchemes".to_owned(), name.to_owned());
    waiting.extend(document.as_object().into_iter().flat_map(security_names).map(scheme));
    for operation in operations(&whole) {
        waiting.extend(operation.security().map(scheme));
    }

    let mut seen = BTreeSet::new();
    while let Some((kind, name)) = waiting.pop() {
        let found = target(document, &join(&join("#/components", &kind), &name));
        if seen.insert((kind, name))
            && let Some(found) = found
        {
            waiting.extend(references(found, "").iter().filter_map(|found| component(&found.target)));
        }
    }

    let mut components = Map::new();
    for (kind, named) in entries(document.get("components")) {
        let kept: Map<String, Value> = entries(Some(named))
            .filter(|(name, _)| seen.contains(&(kind.clone(), (*name).clone())))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !kept.is_empty() {
            components.insert(kind.clone(), kept.into());
        }
    }
    components.into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::part;

    fn document() -> Value {
        let operation = |plugin: &str, tag: &str, schema: &str| {
            json!({
                "operationId": format!("{plugin}_{tag}"), "tags": [tag], "x-plugin": plugin,
                "security": [{ (format!("{plugin}_key")): [] }],
                "responses": { "200": { "description": "ok", "content": { "application/json": {
                    "schema": { "$ref": format!("#/components/schemas/{schema}") } } } } }
            })
        };
        json!({
            "openapi": "3.0.3", "security": [{ "all_key": [] }], "info": { "title": "T", "version": "1" },
            "tags": [{ "name": "a" }, { "name": "b" }, { "name": "unused" }],
            "paths": {
                "/both": {
                    "parameters": [{ "name": "q" }],
                    "get": operation("a", "a", "A"),
                    "post": operation("b", "b", "B")
                },
                "/b": { "get": operation("b", "b", "B") }
            },
            "components": {
                "schemas": {
                    "A": { "properties": { "next": { "$ref": "#/components/schemas/A2" } } },
                    "A2": { "items": { "$ref": "#/components/schemas/A3/properties/x" } },
                    "A3": { "properties": { "x": { "allOf": [{ "$ref": "#/components/schemas/A" }] } } },
                    "B": { "example": { "$ref": "#/components/schemas/A" } },
                    "Unused": {}
                },
                "securitySchemes": { "a_key": {}, "all_key": {}, "b_key": {} }
            }
        })
    }

    fn names(value: &Value) -> Vec<&str> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_part_has_its_operations_and_all_that_they_reach() {
        let part = part(&document(), "a");
        assert_eq!(names(&part["paths"]), ["/both"]);
        assert_eq!(names(&part["paths"]["/both"]), ["parameters", "get"]);
        assert_eq!(names(&part["components"]["schemas"]), ["A", "A2", "A3"]);
        assert_eq!(names(&part["components"]["securitySchemes"]), ["a_key", "all_key"]);
        assert_eq!(part["tags"], json!([{ "name": "a" }]));
        assert_eq!(part["openapi"], "3.0.3");
    }

    #[test]
    fn a_part_has_nothing_that_is_only_another_plugins() {
        let part = part(&document(), "b");
        assert_eq!(names(&part["paths"]), ["/both", "/b"]);
        assert_eq!(names(&part["components"]["schemas"]), ["B"]);
        assert!(!part.to_string().contains("a_key"), "{part}");
    }

    #[test]
    fn a_plugin_without_operations_has_a_part_without_paths() {
        let part = part(&document(), "nobody");
        assert_eq!((&part["paths"], &part["tags"]), (&json!({}), &json!([])));
        assert_eq!(names(&part["components"]), ["securitySchemes"]);
    }
}
