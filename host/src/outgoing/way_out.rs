//! The way out as plugins see it.

use super::{MAX_BODY, Outgoing, OutgoingError};
use async_trait::async_trait;
use gatewright_core::outgoing::{self as core, Answer, NoAnswer, Request};
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};

#[async_trait]
impl core::Outgoing for Outgoing {
    async fn send(&self, request: Request) -> Result<Answer, NoAnswer> {
        self.read(request, MAX_BODY).await
    }

    async fn read(&self, request: Request, most: usize) -> Result<Answer, NoAnswer> {
        let Request { method, url, headers, body } = request;
        let unfit = || NoAnswer::Refused("the request can't be written".to_owned());
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| unfit())?;
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            map.insert(name, HeaderValue::from_str(&value).map_err(|_| unfit())?);
        }
        let answer = self.send_within(method, &url, (map, body), most).await?;
        Ok(Answer { status: answer.status, body: answer.body })
    }
}

impl From<OutgoingError> for NoAnswer {
    fn from(error: OutgoingError) -> Self {
        match error {
            OutgoingError::Url => Self::Refused(error.to_string()),
            // A name that is not known, or not public, now: the house may be mended while a message waits.
            _ => Self::Failed(error.to_string()),
        }
    }
}
