//! Letters to an address that somebody has typed: few, so that nobody floods a mailbox that is not theirs.

use crate::{Engine, engine::address::CHANNEL, problem::Result, store::Write};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, Message, Pseudonym, Secret, TenantId, Timestamp};
use std::time::Duration;

/// Where it is kept how many there were.
const AREA: &str = "register";
/// Letters to one address.
const MOST: usize = 5;
/// Within this time.
const WITHIN: Duration = Duration::from_secs(86_400);

/// Whether one more letter may go to an address, and what is written with it.
pub(super) struct Turn {
    pub(super) free: bool,
    pub(super) write: Write,
}

impl Engine {
    /// Counts one more letter to this address, by its pseudonym. The write conflicts where another is counted at the same
    /// time.
    pub(super) async fn turn(&self, tenant: &TenantId, address: &Pseudonym, now: Timestamp) -> Result<Turn> {
        // The pseudonym is a keyed hash: a table of counts is no list of addresses.
        let key = format!("letters|{}", HEXLOWER.encode(&address.0));
        let found = self.store.document(AREA, tenant, &key, now).await?;
        let (mut sent, expect): (Vec<Timestamp>, _) = match found {
            Some((bytes, rev)) => (serde_json::from_slice(&bytes).unwrap_or_default(), Some(rev)),
            None => (Vec::new(), None),
        };
        sent.retain(|at| *at <= now && now.since(*at) < WITHIN);
        let free = sent.len() < MOST;
        if free {
            sent.push(now);
        }
        let value = serde_json::to_vec(&sent).map_err(|e| Fault::caused("a count can't be written", e))?;
        // Written also where nothing is added, so that a flood costs what a letter costs.
        let (plugin, tenant) = (AREA.to_owned(), tenant.clone());
        let expires = Some(now.plus(WITHIN));
        Ok(Turn { free, write: Write::DocumentPut { plugin, tenant, key, expect, value, expires, now } })
    }
}

/// A letter without a link or a name: what somebody has typed about themselves is not sent to an address that may not be
/// theirs.
pub(super) fn bare(template: &str, to: &str) -> Message {
    Message {
        channel: CHANNEL.to_owned(),
        to: Secret::new(to.to_owned()),
        template: template.to_owned(),
        values: Vec::new(),
        expires_in: WITHIN,
    }
}
