//! Judging an answer: throttle, credentials, the authenticator's verdict.

use super::{Engine, credentials::HeldCredentials, step::Loaded};
use crate::{
    Origin, Person,
    person::username_key,
    problem::{Problem, Result},
    store::{Reserved, Tried, Write},
    throttle::{CounterKey, Rule},
};
use gatewright_contract::{Body, Call, DynAuthenticator, Effects, Outcome, RawVerdict, Refusal, Timestamp};
use serde_json::Value;

/// Tries that were counted before they were judged.
pub(super) struct Counted {
    /// Address first, then person.
    counters: Vec<(CounterKey, Rule)>,
    /// The person's counter is blocked: the answer is refused whatever it is.
    pub(super) locked: bool,
    /// The blocks that this try has begun, should its answer be wrong.
    pub(super) begun: Vec<Begun>,
}

/// A block that begins with a try.
pub(super) struct Begun {
    /// Of the address; else of the person.
    pub(super) address: bool,
    /// When it ends.
    pub(super) until: Timestamp,
}

impl Counted {
    /// None were counted (a poll).
    pub(super) fn nothing() -> Self {
        Self { counters: Vec::new(), locked: false, begun: Vec::new() }
    }

    /// Takes the tries back.
    pub(super) fn forgive(&self) -> impl Iterator<Item = Write> + '_ {
        self.in_order(|_, (key, rule)| Write::CounterForgive(*key, *rule))
    }

    /// The login is complete: the person's failures no longer count. (Not earlier: who knows the password
    /// could otherwise guess second factors without end.)
    pub(super) fn clear(&self) -> impl Iterator<Item = Write> + '_ {
        self.in_order(|place, (key, rule)| match place {
            0 if self.counters.len() > 1 => Write::CounterForgive(*key, *rule),
            _ => Write::CounterClear(*key),
        })
    }

    /// In the order in which a database holds them while tries are counted: else two wait for each other.
    fn in_order(&self, write: impl Fn(usize, &(CounterKey, Rule)) -> Write) -> impl Iterator<Item = Write> {
        let mut all: Vec<_> =
            self.counters.iter().enumerate().map(|(place, one)| (one.0.0.0, write(place, one))).collect();
        all.sort_by_key(|(key, _)| *key);
        all.into_iter().map(|(_, write)| write)
    }
}

/// What the authenticator said, and on what.
pub(super) struct Judged {
    pub(super) verdict: RawVerdict,
    pub(super) held: HeldCredentials,
}

impl Engine {
    /// Counts the try. One counter per person and one per address, whatever the door.
    ///
    /// # Errors
    /// 429 when the address is blocked. A blocked person is *not* an error: it must look like a wrong
    /// answer.
    pub(super) async fn count(&self, loaded: &Loaded, origin: &Origin) -> Result<Counted> {
        let rules = &self.settings(loaded).block_config;
        let mut counters = Vec::with_capacity(2);
        if let Some(address) = origin.address {
            let rule = rules.address();
            counters.push((CounterKey::address(address, &rule), rule));
        }
        let addresses = counters.len();
        let name = match (&loaded.transaction.body.claimed, &loaded.person) {
            (Some(claimed), _) => Some(claimed.clone()),
            (None, Some(person)) => username_key(&person.username),
            (None, None) => None,
        };
        if let Some(name) = name {
            counters.push((CounterKey::username(&loaded.transaction.tenant, &name), rules.person()));
        }
        let Tried { result, begun } = self.store.reserve(&counters, loaded.now).await?;
        let begun = begun.into_iter().map(|(place, until)| Begun { address: place < addresses, until });
        let begun = begun.collect();
        match result {
            Reserved::Granted => Ok(Counted { counters, locked: false, begun }),
            Reserved::Blocked { index, until } if index < addresses => {
                tracing::warn!(address = ?origin.address, "too many failed attempts from this address");
                Err(Problem::too_many(until.since(loaded.now)))
            }
            Reserved::Blocked { .. } => Ok(Counted { counters: Vec::new(), locked: true, begun }),
        }
    }

    /// Asks the authenticator. Somebody locked or disabled has no credentials here, so that the answer
    /// costs what it costs for an unknown person, and is refused.
    pub(super) async fn judge(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        (state, answer): (Body, Value),
        counted: &Counted,
        origin: &Origin,
    ) -> Result<Judged> {
        let mut scope = self.scope(loaded, origin);
        let mut held = self.held(loaded, plugin).await?;
        if counted.locked {
            held.opened.clear();
            // What asks elsewhere (a directory) must not go on guessing there.
            scope.person = None;
        }
        let call = Call { scope: &scope, credentials: &held.opened, body: (state, Body(answer)) };
        let mut verdict = plugin.verify(call).await?;
        let may = loaded.person.as_ref().is_some_and(Person::may_log_in) && !counted.locked;
        let admissible = may && rests_on_what_was_seen(&verdict, &held);
        if !admissible && matches!(verdict.outcome, Outcome::Accepted(_)) {
            verdict = RawVerdict::refused(Refusal::NotEnrolled);
        }
        if !admissible {
            verdict.effects = Effects::none();
        }
        Ok(Judged { verdict, held })
    }
}

/// Where a credential could not be opened, nobody gets in without one: it might have said no (an account that is tied to
/// another entry of the directory).
fn rests_on_what_was_seen(verdict: &RawVerdict, held: &HeldCredentials) -> bool {
    match &verdict.outcome {
        Outcome::Accepted(by) if held.left_out => {
            by.credential.is_some_and(|id| held.opened.iter().any(|h| h.id == id))
        }
        _ => true,
    }
}
