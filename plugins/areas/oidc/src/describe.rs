//! Parts of the document that several endpoints have.

use serde_json::{Map, Value, json};

/// Name, meaning and example of a parameter.
pub(crate) type Named = (&'static str, &'static str, &'static str);

/// The tenant in the path.
pub(crate) fn tenant_id() -> Value {
    json!({
        "name": "tenant_id", "in": "path", "required": true, "description": "The tenant.",
        "schema": {"type": "string", "example": "default"},
    })
}

/// A parameter of the query.
pub(crate) fn query(name: &str, about: &str, example: &str, required: bool) -> Value {
    json!({
        "name": name, "in": "query", "required": required, "description": about,
        "schema": {"type": "string", "example": example},
    })
}

/// A form. Its example has what is required.
pub(crate) fn form(parameters: &[Named], required: &[&str]) -> Value {
    let field = |(name, about, example): &Named| {
        ((*name).to_owned(), json!({"type": "string", "description": about, "example": example}))
    };
    let example = parameters.iter().filter(|(name, ..)| required.contains(name));
    let example = example.map(|(name, _, example)| ((*name).to_owned(), Value::from(*example)));
    let mut described = json!({
        "required": true,
        "description": "The parameters, each once.",
        "content": {"application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": required,
                "properties": Map::from_iter(parameters.iter().map(field)),
            },
            "example": Map::from_iter(example),
        }},
    });
    // OpenAPI 3.0 knows no empty list of these.
    if required.is_empty() {
        let schema = &mut described["content"]["application/x-www-form-urlencoded"]["schema"];
        schema.as_object_mut().map(|schema| schema.remove("required"));
    }
    described
}

/// A redirect.
pub(crate) fn redirect(about: &str) -> Value {
    json!({
        "description": about,
        "headers": {"Location": {"description": "Where to.", "schema": {"type": "string"}}},
    })
}

/// A page.
pub(crate) fn page(about: &str) -> Value {
    json!({"description": about, "content": {"text/html": {"schema": {"type": "string"}}}})
}

/// A refusal of OAuth.
pub(crate) fn refusal(about: &str) -> Value {
    json!({
        "description": about,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OAuthError"}}},
    })
}

/// An error of the vault contract.
pub(crate) fn problem(schema: &str, about: &str) -> Value {
    let schema = format!("#/components/schemas/{schema}");
    json!({"description": about, "content": {"application/json": {"schema": {"$ref": schema}}}})
}
