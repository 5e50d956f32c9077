//! Who is asked, and whether it may be asked now.

use super::{Engine, step::Loaded};
use crate::{
    Origin, Person,
    policy::Decision,
    problem::{Problem, Result},
    transaction::PendingStep,
};
use data_encoding::HEXLOWER;
use gatewright_contract::{DynAuthenticator, Purpose};
use std::sync::Arc;

impl Engine {
    /// Refuses an authenticator that is not due now.
    pub(super) fn must_be_due(&self, loaded: &Loaded, authenticator: &str) -> Result<()> {
        if loaded.transaction.body.purpose == Purpose::Enrol {
            return Err(Problem::out_of_order("This transaction sets something up; it is no login."));
        }
        let due = match self.decide(loaded) {
            Decision::First(list) | Decision::Second(list) => list,
            Decision::Enrol(_) => {
                return Err(Problem::out_of_order("Something must be set up before this login can end."));
            }
            Decision::Unavailable => return Err(Problem::unavailable(None)),
            Decision::Enough { .. } => Vec::new(),
        };
        match due.iter().any(|id| id == authenticator) {
            true => Ok(()),
            false => Err(Problem::unknown_authenticator()),
        }
    }

    /// Refuses one that can't do its part in this transaction.
    pub(super) fn must_fit(&self, loaded: &Loaded, plugin: &dyn DynAuthenticator) -> Result<()> {
        let named = loaded.transaction.body.claimed.is_some() || loaded.transaction.body.person.is_some();
        if !named && !plugin.manifest().abilities.identify {
            return Err(Problem::out_of_order("This authenticator needs a username: begin with one."));
        }
        self.must_be_in_a_browser(loaded, plugin)
    }

    /// Who judges what is sent now: the one that has asked, or where it has not asked, the one that serves.
    ///
    /// # Errors
    /// 409 when the one that has asked is gone, 400 when there is none of this id.
    pub(super) fn asker(
        &self,
        loaded: &Loaded,
        authenticator: &str,
        enrolment: bool,
    ) -> Result<Arc<dyn DynAuthenticator>> {
        let mine = |p: &&PendingStep| p.authenticator == authenticator && p.enrolment == enrolment;
        match loaded.transaction.body.pending.as_ref().filter(mine) {
            Some(asked) => self.catalogue().at(authenticator, asked.generation.as_deref()),
            None => self.catalogue().get(authenticator),
        }
    }

    /// What sends a browser away is bound to the one that asks for it, where the login did not begin bound: whoever
    /// holds its handle is sent away, and only who was sent away can come back.
    pub(super) fn bind_to_browser(
        &self,
        loaded: &mut Loaded,
        plugin: &dyn DynAuthenticator,
        origin: &Origin,
    ) {
        let browser = &mut loaded.transaction.body.browser;
        if browser.is_none() && plugin.manifest().abilities.same_browser {
            *browser = origin.browser.map(|b| HEXLOWER.encode(&b.0));
        }
    }

    /// What sends a browser away must know it when it comes back.
    pub(super) fn must_be_in_a_browser(&self, loaded: &Loaded, plugin: &dyn DynAuthenticator) -> Result<()> {
        let abilities = plugin.manifest().abilities;
        match abilities.same_browser && loaded.transaction.body.browser.is_none() {
            false => Ok(()),
            true => Err(Problem::out_of_order(
                "This authenticator sends the browser elsewhere and must know it when it comes back: the browser itself \
                 must ask, with cookies. (A program that asks in its place can't be answered.)",
            )),
        }
    }

    /// Whether the tenant's policy takes it for a second factor.
    pub(super) fn is_second(&self, loaded: &Loaded, authenticator: &str) -> bool {
        let catalogue = self.catalogue();
        let seconds = self.settings(loaded).policy.second_steps(&catalogue);
        let fallback = catalogue.manifest(authenticator).is_some_and(|m| m.traits.steps.fallback);
        !fallback && seconds.iter().any(|id| id == authenticator)
    }

    /// Whether this will be the person's first second factor.
    pub(super) async fn is_first_second(
        &self,
        loaded: &Loaded,
        person: &Person,
        authenticator: &str,
    ) -> Result<bool> {
        if !self.is_second(loaded, authenticator) {
            return Ok(false);
        }
        let held = self.store.credentials(&person.tenant, person.id).await?;
        Ok(!held.iter().any(|c| self.is_second(loaded, &c.authenticator)))
    }
}
