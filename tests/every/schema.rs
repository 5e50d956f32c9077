//! Schemas of the document as a validator reads them.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// A validator for a schema of the document (OpenAPI 3.0: JSON Schema draft 4 and `nullable`).
pub(crate) fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = plain(schema);
    root["components"] = json!({"schemas": plain(&document["components"]["schemas"])});
    jsonschema::options().with_draft(Draft::Draft4).build(&root).expect("a schema of the document")
}

/// `nullable: true` as a type or an alternative.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(map) => {
            let mut out: Map<String, Value> = map.iter().map(|(k, v)| (k.clone(), plain(v))).collect();
            let nullable = out.remove("nullable") == Some(json!(true));
            match (nullable, out.get("type").cloned()) {
                (true, Some(Value::String(kind))) => {
                    out.insert("type".into(), json!([kind, "null"]));
                    if let Some(Value::Array(values)) = out.get_mut("enum") {
                        values.push(Value::Null);
                    }
                    Value::Object(out)
                }
                (true, _) => json!({"anyOf": [Value::Object(out), {"enum": [null]}]}),
                (false, _) => Value::Object(out),
            }
        }
        other => other.clone(),
    }
}

/// One operation of the document.
pub(crate) struct Operation<'a> {
    pub(crate) method: String,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
}

impl Operation<'_> {
    pub(crate) fn id(&self) -> &str {
        self.value["operationId"].as_str().expect("every operation has an id")
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with a plausible value in each place.
    pub(crate) fn path_filled(&self) -> String {
        let mut path = self.path.to_owned();
        for parameter in self.value["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "path" {
                let name = parameter["name"].as_str().expect("a name");
                path = path.replace(&format!("{{{name}}}"), &sample(parameter));
            }
        }
        self.with_query(path)
    }

    /// The path with the parameters of the query without which the request says nothing.
    fn with_query(&self, path: String) -> String {
        let all = self.value["parameters"].as_array().into_iter().flatten();
        let due = all.filter(|p| p["in"] == "query" && p["required"] == true);
        let pairs: Vec<String> = due
            .map(|p| {
                let value: String = url::form_urlencoded::byte_serialize(sample(p).as_bytes()).collect();
                format!("{}={value}", p["name"].as_str().expect("a name"))
            })
            .collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }

    pub(crate) fn body_example(&self) -> Option<(&str, &Value)> {
        let content = self.value["requestBody"]["content"].as_object()?;
        let (media, body) = content.iter().next()?;
        Some((media, &body["example"]))
    }
}

/// A body as its media type has it: forms of what is JSON in the document.
pub(crate) fn encoded(media: &str, body: &Value) -> Vec<u8> {
    if media != "application/x-www-form-urlencoded" {
        return body.to_string().into_bytes();
    }
    let fields = body.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

fn sample(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    for example in [&parameter["example"], &schema["example"], &schema["enum"][0]] {
        if let Some(text) = example.as_str() {
            return text.to_owned();
        }
    }
    match schema["format"].as_str() {
        Some("uuid") => "0198c5a0-0000-7000-8000-000000000000".to_owned(),
        _ => "sample".to_owned(),
    }
}

pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, value) in item.as_object().expect("a path item") {
            if value.get("operationId").is_some() {
                all.push(Operation { method: method.to_uppercase(), path, value });
            }
        }
    }
    assert!(all.len() > 20, "the document is nearly empty");
    all
}
