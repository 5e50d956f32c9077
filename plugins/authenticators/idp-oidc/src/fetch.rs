//! Asking a provider.

use gatewright_contract::{Fault, Host};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The one service of the host that this needs.
pub(crate) const FETCH: &str = "http.fetch";

/// Why a way to a provider and back ends without a subject. The texts are ours and go to the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The person has said no there.
    Declined,
    /// What came is not believed.
    Refused(&'static str),
    /// The provider does not answer, or not as it should.
    Down(String),
}

/// An answer.
pub(crate) struct Fetched {
    pub(crate) status: u16,
    body: String,
}

impl Fetched {
    /// The body as JSON of this shape; its own message could repeat a token.
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &str) -> Result<T, End> {
        serde_json::from_str(&self.body).map_err(|_| End::Down(format!("{what} is not what it should be")))
    }
}

/// Sends a request.
pub(crate) async fn fetch(host: &Host, what: &str, ask: Value) -> Result<Fetched, End> {
    let down = |why: &str| End::Down(format!("{what}: {why}"));
    let answer = host.call(FETCH, ask).await.map_err(|fault| match fault {
        Fault::Unavailable { what: why, .. } => down(&why),
        other => down(&other.to_string()),
    })?;
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let body = answer["body"].as_str();
    match (status, body) {
        (Some(status), Some(body)) => Ok(Fetched { status, body: body.to_owned() }),
        _ => Err(down("the answer is no text")),
    }
}

/// A JSON document that must be there.
pub(crate) async fn document<T: DeserializeOwned>(
    host: &Host,
    what: &str,
    url: &str,
    limit: usize,
) -> Result<T, End> {
    let ask = serde_json::json!({"url": url, "headers": {"accept": "application/json"}, "limit": limit});
    let answer = fetch(host, what, ask).await?;
    match answer.status {
        200 => answer.json(what),
        status => Err(End::Down(format!("{what}: status {status}"))),
    }
}
