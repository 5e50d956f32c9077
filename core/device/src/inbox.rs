//! What waits for a person's devices, and how often they may be asked.

use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, Host, Scope, TenantId, Timestamp, TransactionId, Versioned};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most prompts that wait at once; the oldest goes.
const MOST_WAITING: usize = 8;
/// How often a change is tried again because somebody else was first.
const ROUNDS: usize = 8;

/// How often a person's devices may be asked: who knows a password must not be able to make somebody's pocket buzz
/// until they say yes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Prompts in the window.
    pub prompts: u8,
    /// The window.
    pub window: Duration,
}

/// A prompt that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The login that it belongs to; a later prompt of the same takes its place.
    pub transaction: TransactionId,
    /// The name under which the decision finds the login.
    pub wake: String,
    /// What the device shows.
    pub shown: String,
    /// Whether a number must be typed.
    pub number: bool,
    /// Until when it can be decided.
    pub expires: Timestamp,
}

/// What is stored for one person.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    /// When prompts were sent, in the window.
    sent: Vec<Timestamp>,
    waiting: Vec<Waiting>,
}

/// The prompts of one person.
pub struct Inbox<'a> {
    host: &'a Host,
    tenant: &'a TenantId,
    key: String,
    now: Timestamp,
}

impl<'a> Inbox<'a> {
    /// Of the scope's person. Somebody who is not there has one too, so that asking them costs the same.
    pub fn of(host: &'a Host, scope: &'a Scope) -> Self {
        let whose = match &scope.person {
            Some(person) => person.id.to_string(),
            None => HEXLOWER.encode(&scope.pseudonym.0[..16]),
        };
        Self { host, tenant: &scope.tenant, key: format!("inbox.{whose}"), now: scope.now }
    }

    /// Puts a prompt in, in the place of an earlier one of the same login; `false` when there have been too many.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put(&self, prompt: Waiting, limits: Limits) -> Result<bool, Fault> {
        let keep = limits.window.max(prompt.expires.since(self.now));
        let put = |stored: &mut Stored| {
            stored.sent.retain(|at| self.now.since(*at) < limits.window && *at <= self.now);
            if stored.sent.len() >= usize::from(limits.prompts) {
                return false;
            }
            stored.sent.push(self.now);
            stored.waiting.retain(|w| w.transaction != prompt.transaction);
            if stored.waiting.len() >= MOST_WAITING {
                stored.waiting.remove(0);
            }
            stored.waiting.push(prompt.clone());
            true
        };
        self.change(put, keep).await
    }

    /// What waits.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, Fault> {
        Ok(self.read().await?.value.waiting)
    }

    /// Takes one out that has been decided.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn take(&self, wake: &str, limits: Limits) -> Result<(), Fault> {
        let taken = |stored: &mut Stored| {
            let before = stored.waiting.len();
            stored.waiting.retain(|w| w.wake != wake);
            stored.waiting.len() < before
        };
        self.change(taken, limits.window).await.map(|_| ())
    }

    /// Reads, changes and writes what nobody else has changed since; writes nothing where there is nothing to write.
    async fn change(&self, mut with: impl FnMut(&mut Stored) -> bool, keep: Duration) -> Result<bool, Fault> {
        for _ in 0..ROUNDS {
            let mut read = self.read().await?;
            if !with(&mut read.value) {
                return Ok(false);
            }
            let last = read.value.waiting.iter().map(|w| w.expires.since(self.now)).max().unwrap_or_default();
            let bytes = serde_json::to_vec(&read.value)
                .map_err(|e| Fault::caused("what waits for a device can't be written", e))?;
            let expect = (read.rev > 0).then_some(read.rev);
            match self.host.kv_cas(self.tenant, &self.key, expect, &bytes, Some(keep.max(last))).await {
                Ok(_) => return Ok(true),
                Err(Fault::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Fault::unavailable("what waits for a device is being changed all the time"))
    }

    /// At revision 0 where nothing is stored.
    async fn read(&self) -> Result<Versioned<Stored>, Fault> {
        let Some(found) = self.host.kv_get(self.tenant, &self.key).await? else {
            return Ok(Versioned { rev: 0, value: Stored::default() });
        };
        let mut value: Stored = serde_json::from_slice(&found.value)
            .map_err(|e| Fault::caused("what waits for a device is damaged", e))?;
        value.waiting.retain(|w| w.expires > self.now);
        Ok(Versioned { rev: found.rev, value })
    }
}
