//! What people change of their own account with a proof of the moment.

use crate::{
    Engine, Origin, Person,
    engine::{challenge::step_conflict, sessions::must_be_whole, set_up::SetUp},
    outbox::Posted,
    people::taken,
    problem::{Problem, Result},
    session::Caller,
    store::{StoreError, Subject, Write},
};
use gatewright_contract::{Body, LookupKey, Purpose};
use serde_json::{Value, json};

impl Engine {
    /// Puts a new credential in the place of the caller's own, or sets up their first.
    ///
    /// # Errors
    /// 401, 403 for a login too long ago, an API key or a limited token; 422 for a proof that is refused; 429.
    pub async fn replace_own(
        &self,
        caller: &Caller,
        authenticator: &str,
        proof: Value,
        client: Option<String>,
        origin: &Origin,
    ) -> Result<()> {
        let loaded = self.invited_in_session(caller.clone(), client, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        let plugin = self.open_to_all(authenticator)?;
        let person = loaded.person.clone().filter(Person::may_log_in).ok_or_else(Problem::unauthenticated)?;
        // And at the moment of writing: "log out everywhere" must hold.
        let mut writes = vec![Write::SessionThere(caller.session.id)];
        let sent = (Body(json!({})), proof);
        let posted = match self.set_up(&loaded, &person, &*plugin, sent, &mut writes, origin).await? {
            SetUp::Done(_, _, posted) => posted,
            SetUp::Pending(_) => return Err(Problem::unknown_authenticator()),
        };
        self.raise_session(&loaded, authenticator, &mut writes).await?;
        self.store.commit(writes).await.map_err(step_conflict)?;
        posted.ring(&self.bell);
        Ok(())
    }

    /// Another e-mail address for the caller, who proves who they are by answering a challenge that waits under this key (its
    /// purpose is then [`gatewright_contract::Purpose::UpdateEmail`]); the login need not be recent.
    ///
    /// # Errors
    /// 401, 422 for a proof that is refused, 409 for an address that somebody has, 429.
    pub async fn change_email_by_proof(
        &self,
        caller: &Caller,
        email: &str,
        (authenticator, key, answer): (&str, &LookupKey, Value),
        origin: &Origin,
    ) -> Result<()> {
        must_be_whole(caller)?;
        if caller.session.door == crate::api_keys::DOOR {
            return Err(Problem::forbidden("This takes a login: an API key is not enough."));
        }
        let (old, tenant) = (self.person_of(caller).await?, self.tenant(&caller.session.tenant).await?);
        if !old.may_log_in() {
            return Err(Problem::forbidden("A service account has no address of its own to change."));
        }
        self.admit(&tenant, origin)?;
        let purpose = Purpose::UpdateEmail;
        let (loaded, proven) = self.judge_waiting(authenticator, key, answer, purpose, origin).await?;
        let theirs = loaded.tenant.id == tenant.id && loaded.transaction.body.person == Some(old.id);
        let (more, told) = match theirs {
            false => return Err(self.spent(proven, Problem::refused()).await),
            true if old.email.as_deref() == Some(email) => (Vec::new(), Posted::default()),
            true => match self.another_email(caller, (&old, email), &tenant, origin).await {
                Ok(done) => done,
                Err(problem) => return Err(self.spent(proven, problem).await),
            },
        };
        let writes = proven.iter().cloned().chain(more).collect();
        match self.store.commit(writes).await {
            Ok(()) => told.ring(&self.bell),
            Err(error @ StoreError::Conflict(Subject::Email)) => {
                return Err(self.spent(proven, taken(error)).await);
            }
            Err(StoreError::Conflict(Subject::Transaction)) => return Err(Problem::refused()),
            Err(other) => return Err(taken(other)),
        }
        Ok(())
    }

    /// A challenge is good for one answer, whatever becomes of what it was for.
    async fn spent(&self, proven: Vec<Write>, problem: Problem) -> Problem {
        let ends = |w: &Write| matches!(w, Write::TransactionDelete(..) | Write::TransactionReplace(_));
        match self.store.commit(proven.into_iter().filter(ends).collect()).await {
            Ok(()) | Err(StoreError::Conflict(_)) => problem,
            Err(other) => other.into(),
        }
    }
}
