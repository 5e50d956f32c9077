//! Asking the person something.

use super::{Begin, Engine, credentials::HeldCredentials, step::Loaded, tries::Counted};
use crate::{
    Origin,
    audit::Event,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    token::PlainToken,
    transaction::PendingStep,
};
use gatewright_contract::{Body, Call, DynAuthenticator, RawChallenge, Timestamp};
use serde_json::Value;

/// Something has been asked. Not printed: a prompt may hold a secret (an invitation to an app).
#[derive(Clone)]
pub struct Challenged {
    /// For the next step; the one before is no longer good.
    pub handle: PlainToken,
    /// When the transaction ends.
    pub expires: Timestamp,
    /// Until when the answer counts.
    pub answer_by: Timestamp,
    /// Shown to the person.
    pub prompt: Value,
}

impl std::fmt::Debug for Challenged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenged").field("answer_by", &self.answer_by).finish_non_exhaustive()
    }
}

impl Engine {
    /// Asks with one authenticator in a transaction that is under way.
    ///
    /// # Errors
    /// 404 without a transaction, 400 for an authenticator that is not due or a body of the wrong shape,
    /// 409 when another step was first, 429 for too many steps, and where asking is the try, for a blocked address.
    pub async fn challenge(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        begin: Value,
        origin: &Origin,
    ) -> Result<Challenged> {
        self.challenge_about(handle, authenticator, begin, Value::Null, origin).await
    }

    /// [`Engine::challenge`], with what the person is to approve by it in the place of what the beginning said.
    ///
    /// # Errors
    /// Those of [`Engine::challenge`], and 400 for a context that is too large.
    pub async fn challenge_about(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        begin: Value,
        context: Value,
        origin: &Origin,
    ) -> Result<Challenged> {
        super::begin::bounded(&context)?;
        let mut loaded = self.load(handle, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        loaded.transaction.rev += 1;
        if !context.is_null() {
            loaded.transaction.body.context = context;
        }
        self.ask(loaded, authenticator, begin, origin, Write::TransactionReplace).await
    }

    /// Begins a transaction and asks at once: one write instead of two.
    ///
    /// # Errors
    /// Those of [`Engine::begin`] and [`Engine::challenge`].
    pub async fn begin_with(
        &self,
        begin: Begin,
        authenticator: &str,
        body: Value,
        origin: &Origin,
    ) -> Result<Challenged> {
        let (loaded, _) = self.prepare(begin, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        self.ask(loaded, authenticator, body, origin, Write::TransactionInsert).await
    }

    async fn ask(
        &self,
        mut loaded: Loaded,
        authenticator: &str,
        body: Value,
        origin: &Origin,
        write: fn(crate::transaction::Transaction) -> Write,
    ) -> Result<Challenged> {
        let plugin = self.catalogue().get(authenticator)?;
        let plugin = &*plugin;
        self.bind_to_browser(&mut loaded, plugin, origin);
        self.must_be_due(&loaded, authenticator)?;
        self.must_fit(&loaded, plugin)?;
        self.must_be_our_page(&loaded, plugin, origin)?;
        let counted = match plugin.manifest().asking_counts {
            true => self.count_asking(&loaded, origin).await?,
            false => Counted::nothing(),
        };
        let (mut challenge, held) = match self.pose(&loaded, plugin, body, counted.locked, origin).await {
            Ok(posed) => posed,
            Err(problem) => {
                // Nobody was told anything: the try does not count.
                self.store.commit(counted.forgive()).await?;
                return Err(problem);
            }
        };
        let send = std::mem::take(&mut challenge.effects.send);
        let mut posted = self.post(&self.sender(&loaded, authenticator), send, origin).await?;
        let answer_by = self.set_pending(&mut loaded, plugin, &challenge, false).await?;
        let handle = self.token("gwt")?;
        loaded.transaction.handle = handle.hashed();
        let expires = loaded.transaction.expires;
        let mut writes = self.effect_writes(&loaded, &held, plugin, challenge.effects.credentials).await?;
        if plugin.manifest().asking_counts {
            writes.extend(self.asked(&mut loaded, authenticator, &counted, origin)?);
        }
        writes.push(write(loaded.transaction));
        writes.extend(posted.writes());
        self.store.commit(writes).await.map_err(step_conflict)?;
        posted.ring(&self.bell);
        Ok(Challenged { handle, expires, answer_by, prompt: challenge.prompt })
    }

    /// Notes the try that asking was, in the transaction and besides: who never answers leaves a trace as well.
    fn asked(
        &self,
        loaded: &mut Loaded,
        authenticator: &str,
        counted: &Counted,
        origin: &Origin,
    ) -> Result<Vec<Write>> {
        loaded.transaction.body.asked = Some(counted.kept(origin));
        let t = &loaded.transaction;
        let event = Event::new("login.asked", &t.tenant, loaded.now, origin);
        let event = event.about(t.body.person).with(authenticator);
        let mut writes = self.begun_blocks(loaded, counted, origin)?;
        writes.push(Write::Audit(if counted.locked { event.but("locked") } else { event }));
        Ok(writes)
    }

    /// Calls the authenticator. The credentials of somebody who may not log in are left out.
    pub(super) async fn pose(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        body: Value,
        locked: bool,
        origin: &Origin,
    ) -> Result<(RawChallenge, HeldCredentials)> {
        let mut scope = self.scope(loaded, origin);
        let mut held = self.held(loaded, plugin).await?;
        if locked {
            self.keep_out(loaded, plugin, (&mut scope, &mut held)).await?;
        }
        let call = Call { scope: &scope, credentials: &held.opened, body: Body(body) };
        let mut challenge = plugin.challenge(call).await?;
        if locked {
            challenge.effects.credentials.clear();
        }
        Ok((challenge, held))
    }

    /// Notes in the transaction what is being asked.
    pub(super) async fn set_pending(
        &self,
        loaded: &mut Loaded,
        plugin: &dyn DynAuthenticator,
        challenge: &RawChallenge,
        enrolment: bool,
    ) -> Result<Timestamp> {
        let state = self.seal_state(&loaded.transaction, &challenge.state).await?;
        let last = loaded.transaction.expires;
        let expires = challenge.expires_in.map_or(last, |d| loaded.now.plus(d).min(last));
        let authenticator = &plugin.manifest().id;
        loaded.transaction.body.pending = Some(PendingStep {
            authenticator: authenticator.clone(),
            generation: plugin.generation().map(str::to_owned),
            enrolment,
            state,
            expires,
        });
        loaded.transaction.wake = challenge.wake.clone().map(|key| (authenticator.clone(), key));
        Ok(expires)
    }
}

/// Another step of the same transaction was first.
pub(super) fn step_conflict(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(Subject::Transaction) => Problem::out_of_order(
            "Another step of this transaction was first. Use the handle that it returned.",
        ),
        StoreError::Conflict(Subject::Session) => {
            Problem::conflict("The session has ended or changed at the same time. Try again.")
        }
        other => other.into(),
    }
}
