//! Answers to a challenge that is found by the key that it was given, where the client carries no handle.

use super::{
    Engine, Progress, Wish,
    follow::{Followed, Proven},
    step::{Loaded, is_ours},
};
use crate::{
    Origin,
    audit::Event,
    problem::{Problem, Result},
    store::Write,
    token::PlainToken,
};
use gatewright_contract::{Fault, LookupKey, Outcome, Purpose, RawVerdict, Refusal};
use serde_json::Value;

/// What names a transaction.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    /// The handle of its last step.
    Handle(&'a PlainToken),
    /// The key of the challenge that waits in it.
    Waiting(&'a LookupKey),
}

impl Engine {
    /// [`Engine::answer`], with the key that the challenge was given ([`gatewright_contract::Challenge::wake`]) in the place of
    /// a handle: only where the key is for who answers, and not for whoever sends an event.
    ///
    /// # Errors
    /// Those of [`Engine::answer`].
    pub async fn answer_waiting(
        &self,
        authenticator: &str,
        key: &LookupKey,
        answer: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Progress> {
        self.answered(Which::Waiting(key), authenticator, answer, wish, origin).await
    }

    /// Finds a transaction for an answer. Foreign, finished, expired and unknown are the same.
    pub(super) async fn find(
        &self,
        which: Which<'_>,
        authenticator: &str,
        origin: &Origin,
    ) -> Result<Loaded> {
        let key = match which {
            Which::Handle(handle) => return self.load(handle, origin).await,
            Which::Waiting(key) => key,
        };
        if self.catalogue().get(authenticator)?.manifest().abilities.signal {
            // There the key is in what is shown to another device, or goes through a browser: it proves nothing.
            return Err(Problem::unknown_transaction());
        }
        let now = self.now();
        let found = self.store.transaction_by_wake(authenticator, key, now).await?;
        let transaction =
            found.filter(|t| is_ours(t, now, origin)).ok_or_else(Problem::unknown_transaction)?;
        self.surround(transaction, now).await
    }

    /// Judges the answer to what waits under this key for this purpose, which is no login: who has proven it (the person is
    /// there), and what to commit with what follows, which ends the challenge and takes its tries back. The caller of this
    /// holds the person against who asks, and writes that person with their revision.
    ///
    /// # Errors
    /// Those of [`Engine::answer`]; a wrong answer has ended the challenge.
    pub(super) async fn judge_waiting(
        &self,
        authenticator: &str,
        key: &LookupKey,
        answer: Value,
        purpose: Purpose,
        origin: &Origin,
    ) -> Result<(Loaded, Vec<Write>)> {
        let mut loaded = self.find(Which::Waiting(key), authenticator, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        let plugin = self.asker(&loaded, authenticator, false)?;
        let plugin = &*plugin;
        let body = &loaded.transaction.body;
        if body.purpose != Purpose::Login || !body.proofs.is_empty() {
            return Err(Problem::out_of_order(
                "This challenge was asked for something else. Ask for a new one.",
            ));
        }
        self.must_be_due(&loaded, authenticator)?;
        self.must_fit(&loaded, plugin)?;
        let state = self.state_for(&mut loaded, plugin, origin).await?;
        let counted = self.counted_when_asked(&loaded)?;
        loaded.transaction.body.purpose = purpose;
        let judged = self.judge(&loaded, plugin, (state, answer), &counted, origin).await;
        loaded.transaction.body.purpose = Purpose::Login;
        let mut judged = judged?;
        let wish = Wish::default();
        let accepted = match judged.verdict.outcome {
            Outcome::Accepted(accepted) => accepted,
            refused => {
                // What would go on goes on nowhere from here.
                judged.verdict = match refused {
                    Outcome::Refused(why) => RawVerdict::refused(why),
                    _ => RawVerdict::refused(Refusal::Wrong),
                };
                return match self.follow(loaded, plugin, judged, &counted, &wish, origin).await? {
                    Followed::Told(Err(problem)) => Err(problem),
                    _ => Err(Problem::refused()),
                };
            }
        };
        let effects = judged.verdict.effects;
        if !effects.send.is_empty() {
            return Err(Fault::internal("an answer that is no login sends messages").into());
        }
        let writes = self.effect_writes(&loaded, &judged.held, plugin, effects.credentials).await?;
        let proven = Proven { plugin, accepted, held: &judged.held, counted: &counted, wish: &wish };
        let writes = self.proven_writes(&loaded, &proven, writes, origin);
        Ok((loaded, writes))
    }

    /// What ends a challenge whose answer was right.
    fn proven_writes(
        &self,
        loaded: &Loaded,
        proven: &Proven<'_>,
        mut writes: Vec<Write>,
        origin: &Origin,
    ) -> Vec<Write> {
        let t = &loaded.transaction;
        self.note_use(proven, loaded.now, &mut writes);
        writes.push(Write::TransactionDelete(t.id, t.rev));
        let event = Event::new("login.step", &t.tenant, loaded.now, origin);
        let id = &proven.plugin.manifest().id;
        writes.push(Write::Audit(event.about(t.body.person).with(id)));
        writes.extend(self.refund(loaded, origin));
        writes.extend(proven.counted.take_back());
        writes
    }
}
