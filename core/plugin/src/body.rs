//! The body of a request.

use crate::{mismatch, problem};
use gatewright_core::Problem;
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use serde_json::Value;

/// A JSON body, as [`Json`] is, whose refusal says in which member the mistake is and what belongs there:
/// poem-openapi knows only the type of the member and repeats what was sent.
pub struct Body<T>(pub T);

impl<T: ParseFromJSON> Body<T> {
    /// Reads the body of a request whose `Content-Type` is right.
    ///
    /// # Errors
    /// 400 for what is not of the type.
    pub async fn read(request: &Request, body: &mut RequestBody) -> Result<Self> {
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        parsed(&bytes).map(Self).map_err(problem)
    }
}

fn parsed<T: ParseFromJSON>(bytes: &[u8]) -> Result<T, Problem> {
    let value = if bytes.is_empty() { Value::Null } else { json(bytes)? };
    T::parse_from_json(Some(value)).map_err(|error| {
        // Parsed anew rather than kept: only a refusal needs it once more.
        let value = json(bytes).unwrap_or_default();
        Problem::invalid(mismatch::words::<T>(&value, error.message()))
    })
}

/// # Errors
/// 400 for what is not JSON. serde_json stops at a depth of 128, and names line and column but not the text.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|e| {
        Problem::invalid(format!("The body is not JSON (line {}, column {}).", e.line(), e.column()))
    })
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: Json::<T>::CONTENT_TYPE, schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: T::IS_REQUIRED })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        match request.content_type() {
            Some(media_type) if Json::<T>::check_content_type(media_type) => Self::read(request, body).await,
            Some(other) => Err(ContentTypeError::NotSupported { content_type: other.to_owned() }.into()),
            None => Err(ContentTypeError::ExpectContentType.into()),
        }
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
