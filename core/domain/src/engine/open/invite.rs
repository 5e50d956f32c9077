//! Asking what is needed to set something up, whoever it is.

use super::Anybody;
use crate::{
    Engine, Origin,
    engine::{
        Begin,
        step::{Loaded, claimed},
    },
    problem::{Problem, Result},
};
use gatewright_contract::{Body, Call, DynAuthenticator, Purpose};
use serde_json::{Map, Value};
use std::sync::Arc;

impl Engine {
    /// Asks what is needed to set something up, for whoever says this name: nobody is looked for, and nothing is kept but
    /// what the authenticator keeps itself (its draft is empty).
    ///
    /// # Errors
    /// 400 for a body of the wrong shape and an authenticator that can't be set up so, 404 without the tenant, 429.
    pub async fn invite_anybody(
        &self,
        who: &Anybody,
        authenticator: &str,
        body: Value,
        origin: &Origin,
    ) -> Result<Value> {
        let loaded = self.anybody(who, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        let plugin = self.open_to_all(authenticator)?;
        self.must_be_our_page(&loaded, &*plugin, origin)?;
        let scope = self.scope(&loaded, origin);
        let invitation = plugin.invite(Call { scope: &scope, credentials: &[], body: Body(body) }).await?;
        // There is no transaction that could hold a draft, and no person to write to.
        let keeps_it_itself = invitation.state.0.as_object().is_some_and(Map::is_empty);
        match keeps_it_itself && invitation.effects.is_none() {
            true => Ok(invitation.prompt),
            false => Err(Problem::unknown_authenticator()),
        }
    }

    /// A conversation with nobody in particular, which is not stored.
    pub(super) async fn anybody(&self, who: &Anybody, origin: &Origin) -> Result<Loaded> {
        let key = claimed(&who.username)?;
        let begin = Begin {
            client: who.client.clone(),
            request: who.request.clone(),
            ..Begin::login(who.tenant.clone(), None)
        };
        let (mut loaded, _) = self.prepare(begin, origin).await?;
        loaded.pseudonym = self.pseudonym(&who.tenant, &key).await?;
        let body = &mut loaded.transaction.body;
        body.purpose = Purpose::Enrol;
        body.typed = Some(who.username.clone());
        body.claimed = Some(key);
        Ok(loaded)
    }

    /// One that people set up by themselves.
    pub(super) fn open_to_all(&self, authenticator: &str) -> Result<Arc<dyn DynAuthenticator>> {
        let plugin = self.enrollable(authenticator)?;
        match plugin.manifest().traits.self_service {
            true => Ok(plugin),
            false => Err(Problem::unknown_authenticator()),
        }
    }
}
