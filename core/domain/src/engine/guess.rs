//! Guesses at short codes that name nobody: they count against the address, like wrong answers.

use super::Engine;
use crate::{
    Origin, Tenant,
    problem::{Problem, Result},
    store::{Reserved, Write},
    throttle::{CounterKey, Rule},
};

/// A guess that was counted before it was looked up.
#[derive(Debug)]
pub struct Guess(Option<(CounterKey, Rule)>);

impl Guess {
    /// It was right: takes the count back.
    pub fn forgive(self) -> Option<Write> {
        self.0.map(|(key, rule)| Write::CounterForgive(key, rule))
    }
}

impl Engine {
    /// Counts a guess, and a step.
    ///
    /// # Errors
    /// 429 for an address that has guessed too often, or too many steps.
    pub async fn guess(&self, tenant: &Tenant, origin: &Origin) -> Result<Guess> {
        self.admit(tenant, origin)?;
        let Some(address) = origin.address else { return Ok(Guess(None)) };
        let (now, rule) = (self.now(), self.settings_of(tenant).block_config.address());
        let counter = (CounterKey::address(address, &rule), rule);
        match self.store.reserve(&[counter], now).await?.result {
            Reserved::Granted => Ok(Guess(Some(counter))),
            Reserved::Blocked { until, .. } => Err(Problem::too_many(until.since(now))),
        }
    }
}
