//! `http.fetch`: a request to another server, by the one way out. Bodies and headers are not logged.

use crate::outgoing::{Answer, Outgoing, OutgoingError};
use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright_contract::Fault;
use gatewright_core::service::Service;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

pub(super) const FETCH: &str = "http.fetch";
const MAX_URL: usize = 4096;
const MAX_HEADERS: usize = 20;
const MAX_SENT: usize = 64 * 1024;
const DEFAULT_LIMIT: usize = 16 * 1024;
const MAX_LIMIT: usize = 256 * 1024;

/// What is told of an answer's headers.
const TOLD: &[&str] =
    &["content-type", "cache-control", "date", "location", "retry-after", "www-authenticate"];

/// Sends for authenticators, which have no network.
pub struct HttpFetch(Arc<Outgoing>);

impl HttpFetch {
    /// By this way out.
    pub fn new(outgoing: Arc<Outgoing>) -> Self {
        Self(outgoing)
    }
}

/// What is to be sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// As text.
    #[serde(default)]
    body: Option<String>,
    /// As bytes.
    #[serde(default)]
    body_base64: Option<String>,
    /// The longest answer that is of use.
    #[serde(default = "default_limit")]
    limit: usize,
}

fn get() -> String {
    Method::GET.to_string()
}

fn default_limit() -> usize {
    DEFAULT_LIMIT
}

#[async_trait]
impl Service for HttpFetch {
    fn methods(&self) -> &[&'static str] {
        &[FETCH]
    }

    async fn call(&self, _: &str, args: Value) -> Result<Value, Fault> {
        // The message of the parser could repeat what it was given.
        let ask: Ask = serde_json::from_value(args).map_err(|_| wrong("", "not a request"))?;
        let method = method(&ask.method)?;
        if ask.url.len() > MAX_URL {
            return Err(wrong("url", "longer than 4096 bytes"));
        }
        if ask.limit > MAX_LIMIT {
            return Err(wrong("limit", "more than 262144 bytes"));
        }
        let sent = (headers(&ask.headers)?, body(ask.body, ask.body_base64)?);
        match self.0.send_within(method, &ask.url, sent, ask.limit).await {
            Ok(answer) if answer.whole => Ok(told(answer)),
            Ok(_) => Err(Fault::unavailable("the answer is longer than the caller can use")),
            Err(OutgoingError::Url) => Err(wrong("url", &OutgoingError::Url.to_string())),
            Err(error) => Err(Fault::unavailable(error.to_string())),
        }
    }
}

fn wrong(field: &str, message: &str) -> Fault {
    Fault::bad_request(field, format!("{FETCH}: {message}"))
}

fn method(text: &str) -> Result<Method, Fault> {
    match text {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "DELETE" => Ok(Method::DELETE),
        _ => Err(wrong("method", "GET, POST, PUT or DELETE")),
    }
}

/// All of them are marked as sensitive: what prints a request leaves them out.
fn headers(given: &BTreeMap<String, String>) -> Result<HeaderMap, Fault> {
    if given.len() > MAX_HEADERS {
        return Err(wrong("headers", "more than 20"));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name: HeaderName = name.parse().map_err(|_| wrong("headers", "not the name of a header"))?;
        // The library frames the message and names the host; two frames of one message are an attack.
        if matches!(name.as_str(), "host" | "content-length" | "transfer-encoding" | "connection") {
            return Err(wrong("headers", "host, framing and connection are not the caller's"));
        }
        let mut value: HeaderValue =
            value.parse().map_err(|_| wrong("headers", "not the value of a header"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn body(text: Option<String>, base64: Option<String>) -> Result<Vec<u8>, Fault> {
    let body = match (text, base64) {
        (Some(_), Some(_)) => return Err(wrong("body", "either body or body_base64")),
        (Some(text), None) => text.into_bytes(),
        (None, Some(text)) => {
            BASE64.decode(text.as_bytes()).map_err(|_| wrong("body_base64", "not base64"))?
        }
        (None, None) => Vec::new(),
    };
    if body.len() > MAX_SENT { Err(wrong("body", "longer than 65536 bytes")) } else { Ok(body) }
}

fn told(answer: Answer) -> Value {
    let known = |name: &&str| {
        let value = answer.headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.into()))
    };
    let headers: Map<String, Value> = TOLD.iter().filter_map(known).collect();
    let mut reply = json!({"status": answer.status, "headers": headers});
    match String::from_utf8(answer.body) {
        Ok(text) => reply["body"] = text.into(),
        Err(bytes) => reply["body_base64"] = BASE64.encode(bytes.as_bytes()).into(),
    }
    reply
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
