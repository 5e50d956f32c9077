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
use gatewright_contract::{Body, Call};
use serde_json::Value;

/// How often an event is handed over anew because the transaction moved in the meantime.
const ROUNDS: usize = 3;

impl Engine {
    /// Hands an event to the challenge that it is for. Whether there is one is not said.
    ///
    /// # Errors
    /// 400 for an authenticator that takes no events or an event of the wrong shape, 429 for too many from one
    /// address.
    pub async fn signal(&self, authenticator: &str, event: Value, origin: &Origin) -> Result<()> {
        // Before the transaction is known, and with it the tenant: who guesses finds none.
        if let Some(address) = origin.address {
            self.rates.address(address).map_err(Problem::too_fast)?;
        }
        let plugin = self.catalogue.get(authenticator)?;
        if !plugin.manifest().abilities.signal {
            return Err(Problem::unknown_authenticator());
        }
        let event = Body(event);
        let key = plugin.correlate(&event).await?;
        for _ in 0..ROUNDS {
            let now = self.now();
            let found = self.store.transaction_by_wake(authenticator, &key, now).await?;
            let Some(transaction) = found else { return Ok(()) };
            let loaded = self.surround(transaction, now).await?;
            if self.moved(loaded, authenticator, &event, origin).await? {
                return Ok(());
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
        let plugin = self.catalogue.get(authenticator)?;
        let pending = loaded.transaction.body.pending.clone();
        let Some(pending) = pending.filter(|p| p.authenticator == authenticator && p.expires > loaded.now)
        else {
            return Ok(true);
        };
        let line = Event::new("login.signal", &loaded.transaction.tenant, loaded.now, origin)
            .about(loaded.transaction.body.person)
            .with(authenticator);
        let browser = origin.browser.map(|b| HEXLOWER.encode(&b.0));
        let same = browser.is_some() && loaded.transaction.body.browser == browser;
        if plugin.manifest().abilities.same_browser && !same {
            self.store.commit(vec![Write::Audit(line.but("another_browser"))]).await?;
            return Ok(true);
        }
        let state = self.open_state(&loaded.transaction, &pending.state).await?;
        let scope = self.scope(&loaded, origin);
        let held = self.held_for_event(&loaded, authenticator, event).await?;
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
        authenticator: &str,
        event: &Body,
    ) -> Result<HeldCredentials> {
        let body = &loaded.transaction.body;
        let said = self.catalogue.get(authenticator)?.speaks_for(event).await?;
        let (None, None, Some(key)) = (&body.claimed, &body.person, said) else {
            return self.held(loaded, authenticator).await;
        };
        let tenant = &loaded.transaction.tenant;
        let found = self.store.credential_by_lookup(tenant, authenticator, &key).await?;
        let person = match found {
            Some(credential) => self.store.person(tenant, credential.person).await?,
            None => None,
        };
        match person.filter(Person::may_log_in) {
            Some(person) => self.held_by(&person, authenticator).await,
            None => self.held(loaded, authenticator).await,
        }
    }
}
