//! Something from outside moves a pending challenge.

use super::{Engine, challenge::step_conflict};
use crate::{
    Origin,
    audit::Event,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{Body, Call};
use serde_json::Value;

impl Engine {
    /// Hands an event to the challenge that it is for. Whether there is one is not said.
    ///
    /// # Errors
    /// 400 for an authenticator that takes no events or an event of the wrong shape.
    pub async fn signal(&self, authenticator: &str, event: Value, origin: &Origin) -> Result<()> {
        let plugin = self.catalogue.get(authenticator)?;
        if !plugin.manifest().abilities.signal {
            return Err(Problem::unknown_authenticator());
        }
        let event = Body(event);
        let key = plugin.correlate(&event)?;
        let now = self.now();
        let found = self.store.transaction_by_wake(authenticator, &key).await?.filter(|t| t.expires > now);
        let Some(transaction) = found else { return Ok(()) };
        let mut loaded = self.surround(transaction, now).await?;
        let pending = loaded.transaction.body.pending.clone();
        let Some(pending) = pending.filter(|p| p.authenticator == authenticator && p.expires > now) else {
            return Ok(());
        };
        let state = self.open_state(&loaded.transaction, &pending.state).await?;
        let scope = self.scope(&loaded, origin);
        let held = self.held(&loaded, authenticator).await?;
        let call = Call { scope: &scope, credentials: &held.opened, body: (state, event) };
        let line = Event::new("login.signal", &loaded.transaction.tenant, now, origin)
            .about(loaded.transaction.body.person)
            .with(authenticator);
        let Some(state) = plugin.signal(call).await? else {
            return Ok(self.store.commit(vec![Write::Audit(line.but("refused"))]).await?);
        };
        let sealed = self.seal_state(&loaded.transaction, &state).await?;
        loaded.transaction.body.pending = Some(crate::transaction::PendingStep { state: sealed, ..pending });
        loaded.transaction.rev += 1;
        let writes = vec![Write::TransactionReplace(loaded.transaction), Write::Audit(line)];
        self.store.commit(writes).await.map_err(step_conflict)
    }
}
