//! Something from outside moves a pending challenge.

use super::{Engine, credentials::HeldCredentials, step::Loaded};
use crate::{
    Origin, Person,
    audit::Event,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    transaction::PendingStep,
};
use data_encoding::HEXLOWER;
use gatewright_contract::{Body, Call, DynAuthenticator, LookupKey};
use serde_json::Value;

/// How often an event is handed over anew because the transaction moved in the meantime.
const ROUNDS: usize = 3;

impl Engine {
    /// Hands an event to the challenge that it is for. Whether there is one is not said.
    ///
    /// # Errors
    /// 400 for an authenticator that takes no events or an event of the wrong shape, 429 for too many from one
    /// address, 503 where nobody could tell whose it is: it must come again.
    pub async fn signal(&self, authenticator: &str, event: Value, origin: &Origin) -> Result<()> {
        // Before the transaction is known, and with it the tenant: who guesses finds none.
        if let Some(address) = origin.address {
            self.rates.address(address).map_err(Problem::too_fast)?;
        }
        let catalogue = self.catalogue();
        let event = Body(event);
        let mut readers = catalogue.generations(authenticator).filter(|a| a.manifest().abilities.signal);
        let newest = readers.next().ok_or_else(Problem::unknown_authenticator)?;
        let named = newest.correlate(&event).await.map_err(Problem::from);
        if let Ok(key) = &named
            && self.handed_over(authenticator, key, &event, origin).await?
        {
            return Ok(());
        }
        // Whose challenge it is for, only its transaction says: one that has been replaced may name it in another way.
        let mut tried: Vec<LookupKey> = named.as_ref().ok().cloned().into_iter().collect();
        // One only: an event that is for nobody wakes no more than that.
        for older in readers.take(1) {
            let Ok(key) = older.correlate(&event).await else { continue };
            if !tried.contains(&key) && self.handed_over(authenticator, &key, &event, origin).await? {
                return Ok(());
            }
            tried.push(key);
        }
        match named {
            Err(problem) if tried.is_empty() || problem.status >= 500 => Err(problem),
            _ => Ok(()),
        }
    }

    /// Hands the event to what waits under this key; `false` when nothing does.
    async fn handed_over(
        &self,
        authenticator: &str,
        key: &LookupKey,
        event: &Body,
        origin: &Origin,
    ) -> Result<bool> {
        for _ in 0..ROUNDS {
            let now = self.now();
            let found = self.store.transaction_by_wake(authenticator, key, now).await?;
            let Some(transaction) = found else { return Ok(false) };
            let loaded = self.surround(transaction, now).await?;
            if self.moved(loaded, authenticator, event, origin).await? {
                return Ok(true);
            }
        }
        Err(Problem::conflict("The login is moving at the same time. Try again."))
    }

    /// Hands the event over; `false` when the transaction moved in the meantime.
    async fn moved(
        &self,
        mut loaded: Loaded,
        authenticator: &str,
        event: &Body,
        origin: &Origin,
    ) -> Result<bool> {
        let pending = loaded.transaction.body.pending.clone();
        let Some(pending) = pending.filter(|p| p.authenticator == authenticator && p.expires > loaded.now)
        else {
            return Ok(true);
        };
        let line = Event::new("login.signal", &loaded.transaction.tenant, loaded.now, origin)
            .about(loaded.transaction.body.person)
            .with(authenticator);
        let Ok(plugin) = self.catalogue().at(authenticator, pending.generation.as_deref()) else {
            // Nobody is left who could read the state; whoever waits hears of it.
            self.store.commit(vec![Write::Audit(line.but("superseded"))]).await?;
            return Ok(true);
        };
        let browser = origin.browser.map(|b| HEXLOWER.encode(&b.0));
        let same = browser.is_some() && loaded.transaction.body.browser == browser;
        if plugin.manifest().abilities.same_browser && !same {
            self.store.commit(vec![Write::Audit(line.but("another_browser"))]).await?;
            return Ok(true);
        }
        let state = self.open_state(&loaded.transaction, &pending.state).await?;
        let scope = self.scope(&loaded, origin);
        let held = self.held_for_event(&loaded, &*plugin, event).await?;
        let call = Call { scope: &scope, credentials: &held.opened, body: (state, event.clone()) };
        let Some(state) = plugin.signal(call).await? else {
            self.store.commit(vec![Write::Audit(line.but("refused"))]).await?;
            return Ok(true);
        };
        let sealed = self.seal_state(&loaded.transaction, &state).await?;
        loaded.transaction.body.pending = Some(PendingStep { state: sealed, ..pending });
        loaded.transaction.rev += 1;
        match self.store.commit(vec![Write::TransactionReplace(loaded.transaction), Write::Audit(line)]).await
        {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(Subject::Transaction)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Those of the transaction's person; where nobody has been named, those of whom the event says it is of.
    async fn held_for_event(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        event: &Body,
    ) -> Result<HeldCredentials> {
        let body = &loaded.transaction.body;
        let said = plugin.speaks_for(event).await?;
        let (None, None, Some(key)) = (&body.claimed, &body.person, said) else {
            return self.held(loaded, plugin).await;
        };
        let (tenant, id) = (&loaded.transaction.tenant, &plugin.manifest().id);
        let found = self.store.credential_by_lookup(tenant, id, &key).await?;
        let person = match found {
            Some(credential) => self.store.person(tenant, credential.person).await?,
            None => None,
        };
        match person.filter(Person::may_log_in) {
            Some(person) => self.held_that_open(&person, plugin).await,
            None => self.held(loaded, plugin).await,
        }
    }
}
