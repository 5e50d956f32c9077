//! What the areas of our own dialect share: how far a login has come, the cookies of a browser, and how the
//! messages of an authenticator are named and read.
//!
//! A login that demands an enrolment begins at the area `login` and goes on at the area `enrol`; no area sees
//! another, so what both say is said here.

mod browser;
mod device;
mod fields;
mod naming;
mod schema;

pub use browser::{
    Bound, bind_browser, cleared_session_cookie, end_replaced, from_browser, secure, session_cookie,
};
pub use device::{device_cookie, shown_device, trusted};
pub use fields::{Fields, handle};
pub use naming::{about, example_of, operation_word, schema_name};
pub use schema::{
    EXAMPLE_HANDLE, LoginNext, LoginStep, handle_schema, message_schema, outcome_schema, pending_schema,
    progress_schemas, time_schema,
};

use crate::House;
use gatewright_contract::Timestamp;
use gatewright_core::{
    Grant, Origin, PlainToken, Problem,
    engine::{Progress, Started},
};
use serde_json::{Map, Value, json};
use std::fmt;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The door of our own dialect ([`Origin::door`]). Its areas share it: a transaction goes on only at the door
/// where it began.
pub const DOOR: &str = "login";

/// What a transaction of ours notes for itself ([`gatewright_core::engine::Begin::dialect`]) when the session
/// token is to leave in a cookie.
pub fn cookie_note(cookie: bool) -> Value {
    if cookie { json!({"cookie": true}) } else { Value::Null }
}

/// How the session token of a finished login leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// In a cookie, and not in the body.
    pub cookie: bool,
    /// The client came over TLS: the cookie is marked `Secure`.
    pub secure: bool,
}

impl Manner {
    /// As the transaction noted it when it began. Asked for *before* a step: a finished transaction is gone.
    ///
    /// # Errors
    /// 404 without the transaction.
    pub async fn of(
        house: &House,
        handle: &PlainToken,
        origin: &Origin,
        secure: bool,
    ) -> Result<Self, Problem> {
        // A login with cookies is bound to its browser, so an app without cookies pays nothing for the question.
        if origin.browser.is_none() {
            return Ok(Self { cookie: false, secure });
        }
        let note = house.engine.note(handle, origin).await?.dialect;
        Ok(Self { cookie: note["cookie"] == true, secure })
    }
}

/// How far a login has come, as it is written to the client.
pub struct Outcome {
    /// The body; its shape is [`outcome_schema`].
    pub body: Value,
    /// Value of `Set-Cookie`, where the session token leaves in a cookie.
    pub set_cookie: Option<String>,
}

/// Tells how far it has come and nothing else: tokens and prompts are secret.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("status", &self.body["status"])
            .field("set_cookie", &self.set_cookie.is_some())
            .finish_non_exhaustive()
    }
}

impl Outcome {
    /// Writes it.
    ///
    /// # Errors
    /// 401 when the person has said no elsewhere, and when the person is gone since.
    pub async fn of(house: &House, progress: Progress, manner: Manner) -> Result<Self, Problem> {
        let body = match progress {
            Progress::Done(grant) => return Ok(Self::done(house, &grant, manner)),
            Progress::More(started) => {
                let mut body = begun(&started);
                body.insert("status".to_owned(), "more".into());
                body.extend(started.reveal.map(|reveal| ("reveal".to_owned(), reveal.0)));
                body.into()
            }
            Progress::Reset => json!({"status": "reset"}),
            // To a client of ours a no is a no, whoever said it.
            Progress::Declined { .. } => return Err(Problem::refused()),
            Progress::Continue { handle, expires, prompt } => json!({
                "status": "continue",
                "transaction": handle.expose(),
                "expires_at": rfc3339(expires),
                "prompt": prompt.0,
            }),
            Progress::Pending { retry_after } => json!({
                "status": "pending",
                "retry_after_ms": u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX),
            }),
        };
        Ok(Self { body, set_cookie: None })
    }

    fn done(house: &House, grant: &Grant, manner: Manner) -> Self {
        let (session, person) = (&grant.session, &grant.person);
        let mut body = json!({
            "status": "done",
            "person": {"id": person.id, "username": person.username},
            "session_id": session.id,
            "acr": session.acr,
            "amr": session.amr,
            "access_token": grant.access_token.expose(),
            "access_expires_at": rfc3339(grant.access_expires),
            "session_expires_at": rfc3339(session.expires),
        });
        if let Some(reveal) = &grant.reveal {
            body["reveal"] = reveal.0.clone();
        }
        if manner.cookie {
            let lifetime = session.expires.since(house.engine.now());
            return Self {
                body,
                set_cookie: Some(session_cookie(&grant.session_token, lifetime, manner.secure)),
            };
        }
        body["session_token"] = grant.session_token.expose().into();
        Self { body, set_cookie: None }
    }
}

/// A transaction for the next step.
fn begun(started: &Started) -> Map<String, Value> {
    let next = LoginNext::from(started.next.clone());
    let mut body = Map::new();
    body.insert("transaction".to_owned(), started.handle.expose().into());
    body.insert("expires_at".to_owned(), rfc3339(started.expires).into());
    body.insert("next".to_owned(), poem_openapi::types::ToJSON::to_json(&next).unwrap_or_default());
    body
}

/// A point in time for a typed message; what no calendar has becomes the epoch.
pub fn moment(at: Timestamp) -> OffsetDateTime {
    let nanoseconds = i128::from(at.0) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A point in time on our wire: RFC 3339, in UTC.
pub fn rfc3339(at: Timestamp) -> String {
    moment(at).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, rfc3339};
    use gatewright_contract::Timestamp;
    use serde_json::json;

    #[test]
    fn what_is_printed_holds_no_token() {
        let body = json!({"status": "done", "access_token": "gwa_s3cret", "session_token": "gws_s3cret"});
        let outcome = Outcome { body, set_cookie: Some("gatewright_session=gws_s3cret".to_owned()) };
        let printed = format!("{outcome:?} {outcome:#?}");
        assert!(printed.contains("done") && !printed.contains("s3cret"), "{printed}");
    }

    #[test]
    fn times_are_utc_and_as_exact_as_the_clock() {
        assert_eq!(rfc3339(Timestamp::from_secs(1_700_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(rfc3339(Timestamp(1_700_000_000_250_000)), "2023-11-14T22:13:20.25Z");
    }
}
