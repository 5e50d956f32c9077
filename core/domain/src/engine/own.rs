//! What people change of their own account.

use super::Engine;
use crate::{
    Origin, Person, Tenant,
    audit::Event,
    outbox::{Posted, Sender},
    people::{changed_keys, taken},
    person::username_key,
    problem::{Problem, Result},
    session::Caller,
    store::Write,
};

/// Who sends the notice.
const AREA: &str = "address";

impl Engine {
    /// Another e-mail address for the caller, who has proven shortly ago who they are. Nobody has verified it yet, so
    /// nothing that is sent to it replaces anything. The old one is told, if it was proven to be theirs.
    ///
    /// # Errors
    /// 401, 403 for a login too long ago, an API key or a token without the scope `admin`, 409 for an address that somebody
    /// has, 422 for what is none, 429.
    pub async fn change_own_email(&self, caller: &Caller, email: &str, origin: &Origin) -> Result<()> {
        let (old, tenant) = (self.person_of(caller).await?, self.tenant(&caller.session.tenant).await?);
        self.admit(&tenant, origin)?;
        self.must_be_themselves(caller).await?;
        if old.service {
            return Err(Problem::forbidden("A service account has no address of its own to change."));
        }
        if old.email.as_deref() == Some(email) {
            return Ok(());
        }
        let (writes, told) = self.another_email(caller, (&old, email), &tenant, origin).await?;
        self.store.commit(writes).await.map_err(taken)?;
        told.ring(&self.bell);
        Ok(())
    }

    /// What is written where somebody has another address from now on, and who is told of it.
    pub(super) async fn another_email(
        &self,
        caller: &Caller,
        (old, email): (&Person, &str),
        tenant: &Tenant,
        origin: &Origin,
    ) -> Result<(Vec<Write>, Posted)> {
        let now = self.now();
        let new = Person {
            email: Some(email.to_owned()),
            email_verified: false,
            changed: now,
            rev: old.rev + 1,
            ..old.clone()
        };
        let keys = changed_keys(&new, old)?;
        let event = Event::new("person.email-changed", &new.tenant, now, origin);
        let mut told = match old.email_verified {
            true => {
                let name = username_key(&old.username).unwrap_or_default();
                let pseudonym = self.pseudonym(&tenant.id, &name).await?;
                let sender = Sender { tenant, person: Some(old), pseudonym, authenticator: AREA, now };
                self.notify_of(&sender, old, "e-mail address", origin).await
            }
            false => Posted::default(),
        };
        let mut writes = vec![
            Write::SessionThere(caller.session.id),
            Write::PersonReplace(new.clone(), keys),
            Write::Audit(event.about(Some(new.id)).within(caller.session.id)),
        ];
        writes.extend(told.writes());
        Ok((writes, told))
    }
}
