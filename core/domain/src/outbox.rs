//! The outbox: messages to people, written in the same commit as the step that they belong to and delivered after it.
//!
//! A reply waits for no mail server, so that its time tells nothing of who exists, and a host that ends between the
//! commit and the mail loses none: another one sends it. A message is sealed where it waits, belongs to one channel's
//! queue, and is tried until it arrives, is refused for good or expires. It may arrive twice (a host that ends between
//! the mail and the note of it), with the same id, but never after it has expired.

mod attempt;
mod post;
mod schedule;

pub use attempt::{Claimed, Ended, Outbound};
pub(crate) use post::{Posted, Sender};

use gatewright_contract::{Secret, TenantId, Timestamp, in_sealed_document};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Told the channel for which something waits; returns at once.
pub type Bell = Arc<dyn Fn(&str) + Send + Sync>;

/// Messages to one person by one channel and template that wait at the same time. One more takes the place of those.
pub const MOST_OF_ONE: u32 = 5;
/// Messages of one tenant by one channel that wait at the same time. With more, what would send another is refused.
pub const MOST_OF_TENANT: u32 = 5_000;
/// No message waits longer, whatever its author thinks.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// For so long a try belongs to who has claimed it: one whose host has ended is tried again after it.
pub const LEASE: Duration = Duration::from_secs(60);

/// The kind of the records of what waits for one channel: a queue of its own.
fn queue(channel: &str) -> String {
    format!("message/{channel}")
}

/// What a message is sealed for.
fn context(tenant: &TenantId, id: Uuid) -> String {
    format!("message|{tenant}|{id}")
}

/// How the audit log names it.
fn target(id: Uuid) -> String {
    format!("message:{id}")
}

/// A message that waits, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    expires: Timestamp,
    tries: u32,
    /// A [`Letter`].
    sealed: String,
}

/// What is in it.
#[derive(Serialize, Deserialize)]
struct Letter {
    /// Empty: it is for nobody.
    #[serde(with = "in_sealed_document")]
    to: Secret<String>,
    template: String,
    values: Vec<Value>,
    locale: Option<String>,
    person: Option<Uuid>,
    authenticator: String,
    request_id: String,
}

#[derive(Serialize, Deserialize)]
struct Value {
    name: String,
    #[serde(with = "in_sealed_document")]
    value: Secret<String>,
}
