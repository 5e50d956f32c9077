//! Where the answer itself says who it is.

use super::{Engine, step::Loaded};
use crate::{
    Origin, Person,
    person::username_key,
    problem::{Problem, Result},
};
use gatewright_contract::{Body, Call, DynAuthenticator};
use serde_json::Value;

impl Engine {
    /// Where nobody has been named: lets the answer say who it is.
    pub(super) async fn identified(
        &self,
        loaded: &mut Loaded,
        plugin: &dyn DynAuthenticator,
        (state, answer): (Body, &Value),
        named: Option<&str>,
        origin: &Origin,
    ) -> Result<Body> {
        let body = &loaded.transaction.body;
        if body.claimed.is_some() || body.person.is_some() {
            return Ok(state);
        }
        let scope = self.scope(loaded, origin);
        let call = Call { scope: &scope, credentials: &[], body: (state, Body(answer.clone())) };
        let found = plugin.identify(call).await?;
        if let Some(key) = found.lookup {
            let (tenant, id) = (&loaded.transaction.tenant, &plugin.manifest().id);
            if let Some(credential) = self.store.credential_by_lookup(tenant, id, &key).await? {
                let found = self.store.person(tenant, credential.person).await?;
                // Who asks about Ada must not be told that it worked for somebody else.
                let right = |p: &Person| named.is_none_or(|n| username_key(n) == username_key(&p.username));
                loaded.person = found.filter(right);
                loaded.transaction.body.person = loaded.person.as_ref().map(|p| p.id);
            }
        }
        Ok(found.state)
    }
}

/// Where an earlier answer has said who it is: who asks about Ada must not be told that it worked for somebody else.
pub(super) fn must_be_named(loaded: &Loaded, named: Option<&str>) -> Result<()> {
    match (&loaded.transaction.body.claimed, &loaded.person, named) {
        (None, Some(person), Some(name)) if username_key(name) != username_key(&person.username) => {
            Err(Problem::refused())
        }
        _ => Ok(()),
    }
}
