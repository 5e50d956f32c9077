//! A line as JSON, for whoever keeps or checks the log elsewhere.

use super::Logged;
use data_encoding::HEXLOWER;
use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Everything of a line, with what its hash is made of.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    number: i64,
    tenant: String,
    at: String,
    at_micros: i64,
    kind: String,
    person: Option<PersonId>,
    actor: Option<PersonId>,
    session: Option<SessionId>,
    authenticator: Option<String>,
    target: Option<String>,
    outcome: String,
    door: String,
    address: Option<String>,
    request_id: String,
    hash: Option<String>,
}

impl From<Logged> for Line {
    fn from(Logged { number, event, hash }: Logged) -> Self {
        Self {
            number,
            tenant: event.tenant.to_string(),
            at: rfc3339(event.at),
            at_micros: event.at.0,
            kind: event.kind,
            person: event.person,
            actor: event.actor,
            session: event.session,
            authenticator: event.authenticator,
            target: event.target,
            outcome: event.outcome,
            door: event.door,
            address: event.address,
            request_id: event.request_id,
            hash: hash.map(|hash| HEXLOWER.encode(&hash)),
        }
    }
}

impl Line {
    /// JSON in one line, with the line feed.
    pub fn text(&self) -> String {
        // Strings, numbers and ids: there is nothing that could not be JSON.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.0.to_string())
}
