//! What people change of their own account.

use super::Engine;
use crate::{
    Origin, Person,
    audit::Event,
    people::{changed_keys, taken},
    problem::{Problem, Result},
    session::Caller,
    store::Write,
};

impl Engine {
    /// Another e-mail address for the caller, who has proven shortly ago who they are. Nobody has verified it yet, so
    /// nothing that is sent to it replaces anything.
    ///
    /// # Errors
    /// 401, 403 for a login too long ago, an API key or a token without the scope `admin`, 409 for an address that somebody
    /// has, 422 for what is none.
    pub async fn change_own_email(&self, caller: &Caller, email: &str, origin: &Origin) -> Result<()> {
        let old = self.person_of(caller).await?;
        self.must_be_themselves(caller).await?;
        if old.service {
            return Err(Problem::forbidden("A service account has no address of its own to change."));
        }
        if old.email.as_deref() == Some(email) {
            return Ok(());
        }
        let now = self.now();
        let new = Person {
            email: Some(email.to_owned()),
            email_verified: false,
            changed: now,
            rev: old.rev + 1,
            ..old.clone()
        };
        let keys = changed_keys(&new, &old)?;
        let event = Event::new("person.email-changed", &new.tenant, now, origin);
        let writes = vec![
            Write::SessionThere(caller.session.id),
            Write::PersonReplace(new.clone(), keys),
            Write::Audit(event.about(Some(new.id)).within(caller.session.id)),
        ];
        self.store.commit(writes).await.map_err(taken)
    }
}
