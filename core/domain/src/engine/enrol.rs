//! Setting something up: by oneself in a fresh session, because a login asks for it, or by the host.

use super::{
    Begin, Challenged, Engine, Progress, Wish, challenge::step_conflict, set_up::SetUp, step::Loaded,
    tries::Counted,
};
use crate::{
    Origin, Person,
    policy::Decision,
    problem::{Problem, Result},
    session::{Caller, Session},
    store::Write,
    token::PlainToken,
    transaction::Proof,
};
use gatewright_contract::{Body, Call, CredentialId, DynAuthenticator, Manifest, Purpose};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// On whose behalf something is set up.
#[derive(Clone, Debug)]
pub enum Inviter {
    /// Somebody who is logged in, freshly.
    Session(Caller),
    /// A login that can't end without it.
    Transaction(PlainToken),
}

/// How an enrolment stands.
#[derive(Debug)]
pub enum Enrolling {
    /// It is set up.
    Done(Box<Enrolled>),
    /// Nobody has decided yet; the handle stays good.
    Pending {
        /// When asking again makes sense.
        retry_after: Duration,
    },
}

/// It is set up.
#[derive(Debug)]
pub struct Enrolled {
    /// The new credential.
    pub credential: CredentialId,
    /// Shown exactly once.
    pub reveal: Body,
    /// How the login goes on that asked for it.
    pub progress: Option<Progress>,
}

impl Engine {
    /// Asks what is needed to set something up.
    ///
    /// # Errors
    /// 403 when the session is not fresh or the token limited, 400 for an authenticator that can't be set up here.
    pub async fn invite(
        &self,
        inviter: Inviter,
        authenticator: &str,
        body: Value,
        origin: &Origin,
    ) -> Result<Challenged> {
        let (mut loaded, is_new) = match inviter {
            Inviter::Session(caller) => (self.invited_in_session(caller, None, origin).await?, true),
            Inviter::Transaction(handle) => {
                let loaded = self.load(&handle, origin).await?;
                match self.must_enrol(&loaded, authenticator) {
                    true => (loaded, false),
                    false => return Err(Problem::out_of_order("Nothing is to be set up at this step.")),
                }
            }
        };
        self.admit(&loaded.tenant, origin)?;
        let plugin = self.enrollable(authenticator)?;
        let plugin = &*plugin;
        self.must_be_able_to_remember(&loaded, authenticator).await?;
        if !plugin.manifest().traits.self_service {
            return Err(Problem::unknown_authenticator());
        }
        self.must_be_our_page(&loaded, plugin, origin)?;
        self.bind_to_browser(&mut loaded, plugin, origin);
        self.must_be_in_a_browser(&loaded, plugin)?;
        let person = loaded.person.clone().filter(Person::may_log_in).ok_or_else(Problem::unauthenticated)?;
        let held = self.held_by(&person, plugin).await?;
        let scope = self.scope(&loaded, origin);
        let call = Call { scope: &scope, credentials: &held.opened, body: Body(body) };
        let mut challenge = plugin.invite(call).await?;
        let send = std::mem::take(&mut challenge.effects.send);
        let mut posted = self.post(&self.sender(&loaded, authenticator), send, origin).await?;
        let answer_by = self.set_pending(&mut loaded, plugin, &challenge, true).await?;
        let mut writes = self.effect_writes(&loaded, &held, plugin, challenge.effects.credentials).await?;
        // What it changes must not outlive "log out everywhere".
        writes
            .extend(loaded.transaction.body.session.filter(|_| !writes.is_empty()).map(Write::SessionThere));
        let handle = self.token("gwt")?;
        let t = &mut loaded.transaction;
        t.handle = handle.hashed();
        let expires = t.expires;
        writes.push(if is_new {
            Write::TransactionInsert(loaded.transaction)
        } else {
            t.rev += 1;
            Write::TransactionReplace(loaded.transaction)
        });
        writes.extend(posted.writes());
        self.store.commit(writes).await.map_err(step_conflict)?;
        posted.ring(&self.bell);
        Ok(Challenged { handle, expires, answer_by, prompt: challenge.prompt })
    }

    pub(super) async fn invited_in_session(
        &self,
        caller: Caller,
        client: Option<String>,
        origin: &Origin,
    ) -> Result<Loaded> {
        self.must_be_themselves(&caller).await?;
        let tenant = caller.session.tenant.clone();
        let begin = Begin { elevate: Some(caller), client, ..Begin::login(tenant, None) };
        let (mut loaded, _) = self.prepare(begin, origin).await?;
        loaded.transaction.body.purpose = Purpose::Enrol;
        Ok(loaded)
    }

    pub(super) fn enrollable(&self, authenticator: &str) -> Result<Arc<dyn DynAuthenticator>> {
        let plugin = self.catalogue().get(authenticator)?;
        match plugin.manifest().abilities.enrol {
            true => Ok(plugin),
            false => Err(Problem::unknown_authenticator()),
        }
    }

