//! What follows from a verdict, written at once.

use super::{
    Engine, Progress, Started, Wish, challenge::step_conflict, judge::Judged, step::Loaded, tries::Counted,
};
use crate::{
    Origin,
    audit::Event,
    policy::Decision,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    transaction::{PendingStep, Proof},
};
use gatewright_contract::{
    Accepted, Body, CredentialId, DynAuthenticator, Manifest, Outcome, Pending, Refusal,
};
use serde_json::Value;

impl Engine {
    /// Writes what follows from the verdict, all or nothing.
    pub(super) async fn follow(
        &self,
        mut loaded: Loaded,
        plugin: &dyn DynAuthenticator,
        judged: Judged,
        counted: &Counted,
        wish: &Wish,
        origin: &Origin,
    ) -> Result<Followed> {
        let (authenticator, effects) = (plugin.manifest().id.as_str(), judged.verdict.effects);
        let mut posted = self.post(&self.sender(&loaded, authenticator), effects.send, origin).await?;
        let changes = effects.credentials;
        let mut writes = self.effect_writes(&loaded, &judged.held, plugin, changes).await?;
        writes.extend(posted.writes());
        loaded.transaction.rev += 1;
        let told = match judged.verdict.outcome {
            Outcome::Refused(why) => {
                let why = if counted.locked { "locked" } else { why.as_str() };
                writes.extend(self.begun_blocks(&loaded, counted, origin)?);
                if counted.when_asked() {
                    // Whatever it was: each answer needs a challenge, and each challenge is a try.
                    let body = &mut loaded.transaction.body;
                    (body.pending, body.asked) = (None, None);
                    loaded.transaction.wake = None;
                }
                self.refuse(loaded, authenticator, why, &mut writes, origin);
                match why {
                    _ if counted.locked => Err(Problem::refused()),
                    "declined" => Ok(Progress::Declined { concern: false }),
                    "concern" => Ok(Progress::Declined { concern: true }),
                    _ => Err(Problem::refused()),
                }
            }
            Outcome::Pending(pending) => {
                writes.extend(counted.forgive());
                self.wait(loaded, plugin, pending, &mut writes).await.map(Ok)?
            }
            Outcome::Continue { prompt, state } => {
                writes.extend(counted.forgive());
                self.go_on(loaded, plugin, (prompt, state), &mut writes).await.map(Ok)?
            }
            Outcome::Accepted(accepted) => {
                let proven = Proven { plugin, accepted, held: &judged.held, counted, wish };
                match self.accept(loaded, proven, &mut writes, origin).await {
                    Ok(progress) => Ok(progress),
                    Err(problem) => {
                        // It was right, and can't go on: the try does not count.
                        self.store.commit(counted.forgive()).await?;
                        return Err(problem);
                    }
                }
            }
        };
        match self.store.commit(writes).await {
            Ok(()) => {
                posted.ring(&self.bell);
                Ok(Followed::Told(told))
            }
            Err(StoreError::Conflict(Subject::Credential | Subject::Person)) => Ok(Followed::Again),
            Err(other) => Err(step_conflict(other)),
        }
    }

    /// One wrong answer more; after too many the transaction is gone.
    fn refuse(
        &self,
        loaded: Loaded,
        authenticator: &str,
        why: &str,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) {
        let limit = self.settings(&loaded).session.transaction_attempts;
        let mut t = loaded.transaction;
        let event = Event::new("login.step", &t.tenant, loaded.now, origin);
        writes.push(Write::Audit(event.about(t.body.person).with(authenticator).but(why)));
        // A person that only the answer has named stays unnamed: the next answer may name another.
        if t.body.claimed.is_none() && t.body.proofs.is_empty() && t.body.session.is_none() {
            t.body.person = None;
        }
        t.body.attempts += 1;
        let declined = why == Refusal::Declined.as_str() || why == Refusal::Concern.as_str();
        writes.push(match t.body.attempts >= limit || declined {
            true => Write::TransactionDelete(t.id, t.rev - 1),
            false => Write::TransactionReplace(t),
        });
    }

    async fn wait(
        &self,
        mut loaded: Loaded,
        plugin: &dyn DynAuthenticator,
        pending: Pending<Body>,
        writes: &mut Vec<Write>,
    ) -> Result<Progress> {
        self.keep_state(&mut loaded, plugin, &pending.state).await?;
        writes.push(Write::TransactionReplace(loaded.transaction));
        Ok(Progress::Pending { retry_after: pending.retry_after })
    }

    async fn go_on(
        &self,
        mut loaded: Loaded,
        plugin: &dyn DynAuthenticator,
        (prompt, state): (Value, Body),
        writes: &mut Vec<Write>,
    ) -> Result<Progress> {
        self.keep_state(&mut loaded, plugin, &state).await?;
        let handle = self.token("gwt")?;
        loaded.transaction.handle = handle.hashed();
        let expires = loaded.transaction.expires;
        writes.push(Write::TransactionReplace(loaded.transaction));
        Ok(Progress::Continue { handle, expires, prompt: Body(prompt) })
    }

