//! A string in a request.

use poem_openapi::{
    registry::MetaSchemaRef,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use std::{borrow::Cow, ops::Deref};

/// A JSON string and nothing else. poem-openapi's own `String` takes numbers and booleans as well, so that a login
/// as `7` would be a login as `"7"`, and a client's mistake would show up much later and elsewhere.
///
/// In the document it is the same as a `String`, and it takes the same validators. It has no `Debug`: what a request
/// holds may be a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(String);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl Type for Text {
    const IS_REQUIRED: bool = true;

    // Validators of strings are written for whatever this is.
    type RawValueType = String;

    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        String::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        String::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&String> {
        Some(&self.0)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        Box::new(std::iter::once(&self.0))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ParseFromJSON for Text {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text)),
            // Not `ParseError::expected_type`: it repeats what was sent.
            _ => Err(ParseError::custom("a JSON string is expected")),
        }
    }
}

impl ToJSON for Text {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::Object;
    use serde_json::json;

    #[derive(Object)]
    struct Named {
        #[oai(validator(max_length = 3))]
        name: Text,
        #[oai(validator(pattern = "^[a-z]+$"))]
        nick: Option<Text>,
    }

    fn read(body: Value) -> Result<(String, Option<String>), String> {
        let named = Named::parse_from_json(Some(body)).map_err(|error| error.into_message())?;
        Ok((named.name.into(), named.nick.map(String::from)))
    }

    #[test]
    fn a_string_is_a_string() {
        assert_eq!(read(json!({"name": "ada", "nick": "a"})), Ok(("ada".to_owned(), Some("a".to_owned()))));
        assert_eq!(read(json!({"name": "", "nick": null})), Ok((String::new(), None)));
    }

    #[test]
    fn nothing_else_is_and_it_is_not_repeated() {
        for wrong in [json!(7077), json!(true), json!(["7077"]), json!({"7077": 1}), Value::Null] {
            let said = read(json!({"name": wrong})).expect_err("refused");
            assert!(said.contains("a JSON string is expected"), "{wrong}: {said}");
            assert!(!said.contains("7077") && !said.contains("true"), "{said}");
            assert!(wrong.is_null() || read(json!({"name": "ada", "nick": wrong})).is_err(), "{wrong}");
        }
        assert!(read(json!({})).is_err());
    }

    #[test]
    fn validators_and_schema_are_those_of_a_string() {
        assert!(read(json!({"name": "long"})).expect_err("refused").contains("maxLength(3)"));
        assert!(read(json!({"name": "ada", "nick": "A"})).expect_err("refused").contains("pattern"));
        assert_eq!(json!(Text::schema_ref()), json!(String::schema_ref()));
        assert_eq!(Text::from("ada").to_json(), Some(json!("ada")));
    }
}
