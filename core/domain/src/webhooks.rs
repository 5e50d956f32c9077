//! Webhooks: what happens goes out as signed requests, after Standard Webhooks.
//!
//! The audit log is the queue: a webhook knows the last line that it has handled. A line that it wants becomes a
//! delivery in the same commit that moves it on, so that of two workers exactly one does it. Each webhook has a queue
//! of its own, so that a full one holds up no other. Nothing is fetched here: the host sends.

mod attempt;
mod deliveries;
mod feed;
mod manage;
mod rules;
mod schedule;
mod sign;

pub use attempt::{Ended, Outbound, Outcome};
pub use deliveries::{Delivery, DeliveryPage, DeliveryState};
pub use feed::{FEED_AT_ONCE, Hook};
pub use manage::{Change, NewWebhook};
pub use schedule::MOST_TRIES;
pub use sign::{SECRET_PREFIX, secret_of, signature};

use crate::{problem::Result, store::Record};
use gatewright_contract::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of the record of a webhook.
pub(crate) const WEBHOOK: &str = "webhook";

/// Webhooks that a tenant may have.
const MOST: usize = 50;

/// A webhook, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    url: String,
    description: Option<String>,
    kinds: Vec<String>,
    enabled: bool,
    disabled_because: Option<String>,
    failing_since: Option<Timestamp>,
    /// The last line of the audit log that was handled.
    cursor: i64,
    /// Sealed.
    secret: String,
    /// The one before it, while both sign.
    previous: Option<Previous>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Previous {
    /// Sealed.
    secret: String,
    until: Timestamp,
}

/// A webhook, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: Uuid,
    /// Where the requests go.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events.
    pub kinds: Vec<String>,
    /// Whether requests go out.
    pub enabled: bool,
    /// Why the host has switched it off.
    pub disabled_because: Option<String>,
    /// Since when every request has failed.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before the present one signs as well.
    pub previous_until: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
}

impl Webhook {
    fn of(record: &Record) -> Result<Self> {
        let stored: Stored = record.value()?;
        Ok(Self {
            id: record.id,
            url: stored.url,
            description: stored.description,
            kinds: stored.kinds,
            enabled: stored.enabled,
            disabled_because: stored.disabled_because,
            failing_since: stored.failing_since,
            previous_until: stored.previous.map(|previous| previous.until),
            created: record.created,
        })
    }
}

/// What a secret is sealed for.
fn context(tenant: &TenantId, webhook: Uuid) -> String {
    format!("webhook|{tenant}|{webhook}")
}

/// How the audit log names it.
fn target(webhook: Uuid) -> String {
    format!("webhook:{webhook}")
}
