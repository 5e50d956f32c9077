//! What is set up for somebody else, and what goes.

use super::{Begin, Engine, challenge::step_conflict, set_up::SetUp};
use crate::{
    Origin, Person,
    audit::Event,
    credential::StoredCredential,
    problem::{Problem, Result},
    session::Caller,
    store::Write,
};
use gatewright_contract::{Body, Call, CredentialId, Purpose};
use serde_json::Value;

impl Engine {
    /// Sets something up for a person in one go, as an administrator at the machine does.
    ///
    /// # Errors
    /// 422 with the rules that were broken.
    pub async fn enrol_for(
        &self,
        person: &Person,
        authenticator: &str,
        (invite, proof): (Value, Value),
        origin: &Origin,
    ) -> Result<Value> {
        let done = self.enrol_with(person, authenticator, (invite, proof), Vec::new(), origin).await?;
        Ok(done.1)
    }

    /// The same with more to be written.
    pub(crate) async fn enrol_with(
        &self,
        person: &Person,
        authenticator: &str,
        (invite, proof): (Value, Value),
        mut writes: Vec<Write>,
        origin: &Origin,
    ) -> Result<(CredentialId, Value)> {
        match self.provide(person, authenticator, (invite, proof), &mut writes, origin).await? {
            SetUp::Done(credential, reveal, posted) => {
                self.store.commit(writes).await.map_err(step_conflict)?;
                posted.ring(&self.bell);
                Ok((credential, reveal))
            }
            SetUp::Pending(_) => Err(only_themselves()),
        }
    }

    /// Both steps of an enrolment in one, up to what is to be written.
    pub(super) async fn provide(
        &self,
        person: &Person,
        authenticator: &str,
        (invite, proof): (Value, Value),
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<SetUp> {
        if person.service {
            return Err(Problem::conflict("A service account has tokens, and no way to log in."));
        }
        if self.catalogue().is_remembered(authenticator) {
            return Err(only_themselves());
        }
        let begin = Begin::login(person.tenant.clone(), Some(person.username.clone()));
        let (mut loaded, _) = self.prepare(begin, origin).await?;
        loaded.transaction.body.purpose = Purpose::Provision;
        let plugin = self.enrollable(authenticator)?;
        let scope = self.scope(&loaded, origin);
        let held = self.held_by(person, &*plugin).await?;
        let call = Call { scope: &scope, credentials: &held.opened, body: Body(invite) };
        let invitation = plugin.invite(call).await?;
        if !invitation.effects.is_none() {
            // Both steps are one here: nobody could answer what it sends, and what it changes is read before it is.
            return Err(only_themselves());
        }
        let draft = invitation.state;
        self.set_up(&loaded, person, &*plugin, (draft, proof), writes, origin).await
    }

    /// Removes a credential of the caller. The last one that a login can begin with stays.
    ///
    /// # Errors
    /// 403 when the session is not fresh or the token limited, 404 when the caller has no such credential, 409 for the last.
    pub async fn remove_credential(&self, caller: &Caller, id: CredentialId, origin: &Origin) -> Result<()> {
        self.must_be_themselves(caller).await?;
        let person = self.person_of(caller).await?;
        let tenant = self.tenant(&person.tenant).await?;
        let all = self.store.credentials(&person.tenant, person.id).await?;
        let gone = all.iter().find(|c| c.id == id).ok_or_else(|| Problem::not_found("credential"))?;
        let first = self.settings_of(&tenant).policy.first_steps(&self.catalogue());
        let begins = |c: &StoredCredential| first.contains(&c.authenticator);
        if begins(gone) && !all.iter().any(|c| c.id != id && begins(c)) {
            return Err(Problem::conflict("This is the last credential that a login can begin with."));
        }
        let event = Event::new("credential.removed", &person.tenant, self.now(), origin);
        let key = crate::people::stored_keys(&person)?;
        let mut writes = vec![Write::SessionThere(caller.session.id), Write::CredentialDelete(id, gone.rev)];
        if self.devices_rest_on(&gone.authenticator) {
            writes.extend(self.forget_devices(&person));
        }
        writes.push(Write::PersonReplace(Person { rev: person.rev + 1, ..person.clone() }, key));
        writes.push(Write::Audit(
            event.about(Some(person.id)).with(&gone.authenticator).within(caller.session.id),
        ));
        Ok(self.store.commit(writes).await?)
    }
}

/// What an administrator can't do for somebody.
pub(super) fn only_themselves() -> Problem {
    Problem::conflict("Only the person can set this up.")
}
