//! A library as an authenticator: what goes in is checked before, what comes out after.

mod ask;
mod bounds;
#[cfg(test)]
mod tests;

use super::{
    Checked, Needs, Transport,
    refusals::Refusals,
    schemas::{Messages, Word},
};
use gatewright_contract::{
    Body, BoxFut, DynAuthenticator, Enrolment, Fault, Identified, LookupKey, Manifest, Outcome, RawCall,
    RawChallenge, RawEnrolment, RawVerdict, TenantId, Timestamp,
    wire::{Reply, Request},
};
use serde_json::Value;
use std::sync::Arc;

/// An authenticator on the other side of a library boundary. Whatever it does that it may not is "could not tell"
/// ([`Fault::Unavailable`]), logged with its id; bodies are never logged.
pub struct LibraryAuthenticator {
    manifest: Manifest,
    generation: String,
    needs: Needs,
    messages: Messages,
    transport: Arc<dyn Transport>,
    refusals: Arc<Refusals>,
}

impl LibraryAuthenticator {
    /// Of a library that runs and whose manifest holds. `generation` names it among the versions of its plugin.
    pub fn new(
        checked: Checked,
        generation: String,
        transport: Arc<dyn Transport>,
        refusals: Arc<Refusals>,
    ) -> Self {
        let Checked { manifest, needs, messages } = checked;
        Self { manifest, generation, needs, messages, transport, refusals }
    }

    /// The library itself: its health, its end.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// The tenant of a request, for what the plugin asks meanwhile.
    fn tenant<'a>(request: &'a Request<'_>) -> Option<&'a TenantId> {
        request.scope.as_deref().map(|scope| &scope.tenant)
    }

    fn lacks(&self, ability: &str) -> Fault {
        Fault::bad_request("", format!("{} can't {ability}", self.manifest.id))
    }

    fn can(&self, can: bool, what: &str) -> Result<(), Fault> {
        if can { Ok(()) } else { Err(self.lacks(what)) }
    }

    /// A challenge or an invitation; the two differ in their names only.
    async fn asked(
        &self,
        method: &'static str,
        shown: Word,
        mut request: Request<'_>,
        body: Body,
    ) -> Result<RawChallenge, Fault> {
        let is_invite = method == "invite";
        self.messages.inbound(if is_invite { Word::Invite } else { Word::Begin }, &body)?;
        match is_invite {
            true => request.invite = Some(body),
            false => request.begin = Some(body),
        }
        let reply = self.ask(method, &request).await?;
        let mut challenge = if is_invite { reply.invited() } else { reply.challenge() };
        self.says(method, shown, &mut challenge.prompt)?;
        self.holds(method, bounds::kept(&challenge.state))?;
        self.holds(method, bounds::wait(challenge.expires_in))?;
        self.holds(method, bounds::key(challenge.wake.as_ref()))?;
        self.effects(method, &challenge.effects, &request).await?;
        Ok(challenge)
    }

    async fn verified(&self, request: Request<'_>) -> Result<RawVerdict, Fault> {
        const METHOD: &str = "verify";
        let reply = self.ask(METHOD, &request).await?;
        let mut verdict = self.holds(METHOD, reply.verdict().map_err(|fault| fault.to_string()))?;
        match &mut verdict.outcome {
            Outcome::Accepted(accepted) => {
                let declared = &self.manifest.traits.amr;
                self.holds(METHOD, bounds::accepted(accepted, &request.credentials, declared))?;
                if let Some(Body(reveal)) = &mut accepted.reveal {
                    self.says(METHOD, Word::Reveal, reveal)?;
                }
            }
            Outcome::Refused(_) => {}
            Outcome::Pending(pending) => {
                self.holds(METHOD, bounds::kept(&pending.state))?;
                self.holds(METHOD, bounds::wait(Some(pending.retry_after)))?;
            }
            Outcome::Continue { prompt, state } => {
                self.says(METHOD, Word::Prompt, prompt)?;
                self.holds(METHOD, bounds::kept(state))?;
            }
        }
        self.effects(METHOD, &verdict.effects, &request).await?;
        Ok(verdict)
    }

    async fn enrolled(&self, request: Request<'_>) -> Result<RawEnrolment, Fault> {
        const METHOD: &str = "enrol";
        let reply = self.ask(METHOD, &request).await?;
        let mut enrolment = self.holds(METHOD, reply.enrolment().map_err(|fault| fault.to_string()))?;
        match &mut enrolment {
            Enrolment::Enrolled { credential, label, lookup, reveal } => {
                self.says(METHOD, Word::Reveal, &mut reveal.0)?;
                self.holds(METHOD, bounds::document(credential))?;
                self.holds(METHOD, bounds::label(label.as_deref()))?;
                self.holds(METHOD, bounds::key(lookup.as_ref()))?;
            }
            Enrolment::Rejected(violations) => self.holds(METHOD, bounds::violations(violations))?,
            Enrolment::Pending { retry_after } => self.holds(METHOD, bounds::wait(Some(*retry_after)))?,
        }
        Ok(enrolment)
    }

    /// A key that an event or a device names; nothing else of the reply counts.
    async fn named(&self, method: &'static str, request: Request<'_>) -> Result<Option<LookupKey>, Fault> {
        let reply = self.ask(method, &request).await?;
        self.holds(method, bounds::key(reply.lookup.as_ref()))?;
        Ok(reply.lookup)
    }

    /// What a person would send; a rehearsal that fails is none.
    async fn rehearsed(&self, method: &'static str, request: Request<'_>) -> Option<Value> {
        if !self.manifest.abilities.rehearse {
            return None;
        }
        let Reply { rehearsed, .. } = self.ask(method, &request).await.ok()?;
        Some(rehearsed).filter(|value| !value.is_null())
    }
}

