//! Strings with a form that OpenAPI names: poem-openapi brings no `byte` and, without more crates, no
//! `date-time`, and its enums are closed where this dialect is open.

use gatewright_plugin::Text;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use std::{borrow::Cow, marker::PhantomData};

/// What a string looks like, for the document. Nothing is checked here: who uses the value does.
pub(crate) trait Form: Send + Sync + 'static {
    /// Name of the schema; none: written where it is used.
    const NAME: Option<&'static str>;

    /// The schema.
    fn schema() -> MetaSchema;
}

/// A string of a form.
pub(crate) struct Formed<F>(pub(crate) String, PhantomData<fn() -> F>);

impl<F> Formed<F> {
    /// Of a string.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into(), PhantomData)
    }
}

impl<F> Clone for Formed<F> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<F: Form> Type for Formed<F> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;

    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        F::NAME.unwrap_or("string").into()
    }

    fn schema_ref() -> MetaSchemaRef {
        match F::NAME {
            Some(name) => MetaSchemaRef::Reference(name.to_owned()),
            None => MetaSchemaRef::Inline(Box::new(F::schema())),
        }
    }

    fn register(registry: &mut Registry) {
        if let Some(name) = F::NAME {
            registry.create_schema::<Self, _>(name.to_owned(), |_| F::schema());
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<F: Form> ParseFromJSON for Formed<F> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Text::parse_from_json(value).map(Self::new).map_err(ParseError::propagate)
    }
}

impl<F: Form> ParseFromParameter for Formed<F> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self::new(value))
    }
}

impl<F: Form> ToJSON for Formed<F> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}

/// Base 64 (RFC 4648, section 4).
pub(crate) struct Bytes;

impl Form for Bytes {
    const NAME: Option<&'static str> = None;

    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "byte")
    }
}

/// A point in time (RFC 3339, section 5.6).
pub(crate) struct DateTime;

impl Form for DateTime {
    const NAME: Option<&'static str> = None;

    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "date-time")
    }
}

/// The name of an authenticator. The document lists the contract's names, because clients are generated
/// from them; a server with an authenticator from outside takes and tells that one's id as well.
pub(crate) struct Named;

impl Form for Named {
    const NAME: Option<&'static str> = Some("IdaasAuthenticatorName");

    fn schema() -> MetaSchema {
        MetaSchema {
            description: Some(
                "The name of an authenticator. A server with an authenticator that has no name in this list takes \
                 that one's own id (lower-case letters, digits, hyphens) in the same place; `otherAuthenticators` and \
                 `otherSecondFactors` of the query name them.",
            ),
            enum_items: crate::names::all().map(Value::from).collect(),
            example: Some(Value::from("PASSWORD")),
            ..MetaSchema::new("string")
        }
    }
}
