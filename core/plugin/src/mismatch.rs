//! What is wrong with a body, in words for the one who sent it: which member, and what belongs there. Never what
//! was sent: it may be a secret in the wrong place.

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words for a body that poem-openapi has refused as no `T`, giving `reason`.
pub(crate) fn words<T: Type>(body: &Value, reason: &str) -> String {
    // Made for each refusal: poem-openapi keeps no schemas at hand, and a refusal may take its time.
    let mut registry = Registry::new();
    T::register(&mut registry);
    let schema = T::schema_ref();
    let search = Search { schemas: &registry.schemas, refused: type_of(reason) };
    if let Some(found) = search.look(&schema, body, "") {
        return found;
    }
    if is_unknown_member(reason)
        && let Some(known) = search.schemas.get(search.refused)
    {
        let names: Vec<&str> = known.properties.iter().map(|(name, _)| *name).collect();
        let whole = matches!(&schema, MetaSchemaRef::Reference(name) if name == search.refused);
        let what = if whole { "The body".to_owned() } else { format!("{} in the body", search.refused) };
        return format!("{what} has an unknown member; it may have: {}.", names.join(", "));
    }
    reworded(reason)
}

/// Words for poem-openapi's reason alone, where the body is not at hand.
pub(crate) fn reworded(reason: &str) -> String {
    if is_unknown_member(reason) {
        return "The body has an unknown member.".to_owned();
    }
    let reason = without_value(reason);
    let reason = reason.split(" (occurred while parsing ").next().unwrap_or_default();
    let reason = after_type(reason).unwrap_or(reason);
    let broken = reason.strip_prefix("field `").and_then(|rest| rest.split_once("` verification failed. "));
    match broken {
        Some((name, rule)) => format!("{name}: must satisfy {rule}."),
        None => reason.to_owned(),
    }
}

/// poem-openapi repeats what it found; a secret sent in the wrong type must not come back.
pub(crate) fn without_value(message: &str) -> String {
    match message.find(", found ") {
        Some(at) => format!("{}.", &message[..at]),
        None => message.chars().take(300).collect(),
    }
}

/// What follows in `failed to parse "T": …`.
fn after_type(reason: &str) -> Option<&str> {
    reason.strip_prefix("failed to parse \"")?.split_once("\": ").map(|(_, rest)| rest)
}

fn is_unknown_member(reason: &str) -> bool {
    after_type(reason).is_some_and(|rest| rest.starts_with("unknown field `"))
}

/// The type that refused. It stands before all that was sent, so nobody can put another in its place.
fn type_of(reason: &str) -> &str {
    reason.split('"').nth(1).unwrap_or_default()
}

struct Search<'a> {
    schemas: &'a BTreeMap<String, MetaSchema>,
    /// The type that refused. A list of words in a schema may be open, so only the list of this type counts.
    refused: &'a str,
}

impl Search<'_> {
    /// The first place that is not as the schema has it.
    fn look(&self, schema: &MetaSchemaRef, value: &Value, at: &str) -> Option<String> {
        match schema {
            MetaSchemaRef::Inline(schema) => self.within(schema, value, at),
            MetaSchemaRef::Reference(name) => {
                let schema = self.schemas.get(name)?;
                let words = &schema.enum_items;
                let other = value.is_string() && !words.is_empty() && !words.contains(value);
                if other && name == self.refused {
                    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                    return Some(must_be(at, &format!("one of {}", words.join(", "))));
                }
                self.within(schema, value, at)
            }
        }
    }

    fn within(&self, schema: &MetaSchema, value: &Value, at: &str) -> Option<String> {
        if let Some(expected) = expected_instead(schema, value) {
            return Some(must_be(at, expected));
        }
        let members = schema.properties.iter().find_map(|(name, inner)| {
            let place = if at.is_empty() { (*name).to_owned() } else { format!("{at}.{name}") };
            match value.get(name) {
                None if schema.required.contains(name) => Some(format!("{place}: is missing.")),
                None => None,
                // As if it were absent.
                Some(Value::Null) if !schema.required.contains(name) => None,
                Some(value) => self.look(inner, value, &place),
            }
        });
        let parts = || schema.all_of.iter().find_map(|part| self.look(part, value, at));
        let items = || {
            let inner = schema.items.as_deref()?;
            let mut items = value.as_array().into_iter().flatten().enumerate();
            items.find_map(|(index, item)| self.look(inner, item, &format!("{at}[{index}]")))
        };
        members.or_else(parts).or_else(items)
    }
}

fn must_be(at: &str, expected: &str) -> String {
    if at.is_empty() { format!("The body must be {expected}.") } else { format!("{at}: must be {expected}.") }
}

/// What belongs there, where it is something else.
fn expected_instead(schema: &MetaSchema, value: &Value) -> Option<&'static str> {
    let (fits, expected) = match (schema.ty, schema.format) {
        ("string", _) => (value.is_string(), "a string"),
        ("boolean", _) => (value.is_boolean(), "true or false"),
        ("integer", Some("int32")) => {
            let small = value.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
            (small, "a whole number of at most 32 bits")
        }
        ("integer", Some("int64")) => (value.is_i64(), "a whole number of at most 64 bits"),
        ("integer", _) => (value.is_i64() || value.is_u64(), "a whole number"),
        ("number", _) => (value.is_number(), "a number"),
        ("array", _) => (value.is_array(), "a list"),
        ("object", _) => (value.is_object(), "a JSON object"),
        _ => (true, ""),
    };
    (!fits).then_some(expected)
}
