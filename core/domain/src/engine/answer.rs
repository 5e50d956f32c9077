//! The step that matters: an answer is judged and everything that follows is written at once.

use super::{
    Engine, Progress, Wish, follow::Followed, identify::must_be_named, judge::Judged, step::Loaded,
    tries::Counted, waiting::Which,
};
use crate::{
    Origin,
    problem::{Problem, Result},
    token::PlainToken,
};
use gatewright_contract::{Body, DynAuthenticator, Outcome, RawVerdict, Refusal};
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
    /// transaction; 409 when the step is not due or another one was first (where asking is the try, another answer to the same
    /// challenge); 429 for a blocked address or too many steps.
    pub async fn answer(
        &self,
        handle: &PlainToken,
        authenticator: &str,
        answer: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Progress> {
        self.answered(Which::Handle(handle), authenticator, answer, wish, origin).await
    }

    /// [`Engine::answer`], however the transaction is found.
    pub(super) async fn answered(
        &self,
        which: Which<'_>,
        authenticator: &str,
        answer: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Progress> {
        let mut tries: Option<Counted> = None;
        for round in 0..ROUNDS {
            let mut loaded = self.find(which, authenticator, origin).await?;
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
                None if plugin.manifest().asking_counts => self.counted_when_asked(&loaded)?,
                None if is_poll => Counted::nothing(),
                None => self.count(&loaded, origin).await?,
            };
            let asked = (state.clone(), answer.clone());
            let judged = self.judge(&loaded, plugin, asked, &counted, origin).await;
            let judged = match judged {
                Ok(judged) => judged,
                Err(problem) => {
                    // Could not tell: the try does not count.
                    self.store.commit(counted.forgive()).await?;
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
                self.store.commit(counted.forgive()).await?;
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
        if !matches!(judged.verdict.outcome, Outcome::Accepted(_)) || !is_poll || counted.when_asked() {
            return Ok((judged, counted));
        }
        let counted = self.count(loaded, origin).await?;
        if counted.locked {
            judged.verdict = RawVerdict::refused(Refusal::NotEnrolled);
        }
        Ok((judged, counted))
    }

    /// The state of the pending challenge; or of one that is posed now, where nothing needs to be shown.
    pub(super) async fn state_for(
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
        if manifest.abilities.signal || manifest.sends || manifest.asking_counts {
            // Asking is what rings, sends and counts there: it is a step of its own.
            return Err(ask_first());
        }
        let (challenge, _) = match self.pose(loaded, plugin, json!({}), false, origin).await {
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
}

/// A push or redirect that is asked whether it is decided: there is nothing to guess in it.
fn is_poll(plugin: &dyn DynAuthenticator, answer: &Value) -> bool {
    plugin.manifest().abilities.signal && answer.as_object().is_some_and(serde_json::Map::is_empty)
}
