//! A body with what a client claims of its own accord: bounded before anybody parses it.

use crate::hearsay::{MOST, pruned};
use gatewright_core::Problem;
use gatewright_plugin::{Body, or_problem, problem};
use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
    types::ParseFromJSON,
};

/// Bytes of everything else in a body, more than all its members may have together.
const REST: usize = 4 * 1024;

/// [`Body`] of at most [`MOST`] and [`REST`] bytes, whose claims are pruned.
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
        let mut bytes = body.take()?.into_vec().await?;
        if bytes.len() > MOST + REST {
            let detail =
                format!("The body has {} bytes; at most {} are taken here.", bytes.len(), MOST + REST);
            return Err(problem(Problem::of_the_door(413, "payload_too_large", &detail)));
        }
        // What is no JSON is refused by who reads all of it.
        if let Ok(mut value) = serde_json::from_slice(&bytes) {
            or_problem(pruned(&mut value))?;
            bytes = value.to_string().into_bytes();
        }
        let mut body = RequestBody::new(poem::Body::from_vec(bytes));
        Ok(Self(<Body<T> as ApiExtractor>::from_request(request, &mut body, options).await?.0))
    }
}
