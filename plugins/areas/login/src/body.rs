//! A JSON body that may be left out, its `Content-Type` with it.

use gatewright_plugin::Body;
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::{ParseFromJSON, Type},
};

/// `Body<Option<T>>` insists on a `Content-Type` where there is nothing to have one.
pub(crate) struct OptionalJson<T>(pub(crate) Option<T>);

impl<'a, T: ParseFromJSON + Type> ApiExtractor<'a> for OptionalJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: Json::<T>::CONTENT_TYPE, schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: false })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        match request.content_type() {
            Some(media_type) if Json::<T>::check_content_type(media_type) => {
                let body = Body::<Option<T>>::read(request, body).await?;
                Ok(Self(body.0))
            }
            Some(other) => Err(ContentTypeError::NotSupported { content_type: other.to_owned() }.into()),
            None => match <Vec<u8> as FromRequest>::from_request(request, body).await? {
                bytes if bytes.is_empty() => Ok(Self(None)),
                _ => Err(ContentTypeError::ExpectContentType.into()),
            },
        }
    }
}