    /// Finishes what [`Engine::invite`] began.
    ///
    /// # Errors
    /// 422 with the rules that were broken (the invitation stays good), 404 without a transaction, 409
    /// when no invitation of this authenticator waits.
    pub async fn enrol(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        proof: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Enrolling> {
        let mut loaded = self.load(handle, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        let not_asked = || Problem::out_of_order("Ask for an invitation of this authenticator first.");
        let pending = loaded.transaction.body.pending.clone();
        let pending =
            pending.filter(|p| p.enrolment && p.authenticator == authenticator && p.expires > loaded.now);
        let pending = pending.ok_or_else(not_asked)?;
        let plugin = self.asker(&loaded, authenticator, true)?;
        let draft = self.open_state(&loaded.transaction, &pending.state).await?;
        let person = loaded.person.clone().filter(Person::may_log_in).ok_or_else(Problem::unauthenticated)?;
        let mut writes = Vec::new();
        if loaded.transaction.body.purpose == Purpose::Enrol {
            let session = self.must_still_be_in_session(&loaded).await?;
            // And at the moment of writing: hashing takes a while, and "log out everywhere" must hold.
            writes.push(Write::SessionThere(session.id));
        } else if !self.must_enrol(&loaded, authenticator) {
            // It was due when it was asked for; since then the person has set something up elsewhere.
            return Err(Problem::out_of_order("Nothing is to be set up at this step any more."));
        }
        let (credential, reveal, posted) =
            match self.set_up(&loaded, &person, &*plugin, (draft, proof), &mut writes, origin).await {
                Ok(SetUp::Done(credential, reveal, posted)) => (credential, reveal, posted),
                Ok(SetUp::Pending(retry_after)) => return Ok(Enrolling::Pending { retry_after }),
                Err(problem) if problem.status == 422 => return Err(self.tried(loaded, problem).await),
                Err(problem) => return Err(problem),
            };
        loaded.transaction.rev += 1;
        let progress = if loaded.transaction.body.purpose == Purpose::Reset {
            Some(self.reset(&loaded, &person, &mut writes, origin))
        } else if loaded.transaction.body.purpose == Purpose::Enrol {
            let t = &loaded.transaction;
            writes.push(Write::TransactionDelete(t.id, t.rev - 1));
            self.raise_session(&loaded, authenticator, &mut writes).await?;
            None
        } else {
            self.counts_as_proof(&mut loaded, &*plugin, credential);
            renewed(&mut loaded, authenticator, credential);
            let nothing = Counted::nothing();
            Some(self.advance(loaded, &nothing, &wish, &mut writes, origin).await?)
        };
        self.store.commit(writes).await.map_err(step_conflict)?;
        posted.ring(&self.bell);
        Ok(Enrolling::Done(Box::new(Enrolled { credential, reveal: Body(reveal), progress })))
    }

    /// A proof that breaks a rule counts against the transaction: a code that is typed to finish an
    /// enrolment is no oracle.
    pub(super) async fn tried(&self, mut loaded: Loaded, problem: Problem) -> Problem {
        let limit = self.settings(&loaded).session.transaction_attempts;
        let t = &mut loaded.transaction;
        t.body.attempts += 1;
        t.rev += 1;
        let write = match t.body.attempts >= limit {
            true => Write::TransactionDelete(t.id, t.rev - 1),
            false => Write::TransactionReplace(loaded.transaction),
        };
        match self.store.commit(vec![write]).await {
            Ok(()) => problem,
            Err(error) => step_conflict(error),
        }
    }

    pub(super) async fn must_still_be_in_session(&self, loaded: &Loaded) -> Result<Arc<Session>> {
        let id = loaded.transaction.body.session.ok_or_else(Problem::unauthenticated)?;
        let live = self.store.session_uncached(id).await?.filter(|s| !s.is_over(loaded.now));
        live.ok_or_else(Problem::unauthenticated)
    }

    /// Whether the login can't end without this one being set up.
    fn must_enrol(&self, loaded: &Loaded, authenticator: &str) -> bool {
        matches!(self.decide(loaded), Decision::Enrol(list) if list.iter().any(|id| id == authenticator))
    }

    /// Who sets up a second factor has proven it in this session.
    pub(super) async fn raise_session(
        &self,
        loaded: &Loaded,
        authenticator: &str,
        writes: &mut Vec<Write>,
    ) -> Result<()> {
        let session = self.must_still_be_in_session(loaded).await?;
        if self.is_second(loaded, authenticator) && !session.second_factor {
            let rev = session.rev + 1;
            writes.push(Write::SessionReplace(Session { second_factor: true, rev, ..(*session).clone() }));
        }
        Ok(())
    }

    /// Who has just shown that a code from the new device is right has proven that as well.
    fn counts_as_proof(&self, loaded: &mut Loaded, plugin: &dyn DynAuthenticator, credential: CredentialId) {
        let Manifest { id: authenticator, traits, .. } = plugin.manifest();
        loaded.enrolled.insert(authenticator.clone());
        if self.is_second(loaded, authenticator) {
            loaded.transaction.body.proofs.push(Proof {
                authenticator: authenticator.clone(),
                credential: Some(credential),
                at: loaded.now,
                kind: traits.kind,
                amr: traits.amr.clone(),
                phishing_resistant: traits.phishing_resistant,
                user_verified: false,
                renew: false,
            });
        }
    }
}

/// A proof that had to be renewed rests on the new credential now.
fn renewed(loaded: &mut Loaded, authenticator: &str, credential: CredentialId) {
    let old = loaded.transaction.body.proofs.iter_mut().find(|p| p.renew && p.authenticator == authenticator);
    if let Some(proof) = old {
        proof.renew = false;
        proof.credential = Some(credential);
    }
}
