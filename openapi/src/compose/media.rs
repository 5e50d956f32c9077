//! Media types without their charset.

use serde_json::{Map, Value};

use crate::walk::join;

/// Takes `; charset=utf-8` off every media type of an operation.
///
/// Servers send it, but in a description it makes `application/json` a type that no generator knows. Returned are the
/// types that now stand twice, and where.
pub(super) fn without_charset(operation: &mut Map<String, Value>, at: &str) -> Vec<(String, String)> {
    let mut doubled = Vec::new();
    if let Some(body) = operation.get_mut("requestBody") {
        in_content(body, &join(at, "requestBody"), &mut doubled);
    }
    for (index, parameter) in
        operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        in_content(parameter, &join(&join(at, "parameters"), &index.to_string()), &mut doubled);
    }
    for (status, response) in members(operation.get_mut("responses")) {
        let at = join(&join(at, "responses"), status);
        in_content(response, &at, &mut doubled);
        for (name, header) in members(response.get_mut("headers")) {
            in_content(header, &join(&join(&at, "headers"), name), &mut doubled);
        }
    }
    doubled
}

fn in_content(holder: &mut Value, at: &str, doubled: &mut Vec<(String, String)>) {
    let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else { return };
    let mut clean: Map<String, Value> = Map::new();
    for (media_type, description) in std::mem::take(content) {
        let name = plain(&media_type);
        if clean.get(&name).is_some_and(|kept| *kept != description) {
            doubled.push((name, join(at, "content")));
        } else {
            clean.insert(name, description);
        }
    }
    *content = clean;
}

/// `Application/JSON; charset=UTF-8` → `application/json`; other parameters stay.
fn plain(media_type: &str) -> String {
    let mut parts = media_type.split(';').map(str::trim);
    let mut name = parts.next().unwrap_or_default().to_ascii_lowercase();
    for parameter in parts.filter(|parameter| !parameter.to_ascii_lowercase().starts_with("charset=")) {
        name.push_str("; ");
        name.push_str(parameter);
    }
    name
}

fn members(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn only_the_charset_goes() {
        for (media_type, expected) in [
            ("application/json; charset=utf-8", "application/json"),
            ("Application/JSON;Charset=UTF-8", "application/json"),
            ("application/scim+json; charset=utf-8", "application/scim+json"),
            ("application/json; profile=a; charset=utf-8", "application/json; profile=a"),
            ("text/plain", "text/plain"),
        ] {
            assert_eq!(plain(media_type), expected);
        }
    }
}
