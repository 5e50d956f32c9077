//! Letters to an address that somebody has typed: few, so that nobody floods a mailbox that is not theirs.

use crate::{Engine, engine::address::CHANNEL, problem::Result, store::Write};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, Message, Pseudonym, Secret, TenantId, Timestamp};
use std::time::Duration;

/// Where it is kept how many there were.
const AREA: &str = "register";
/// Letters to one address, and of one kind to one person.
const MOST: usize = 5;
/// Within this time.
const WITHIN: Duration = Duration::from_secs(86_400);

/// Whether one more letter may go to an address, and what is written with it.
pub(in crate::engine) struct Turn {
    pub(in crate::engine) free: bool,
    pub(in crate::engine) write: Write,
}

impl Engine {
    /// What letters to an address (as [`crate::person::email_key`] has it) are counted by.
    pub(in crate::engine) async fn addressee(&self, tenant: &TenantId, address: &str) -> Result<Pseudonym> {
        // No login name has a NUL, so that none shares this with an address.
        self.pseudonym(tenant, &format!("\0address|{address}")).await
    }

    /// Counts one more letter to whom this names. The write conflicts where another is counted at the same time.
    pub(in crate::engine) async fn turn(
        &self,
        tenant: &TenantId,
        to: &Pseudonym,
        now: Timestamp,
    ) -> Result<Turn> {
        // The pseudonym is a keyed hash: a table of counts is no list of addresses.
        let key = format!("letters|{}", HEXLOWER.encode(&to.0));
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
pub(in crate::engine) fn bare(template: &str, to: &str) -> Message {
    Message {
        channel: CHANNEL.to_owned(),
        to: Secret::new(to.to_owned()),
        template: template.to_owned(),
        values: Vec::new(),
        expires_in: WITHIN,
    }
}
