//! The holder of a credential asks outside of any login: a device fetches what waits for it.

use super::Engine;
use crate::{
    Origin, Person,
    credential::StoredCredential,
    problem::{Problem, Result},
};
use gatewright_contract::{Asker, Body, Call, DynAuthenticator, Fault, Purpose, Scope, TenantId};
use serde_json::Value;

impl Engine {
    /// Hands what a device asks to its authenticator, with the one credential that it says it is.
    ///
    /// # Errors
    /// 401 for a device that is not known, is not believed, or whose owner may not log in, alike; 400 for an
    /// authenticator that answers no devices, 404 for a tenant that is not there, 429 for too many.
    pub async fn attend(
        &self,
        tenant: &TenantId,
        authenticator: &str,
        ask: Value,
        origin: &Origin,
    ) -> Result<Value> {
        let tenant = self.tenant(tenant).await?;
        self.admit(&tenant, origin)?;
        let plugin = self.catalogue().get(authenticator)?;
        if !plugin.manifest().abilities.attend {
            return Err(Problem::unknown_authenticator());
        }
        let (now, ask) = (self.now(), Body(ask));
        let key = plugin.asker(&ask).await?;
        let found = self.store.credential_by_lookup(&tenant.id, authenticator, &key).await?;
        let person = match &found {
            Some(credential) => self.store.person(&tenant.id, credential.person).await?,
            None => None,
        };
        let person = person.filter(Person::may_log_in);
        let held = match (&person, &found) {
            (Some(person), Some(credential)) => self.held_one(person, credential, &*plugin).await?,
            _ => Vec::new(),
        };
        let name = found.as_ref().map_or_else(String::new, |c: &StoredCredential| c.person.to_string());
        let scope = Scope {
            tenant: tenant.id.clone(),
            transaction: self.transaction_id(now)?,
            purpose: Purpose::Attend,
            now,
            person: person.as_ref().map(Person::view),
            context: Value::Null,
            locale: origin.locale.clone(),
            address: origin.address,
            peer_certificates: origin.peer_certificates.clone(),
            first: true,
            site: self.site_of(&tenant),
            pseudonym: self.pseudonym(&tenant.id, &name).await?,
            claimed: None,
            asker: Asker::default(),
            keypad: self.settings_of(&tenant).vault.keypad(),
        };
        let call = Call { scope: &scope, credentials: &held, body: ask };
        plugin.attend(call).await?.ok_or_else(Problem::refused)
    }

    /// One credential, opened; none where it can't be, as for a device that is not known.
    async fn held_one(
        &self,
        person: &Person,
        credential: &StoredCredential,
        plugin: &dyn DynAuthenticator,
    ) -> Result<Vec<gatewright_contract::Held<Body>>> {
        let held = self.held_that_open(person, plugin).await?;
        if !held.stored.iter().any(|c| c.id == credential.id) {
            return Err(Fault::Conflict.into());
        }
        Ok(held.opened.into_iter().filter(|h| h.id == credential.id).collect())
    }
}
