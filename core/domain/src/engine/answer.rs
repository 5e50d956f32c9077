//! The step that matters: an answer is judged and everything that follows is written at once.

use super::{
    Engine, Progress, Started, Wish,
    challenge::step_conflict,
    identify::must_be_named,
    judge::{Counted, Judged},
    step::Loaded,
};
use crate::{
    Origin,
    audit::Event,
    policy::Decision,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    token::PlainToken,
    transaction::{PendingStep, Proof},
};
use gatewright_contract::{
    Accepted, Body, CredentialId, DynAuthenticator, Manifest, Outcome, Pending, RawVerdict, Refusal,
};
use serde_json::{Value, json};

/// How often a step is judged anew because somebody else changed the same credential or person.
const ROUNDS: usize = 4;

impl Engine {
    /// Judges an answer.
    ///
    /// An authenticator whose challenge needs no input and sends nothing (a password, a code from an app)
    /// may be answered without asking for a challenge first.
    ///
    /// # Errors
    /// 401 for a wrong answer, and the same for somebody unknown, locked or disabled; 404 without a
    /// transaction; 409 when the step is not due or another one was first; 429 for a blocked address or too many steps.
    pub async fn answer(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        answer: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Progress> {
        let mut tries: Option<Counted> = None;
        for round in 0..ROUNDS {
            let mut loaded = self.load(handle, origin).await?;
            let plugin = self.asker(&loaded, authenticator, false);
            let is_poll = plugin.as_ref().is_ok_and(|plugin| is_poll(&**plugin, &answer));
            // Waiting windows ask every other second, and cost no more than reading.
            if round == 0 && !is_poll {
                self.admit(&loaded.tenant, origin)?;
            }
            self.must_be_due(&loaded, authenticator)?;
            must_be_named(&loaded, wish.named.as_deref())?;
            let plugin = plugin?;
            let plugin = &*plugin;
            self.must_fit(&loaded, plugin)?;
            let state = self.state_for(&mut loaded, plugin, origin).await?;
            let sent = (state, &answer);
            let state = self.identified(&mut loaded, plugin, sent, wish.named.as_deref(), origin).await?;
            let counted = match tries.take() {
                Some(counted) => counted,
                None if is_poll => Counted::nothing(),
                None => self.count(&loaded, origin).await?,
            };
            let asked = (state.clone(), answer.clone());
            let judged = self.judge(&loaded, plugin, asked, &counted, origin).await;
            let judged = match judged {
                Ok(judged) => judged,
                Err(problem) => {
                    // Could not tell: the try does not count.
                    self.store.commit(counted.forgive().collect()).await?;
                    return Err(problem);
                }
            };
            let (judged, counted) = self.recount(&loaded, is_poll, judged, counted, origin).await?;
            if let Outcome::Pending(pending) = &judged.verdict.outcome
                && judged.verdict.effects.credentials.is_empty()
                && judged.verdict.effects.send.is_empty()
                && pending.state == state
            {
                // A poll that changes nothing writes nothing: it must not get in the way of what it waits for.
                self.store.commit(counted.forgive().collect()).await?;
                return Ok(Progress::Pending { retry_after: pending.retry_after });
            }
            match self.follow(loaded, plugin, judged, &counted, &wish, origin).await? {
                Followed::Told(told) => return told,
                Followed::Again => tries = Some(counted),
            }
        }
        Err(Problem::conflict("The same account is being changed at the same time. Try again."))
    }

    /// A poll is not counted before it is judged; when it lets somebody in, the locked must stay out all the same.
    async fn recount(
        &self,
        loaded: &Loaded,
        is_poll: bool,
        mut judged: Judged,
        counted: Counted,
        origin: &Origin,
    ) -> Result<(Judged, Counted)> {
        if !matches!(judged.verdict.outcome, Outcome::Accepted(_)) || !is_poll {
            return Ok((judged, counted));
        }
        let counted = self.count(loaded, origin).await?;
        if counted.locked {
            judged.verdict = RawVerdict::refused(Refusal::NotEnrolled);
        }
        Ok((judged, counted))
    }

    /// The state of the pending challenge; or of one that is posed now, where nothing needs to be shown.
    async fn state_for(
        &self,
        loaded: &mut Loaded,
        plugin: &dyn DynAuthenticator,
        origin: &Origin,
    ) -> Result<Body> {
        let (manifest, pending) = (plugin.manifest(), loaded.transaction.body.pending.clone());
        if let Some(pending) = pending.filter(|p| p.authenticator == manifest.id && !p.enrolment) {
            if pending.expires <= loaded.now {
                return Err(Problem::out_of_order("The challenge has expired. Ask for a new one."));
            }
            return self.open_state(&loaded.transaction, &pending.state).await;
        }
        let ask_first = || Problem::out_of_order("Ask for a challenge of this authenticator first.");
        if manifest.abilities.signal || manifest.sends {
            // Asking is what rings, sends and counts there: it is a step of its own.
            return Err(ask_first());
        }
        let (challenge, _) = match self.pose(loaded, plugin, json!({}), origin).await {
            Ok(posed) => posed,
            Err(p) if p.status == 400 => return Err(ask_first()),
            Err(p) => return Err(p),
        };
        // Only where there is nothing that the person would have had to see.
        let stateless = challenge.state.0.as_object().is_none_or(serde_json::Map::is_empty);
        let quiet = challenge.effects.send.is_empty() && challenge.effects.credentials.is_empty();
        if !stateless || !quiet || challenge.wake.is_some() {
            return Err(ask_first());
        }
        Ok(challenge.state)
    }

    /// Writes what follows from the verdict, all or nothing.
    async fn follow(
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
                        self.store.commit(counted.forgive().collect()).await?;
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
            writes.extend(counted.clear());
            let grant = self.finish(&loaded, (acr, amr), wish, writes, origin).await?;
            return Ok(Progress::Done(Box::new(grant)));
        }
        writes.extend(counted.forgive());
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
    fn note_use(&self, proven: &Proven<'_>, now: gatewright_contract::Timestamp, writes: &mut Vec<Write>) {
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

/// A push or redirect that is asked whether it is decided: there is nothing to guess in it.
fn is_poll(plugin: &dyn DynAuthenticator, answer: &Value) -> bool {
    plugin.manifest().abilities.signal && answer.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whether the credential goes with this step.
fn removes(writes: &[Write], id: CredentialId) -> bool {
    writes.iter().any(|w| matches!(w, Write::CredentialDelete(gone, _) if *gone == id))
}

/// A right answer with what it rests on.
struct Proven<'a> {
    plugin: &'a dyn DynAuthenticator,
    accepted: Accepted,
    held: &'a super::credentials::HeldCredentials,
    counted: &'a Counted,
    wish: &'a Wish,
}

/// What came of writing.
enum Followed {
    /// It is written; this is what to say.
    Told(Result<Progress>),
    /// Somebody else was first: judge anew.
    Again,
}
