//! Finding one's way in a document: JSON pointers, operations, references.

use serde_json::{Map, Value};

/// The methods a Path Item Object knows, in the order in which they are written.
pub(crate) const METHODS: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

/// Keys whose value is a map from free names to objects: there, `example` or `x-…` is a name like any other.
const NAMED: [&str; 15] = [
    "callbacks",
    "content",
    "definitions",
    "$defs",
    "encoding",
    "headers",
    "links",
    "parameters",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

/// Keys whose value is data of the API, not part of the description.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "security"];

/// One operation of a document.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) object: &'a Map<String, Value>,
}

impl Operation<'_> {
    /// JSON pointer to it.
    pub(crate) fn pointer(&self) -> String {
        join(&join("/paths", self.path), self.method)
    }

    /// The names of the security schemes that it asks for.
    pub(crate) fn security(&self) -> impl Iterator<Item = &str> {
        security_names(self.object)
    }
}

/// Every operation of a document.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    entries(document.get("paths")).flat_map(|(path, item)| {
        entries(Some(item)).filter(|(method, _)| METHODS.contains(&method.as_str())).filter_map(
            move |(method, operation)| Some(Operation { path, method, object: operation.as_object()? }),
        )
    })
}

/// The names of the security schemes in the `security` of an operation or document.
pub(crate) fn security_names(holder: &Map<String, Value>) -> impl Iterator<Item = &str> {
    items(holder.get("security"))
        .iter()
        .flat_map(|requirement| entries(Some(requirement)))
        .map(|(name, _)| name.as_str())
}

/// The members of a JSON object; none of anything else.
pub(crate) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// The items of a JSON array; none of anything else.
pub(crate) fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `pointer` with one more step (RFC 6901).
pub(crate) fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// A `$ref`, or a discriminator's mapping, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) pointer: String,
    pub(crate) target: String,
}

/// Every reference below `value`, which is an OpenAPI object that stands at `pointer`.
///
/// Data is not looked into: an example may well have a member that is called `$ref`.
pub(crate) fn references(value: &Value, pointer: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    visit(value, pointer, &mut found);
    found
}

fn visit(value: &Value, pointer: &str, found: &mut Vec<Reference>) {
    match value {
        Value::Array(array) => {
            for (index, item) in array.iter().enumerate() {
                visit(item, &join(pointer, &index.to_string()), found);
            }
        }
        Value::Object(object) => {
            for (key, inner) in object {
                visit_member(key, inner, &join(pointer, key), found);
            }
        }
        _ => {}
    }
}

fn visit_member(key: &str, inner: &Value, pointer: &str, found: &mut Vec<Reference>) {
    match (key, inner) {
        ("$ref", Value::String(target)) => {
            found.push(Reference { pointer: pointer.to_owned(), target: target.clone() })
        }
        ("discriminator", _) => {
            for (value, target) in entries(inner.get("mapping")) {
                let pointer = join(&join(pointer, "mapping"), value);
                found.extend(target.as_str().map(|target| Reference { pointer, target: mapped(target) }));
            }
        }
        ("examples", _) => {
            // Example Objects, by name: each is a reference or data.
            for (name, example) in entries(Some(inner)) {
                if let Some(target) = example.get("$ref").and_then(Value::as_str) {
                    let pointer = join(&join(pointer, name), "$ref");
                    found.push(Reference { pointer, target: target.to_owned() });
                }
            }
        }
        (key, Value::Object(named)) if NAMED.contains(&key) => {
            for (name, inner) in named {
                visit(inner, &join(pointer, name), found);
            }
        }
        (key, _) if DATA.contains(&key) || key.starts_with("x-") => {}
        _ => visit(inner, pointer, found),
    }
}

/// A discriminator may name a schema instead of pointing at it.
fn mapped(target: &str) -> String {
    let is_name = !target.contains(['/', '#']);
    if is_name { format!("#/components/schemas/{target}") } else { target.to_owned() }
}

/// What a reference into this document leads to.
pub(crate) fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// `value` itself, or what it stands for if it is a reference; `None` if that leads nowhere or in a circle.
pub(crate) fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..16 {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => value = target(document, reference)?,
            None => return Some(value),
        }
    }
    None
}

/// Kind and name of the component that a reference leads to, or into.
pub(crate) fn component(reference: &str) -> Option<(String, String)> {
    let mut steps = reference.strip_prefix("#/components/")?.split('/');
    let unescape = |step: &str| step.replace("~1", "/").replace("~0", "~");
    Some((unescape(steps.next()?), unescape(steps.next()?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{component, references, resolve};

    #[test]
    fn a_reference_in_data_is_data() {
        let schema = json!({
            "properties": {
                "example": { "$ref": "#/a" },
                "x-odd": { "items": { "$ref": "#/b" } },
                "plain": { "example": { "$ref": "#/no" }, "default": { "$ref": "#/no" }, "enum": [{ "$ref": "#/no" }] }
            },
            "x-note": { "$ref": "#/no" },
            "discriminator": { "propertyName": "kind", "mapping": { "c": "Named", "d": "#/d" } }
        });
        let mut targets: Vec<_> = references(&schema, "").into_iter().map(|found| found.target).collect();
        targets.sort();
        assert_eq!(targets, ["#/a", "#/b", "#/components/schemas/Named", "#/d"]);
    }

    #[test]
    fn an_example_object_may_be_a_reference_and_its_value_never_is() {
        let media =
            json!({ "examples": { "one": { "$ref": "#/e" }, "two": { "value": { "$ref": "#/no" } } } });
        let found = references(&media, "/m");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].pointer.as_str(), found[0].target.as_str()), ("/m/examples/one/$ref", "#/e"));
    }

    #[test]
    fn a_circle_of_references_ends() {
        let (to_a, to_b) = (json!({ "$ref": "#/a" }), json!({ "$ref": "#/b" }));
        let document = json!({ "a": to_b, "b": to_a, "c": { "$ref": "#/d" }, "d": { "type": "string" } });
        assert_eq!(resolve(&document, &document["a"]), None);
        assert_eq!(resolve(&document, &document["c"]), Some(&document["d"]));
    }

    #[test]
    fn a_reference_into_a_component_is_one_to_it() {
        let expected = Some(("schemas".to_owned(), "A/B".to_owned()));
        assert_eq!(component("#/components/schemas/A~1B/properties/x"), expected);
        assert_eq!(component("#/paths/x"), None);
    }
}
