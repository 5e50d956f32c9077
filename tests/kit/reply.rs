//! What came back.

use poem::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A whole reply.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Stops the test with the whole reply when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// A string in the body; stops the test when it is not there.
    #[track_caller]
    pub fn str(&self, key: &str) -> String {
        let body = self.json();
        body[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {body}")).to_owned()
    }
}