    async fn keep_state(
        &self,
        loaded: &mut Loaded,
        plugin: &dyn DynAuthenticator,
        state: &Body,
    ) -> Result<()> {
        let authenticator = plugin.manifest().id.clone();
        let sealed = self.seal_state(&loaded.transaction, state).await?;
        let expires = loaded.transaction.expires;
        let mine = |p: &PendingStep| p.authenticator == authenticator && !p.enrolment;
        let expires =
            loaded.transaction.body.pending.as_ref().filter(|p| mine(p)).map_or(expires, |p| p.expires);
        let generation = plugin.generation().map(str::to_owned);
        loaded.transaction.body.pending =
            Some(PendingStep { authenticator, generation, enrolment: false, state: sealed, expires });
        Ok(())
    }

    /// A right answer: another proof, and perhaps the end.
    async fn accept(
        &self,
        mut loaded: Loaded,
        proven: Proven<'_>,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<Progress> {
        let Manifest { id: authenticator, traits, .. } = proven.plugin.manifest();
        let Some(person) = loaded.person.clone() else { return Err(Problem::refused()) };
        writes.push(Write::PersonUnchanged(person.tenant.clone(), person.id, person.rev));
        self.note_use(&proven, loaded.now, writes);
        let event = Event::new("login.step", &loaded.transaction.tenant, loaded.now, origin);
        writes.push(Write::Audit(event.about(Some(person.id)).with(authenticator)));
        loaded.transaction.body.proofs.push(Proof {
            authenticator: authenticator.to_owned(),
            // One that its own use has taken away can't be asked for later.
            credential: proven.accepted.credential.filter(|id| !removes(writes, *id)),
            at: loaded.now,
            kind: traits.kind,
            amr: proven.accepted.amr.unwrap_or_else(|| traits.amr.clone()),
            phishing_resistant: traits.phishing_resistant,
            user_verified: proven.accepted.user_verified,
            renew: proven.accepted.renew,
        });
        let held = self.store.credentials(&person.tenant, person.id).await?;
        loaded.enrolled = held.into_iter().map(|c| c.authenticator).collect();
        let reveal = proven.accepted.reveal.clone();
        let mut progress = self.advance(loaded, proven.counted, proven.wish, writes, origin).await?;
        match &mut progress {
            Progress::Done(grant) => grant.reveal = reveal,
            Progress::More(started) => started.reveal = reveal,
            _ => {}
        }
        Ok(progress)
    }

    /// After a proof (or a forced enrolment): the end, or the next step.
    pub(super) async fn advance(
        &self,
        mut loaded: Loaded,
        counted: &Counted,
        wish: &Wish,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<Progress> {
        loaded.transaction.body.pending = None;
        loaded.transaction.wake = None;
        let decision = self.decide(&loaded);
        if let Decision::Enough { acr, amr } = decision {
            writes.extend(self.refund_of_login(&loaded, origin));
            writes.extend(counted.clear());
            let grant = self.finish(&loaded, (acr, amr), wish, writes, origin).await?;
            return Ok(Progress::Done(Box::new(grant)));
        }
        writes.extend(counted.take_back());
        let next = Self::next_of(decision).ok_or_else(|| {
            tracing::error!("a login needs a second factor whose plugin does not run");
            Problem::unavailable(None)
        })?;
        let handle = self.token("gwt")?;
        loaded.transaction.handle = handle.hashed();
        let expires = loaded.transaction.expires;
        writes.push(Write::TransactionReplace(loaded.transaction));
        Ok(Progress::More(Started { handle, expires, next, reveal: None }))
    }

    /// The credential that did it must still be the one that was read, and was used now.
    pub(super) fn note_use(
        &self,
        proven: &Proven<'_>,
        now: gatewright_contract::Timestamp,
        writes: &mut Vec<Write>,
    ) {
        let Some(id) = proven.accepted.credential else { return };
        let changed = writes.iter().any(|w| match w {
            Write::CredentialReplace(c) => c.id == id,
            Write::CredentialDelete(gone, _) => *gone == id,
            _ => false,
        });
        if let (false, Some(read)) = (changed, proven.held.stored.iter().find(|c| c.id == id)) {
            writes.push(Write::CredentialUnchanged(id, read.rev));
        }
        writes.push(Write::CredentialTouch(id, now));
    }
}

/// Whether the credential goes with this step.
fn removes(writes: &[Write], id: CredentialId) -> bool {
    writes.iter().any(|w| matches!(w, Write::CredentialDelete(gone, _) if *gone == id))
}

/// A right answer with what it rests on.
pub(super) struct Proven<'a> {
    pub(super) plugin: &'a dyn DynAuthenticator,
    pub(super) accepted: Accepted,
    pub(super) held: &'a super::credentials::HeldCredentials,
    pub(super) counted: &'a Counted,
    pub(super) wish: &'a Wish,
}

/// What came of writing.
pub(super) enum Followed {
    /// It is written; this is what to say.
    Told(Result<Progress>),
    /// Somebody else was first: judge anew.
    Again,
}