impl DynAuthenticator for LibraryAuthenticator {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn generation(&self) -> Option<&str> {
        Some(&self.generation)
    }

    fn challenge<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        let (request, begin) = Request::of(call);
        Box::pin(self.asked("challenge", Word::Prompt, request, begin))
    }

    fn verify<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawVerdict, Fault>> {
        let (mut request, (state, answer)) = Request::of(call);
        Box::pin(async move {
            self.messages.inbound(Word::Answer, &answer)?;
            (request.state, request.answer) = (Some(state), Some(answer));
            self.verified(request).await
        })
    }

    fn invite<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        let (request, invite) = Request::of(call);
        Box::pin(async move {
            self.can(self.manifest.abilities.enrol, "be enrolled")?;
            self.asked("invite", Word::Invitation, request, invite).await
        })
    }

    fn enrol<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawEnrolment, Fault>> {
        let (mut request, (draft, proof)) = Request::of(call);
        Box::pin(async move {
            self.can(self.manifest.abilities.enrol, "be enrolled")?;
            self.messages.inbound(Word::Proof, &proof)?;
            (request.draft, request.proof) = (Some(draft), Some(proof));
            self.enrolled(request).await
        })
    }

    fn identify<'a>(
        &'a self,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Identified<Body>, Fault>> {
        let (mut request, (state, answer)) = Request::of(call);
        Box::pin(async move {
            self.can(self.manifest.abilities.identify, "find the person")?;
            self.messages.inbound(Word::Answer, &answer)?;
            (request.state, request.answer) = (Some(state), Some(answer));
            // It runs before anybody is known, whatever it was handed.
            request.credentials = Vec::new().into();
            let found = self.ask("identify", &request).await?.identified();
            self.holds("identify", bounds::kept(&found.state))?;
            self.holds("identify", bounds::key(found.lookup.as_ref()))?;
            Ok(found)
        })
    }

    fn correlate<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        Box::pin(async move {
            self.can(self.manifest.abilities.signal, "be signalled")?;
            self.messages.inbound(Word::Event, event)?;
            let request = Request { event: Some(event.clone()), ..Request::default() };
            let key = self.named("correlate", request).await?;
            self.holds("correlate", key.ok_or_else(|| "`lookup` is missing".to_owned()))
        })
    }

    fn speaks_for<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<Option<LookupKey>, Fault>> {
        Box::pin(async move {
            // What has not the shape speaks for nobody.
            if !self.manifest.abilities.signal || self.messages.inbound(Word::Event, event).is_err() {
                return Ok(None);
            }
            self.named("speaks_for", Request { event: Some(event.clone()), ..Request::default() }).await
        })
    }

    fn signal<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<Option<Body>, Fault>> {
        let (mut request, (state, event)) = Request::of(call);
        Box::pin(async move {
            self.can(self.manifest.abilities.signal, "be signalled")?;
            self.messages.inbound(Word::Event, &event)?;
            (request.state, request.event) = (Some(state), Some(event));
            let reply = self.ask("signal", &request).await?;
            let moved = self.holds("signal", reply.moved().map_err(|fault| fault.to_string()))?;
            if let Some(state) = &moved {
                self.holds("signal", bounds::kept(state))?;
            }
            Ok(moved)
        })
    }

    fn asker<'a>(&'a self, ask: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        Box::pin(async move {
            self.can(self.manifest.abilities.attend, "be asked")?;
            self.messages.inbound(Word::Ask, ask)?;
            let key = self.named("asker", Request { ask: Some(ask.clone()), ..Request::default() }).await?;
            self.holds("asker", key.ok_or_else(|| "`lookup` is missing".to_owned()))
        })
    }

    fn attend<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>> {
        let (mut request, ask) = Request::of(call);
        Box::pin(async move {
            self.can(self.manifest.abilities.attend, "be asked")?;
            self.messages.inbound(Word::Ask, &ask)?;
            request.ask = Some(ask);
            let reply = self.ask("attend", &request).await?;
            let mut told = self.holds("attend", reply.answered().map_err(|fault| fault.to_string()))?;
            if let Some(told) = &mut told {
                self.says("attend", Word::Reply, told)?;
            }
            Ok(told)
        })
    }

    fn describe<'a>(&'a self, doc: Body) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let Reply { details, .. } =
                self.ask("describe", &Request { doc: Some(doc), ..Request::default() }).await?;
            self.holds("describe", bounds::details(&details))?;
            Ok(details)
        })
    }

    fn migrate<'a>(&'a self, from: u32, doc: Body) -> BoxFut<'a, Result<Body, Fault>> {
        Box::pin(async move {
            let request = Request { from: Some(from), doc: Some(doc), ..Request::default() };
            let doc = Body(self.ask("migrate", &request).await?.doc);
            self.holds("migrate", bounds::document(&doc))?;
            Ok(doc)
        })
    }

    fn prove<'a>(&'a self, invitation: &'a Value, now: Timestamp) -> BoxFut<'a, Option<Value>> {
        let invitation = Some(Body(invitation.clone()));
        Box::pin(self.rehearsed("prove", Request { invitation, now: Some(now), ..Request::default() }))
    }

    fn answer<'a>(&'a self, seen: [&'a Value; 3], now: Timestamp, turn: usize) -> BoxFut<'a, Option<Value>> {
        let [invitation, reveal, prompt] = seen.map(|value| Some(Body(value.clone())));
        let request =
            Request { invitation, reveal, prompt, now: Some(now), turn: Some(turn), ..Request::default() };
        Box::pin(self.rehearsed("answer", request))
    }
}
