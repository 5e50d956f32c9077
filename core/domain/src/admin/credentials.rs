//! Credentials of others.

use super::Admin;
use crate::{
    Engine,
    access::{Action, Resource},
    engine::CredentialView,
    people::stored_keys,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{CredentialId, PersonId, TenantId};
use serde_json::Value;

impl Admin<'_> {
    /// What a person has set up.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn credentials(&self, tenant: &TenantId, id: PersonId) -> Result<Vec<CredentialView>> {
        self.may(Action::CredentialsWrite, &Resource::person(tenant, id)).await?;
        self.somebody(tenant, id).await?;
        self.engine.credentials_of(tenant, id).await
    }

    /// Removes a credential, be it the last one, and ends the person's sessions: whoever has the device may be in one.
    ///
    /// # Errors
    /// 403 also for somebody who may more than the caller, 404.
    pub async fn remove_credential(
        &self,
        tenant: &TenantId,
        id: PersonId,
        credential: CredentialId,
    ) -> Result<()> {
        let person = self.may_touch(Action::CredentialsWrite, tenant, id).await?;
        let all = self.engine.store.credentials(tenant, id).await?;
        let gone = all.iter().find(|c| c.id == credential).ok_or_else(|| Problem::not_found("credential"))?;
        let event = self.event("credential.removed", tenant).about(Some(id)).with(&gone.authenticator);
        let keys = stored_keys(&person)?;
        let next = crate::Person { rev: person.rev + 1, ..person };
        let mut writes = vec![Write::CredentialDelete(credential, gone.rev)];
        if self.engine.devices_rest_on(&gone.authenticator) {
            writes.extend(self.engine.forget_devices_of(tenant, id));
        }
        writes.extend([Write::PersonReplace(next, keys), Write::Audit(event)]);
        writes.extend(Engine::all_out(tenant, id, None));
        self.commit(writes, "").await
    }

    /// Sets something up for a person in one go, and says what is shown once. Of what a person has one of, it comes in
    /// the place of the old one, and the person's sessions end; of what they may have several of, it is one more. Devices
    /// that were remembered are forgotten either way: whoever asks for this has lost something.
    ///
    /// # Errors
    /// 403 also for somebody who may more than the caller, 404, 409 for a service account, 422 with the rules that
    /// were broken.
    pub async fn set_credential(
        &self,
        tenant: &TenantId,
        id: PersonId,
        authenticator: &str,
        (invite, proof): (Value, Value),
    ) -> Result<(CredentialId, Value)> {
        let person = self.may_touch(Action::CredentialsWrite, tenant, id).await?;
        let event = self.event("credential.set", tenant).about(Some(id)).with(authenticator);
        // First: the caller's own session may be among those that end.
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        let mut writes: Vec<Write> = there.into_iter().collect();
        writes.extend(self.engine.forget_devices_of(tenant, id));
        let adds = self.engine.catalogue().get(authenticator)?.manifest().traits.many;
        if !adds {
            writes.extend(Engine::all_out(tenant, id, None));
        }
        writes.push(Write::Audit(event));
        self.engine.enrol_with(&person, authenticator, (invite, proof), writes, self.origin).await
    }
}
