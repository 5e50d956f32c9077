//! What the host asks.

use crate::{Body, Call, Fault, Held, RawCall, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// One request; which members a method has is in its line of `gatewright.h`. A member that is null may be absent.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Request<'a> {
    /// See [`Call::scope`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Cow<'a, Scope>>,
    /// See [`Call::credentials`].
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub credentials: Cow<'a, [Held<Body>]>,
    /// What the client says when it asks for a challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begin: Option<Body>,
    /// What the authenticator keeps between two steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Body>,
    /// What the person answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Body>,
    /// What the client says when it asks to enrol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite: Option<Body>,
    /// What is kept between the two steps of an enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Body>,
    /// What finishes an enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Body>,
    /// What comes in from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Body>,
    /// What a device asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Body>,
    /// A credential document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<Body>,
    /// Version of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// What the person was shown to enrol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Body>,
    /// What the person was shown once after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Body>,
    /// What the person was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Body>,
    /// The time, for a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
    /// Answers so far, for a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
}

impl<'a> Request<'a> {
    /// With the scope and the credentials of a call, and its body to be put where it belongs.
    pub fn of<B>(call: RawCall<'a, B>) -> (Self, B) {
        let Call { scope, credentials, body } = call;
        let request = Self {
            scope: Some(Cow::Borrowed(scope)),
            credentials: Cow::Borrowed(credentials),
            ..Self::default()
        };
        (request, body)
    }

    /// The bytes.
    ///
    /// # Errors
    /// When a number can't be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(|e| Fault::caused("a request to a plugin can't be written", e))
    }

    /// Reads it. The message names the place, never a value.
    ///
    /// # Errors
    /// [`Fault::Internal`]: what the host sends has its shape.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(|e| {
            Fault::internal(format!(
                "a request of the host can't be read (line {}, column {})",
                e.line(),
                e.column()
            ))
        })
    }

    /// The call that it holds.
    pub(super) fn call<B>(&self, body: B) -> Result<RawCall<'_, B>, Fault> {
        let scope = self.scope.as_deref().ok_or_else(|| Fault::internal("a request without a scope"))?;
        Ok(Call { scope, credentials: &self.credentials, body })
    }
}

/// The member, null where it is absent.
pub(super) fn taken(member: &mut Option<Body>) -> Body {
    member.take().unwrap_or(Body(Value::Null))
}
