//! A body with what a client claims of its own accord: bounded before anybody parses it.

use gatewright_core::Problem;
use gatewright_plugin::{Body, problem};
use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
    types::ParseFromJSON,
};

/// Bytes of `log_data` and `ber` at most.
pub(crate) const CLAIMS: usize = 16 * 1024;
/// Bytes of everything else in a body, more than all its members may have together.
const REST: usize = 4 * 1024;

/// [`Body`] of at most [`CLAIMS`] and [`REST`] bytes.
pub(crate) struct Small<T>(pub(crate) T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Small<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Body<T> as ApiExtractor>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        <Body<T> as ApiExtractor>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let bytes = body.take()?.into_vec().await?;
        if bytes.len() > CLAIMS + REST {
            let detail =
                format!("The body has {} bytes; at most {} are taken here.", bytes.len(), CLAIMS + REST);
            return Err(problem(Problem::of_the_door(413, "payload_too_large", &detail)));
        }
        let mut body = RequestBody::new(poem::Body::from_vec(bytes));
        Ok(Self(<Body<T> as ApiExtractor>::from_request(request, &mut body, options).await?.0))
    }
}
