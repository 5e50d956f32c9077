//! From the typed traits to [`DynAuthenticator`].

use super::*;
use std::future::ready;

/// A typed authenticator with the abilities that were registered for it.
pub struct Erased<A: Authenticator> {
    inner: A,
    manifest: Manifest,
    enrol: Option<&'static dyn EnrolTable<A>>,
    identify: Option<&'static dyn IdentifyTable<A>>,
    signal: Option<&'static dyn SignalTable<A>>,
    rehearse: Option<&'static dyn RehearseTable<A>>,
    attend: Option<&'static dyn AttendTable<A>>,
}

impl<A: Authenticator> Erased<A> {
    /// Makes the authenticator from its config.
    ///
    /// # Errors
    /// [`Fault::Config`] when the config does not fit.
    pub fn new(version: &str, config: Value, host: Host) -> Result<Self, Fault> {
        let config = serde_json::from_value(config)
            .map_err(|e| Fault::Config { key: String::new(), message: e.to_string() })?;
        let inner = A::new(config, host)?;
        let manifest = manifest_of::<A>(version, inner.traits());
        Ok(Self { inner, manifest, enrol: None, identify: None, signal: None, rehearse: None, attend: None })
    }

    /// Adds the ability to enrol.
    #[must_use]
    pub fn enrol(mut self) -> Self
    where
        A: Enrol,
    {
        self.manifest.abilities.enrol = true;
        let s = &mut self.manifest.schemas;
        s.invite = Some(schema_of::<A::Invite>());
        s.invitation = Some(schema_of::<A::Invitation>());
        s.proof = Some(schema_of::<A::Proof>());
        s.reveal = Some(schema_of::<A::Reveal>());
        self.enrol = Some(&Of);
        self
    }

    /// Adds the ability to find the person.
    #[must_use]
    pub fn identify(mut self) -> Self
    where
        A: Identify,
    {
        self.manifest.abilities.identify = true;
        self.identify = Some(&Of);
        self
    }

    /// Adds the ability to be moved from outside.
    #[must_use]
    pub fn signal(mut self) -> Self
    where
        A: Signal,
    {
        self.manifest.abilities.signal = true;
        self.manifest.abilities.same_browser = A::SAME_BROWSER;
        self.manifest.schemas.event = Some(schema_of::<A::Event>());
        self.signal = Some(&Of);
        self
    }

    /// Adds the rehearsal for tests and examples.
    #[must_use]
    pub fn rehearse(mut self) -> Self
    where
        A: Rehearse,
    {
        self.manifest.abilities.rehearse = true;
        self.rehearse = Some(&Of);
        self
    }

    /// Adds the ability to answer a device.
    #[must_use]
    pub fn attend(mut self) -> Self
    where
        A: Attend,
    {
        self.manifest.abilities.attend = true;
        self.manifest.schemas.ask = Some(schema_of::<A::Ask>());
        self.manifest.schemas.reply = Some(schema_of::<A::Reply>());
        self.attend = Some(&Of);
        self
    }

    fn lacks(&self, ability: &str) -> Fault {
        Fault::bad_request("", format!("{} can't {ability}", A::ID))
    }
}

/// Carries the tables: one zero-sized value, a table for each ability that a type has.
struct Of;

trait EnrolTable<A: Authenticator>: Sync {
    fn invite<'a>(&self, a: &'a A, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>>;
    fn enrol<'a>(&self, a: &'a A, call: RawCall<'a, (Body, Body)>)
    -> BoxFut<'a, Result<RawEnrolment, Fault>>;
}

trait IdentifyTable<A: Authenticator>: Sync {
    fn identify<'a>(
        &self,
        a: &'a A,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Identified<Body>, Fault>>;
}

trait SignalTable<A: Authenticator>: Sync {
    fn correlate(&self, a: &A, event: &Body) -> Result<LookupKey, Fault>;
    fn speaks_for(&self, a: &A, event: &Body) -> Option<LookupKey>;
    fn signal<'a>(
        &self,
        a: &'a A,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Option<Body>, Fault>>;
}

trait AttendTable<A: Authenticator>: Sync {
    fn asker(&self, a: &A, ask: &Body) -> Result<LookupKey, Fault>;
    fn attend<'a>(&self, a: &'a A, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>>;
}

trait RehearseTable<A: Authenticator>: Sync {
    fn prove(&self, invitation: &Value, now: Timestamp) -> Option<Value>;
    fn answer(&self, seen: [&Value; 3], now: Timestamp, turn: usize) -> Option<Value>;
}

impl<A: Enrol> EnrolTable<A> for Of {
    fn invite<'a>(&self, a: &'a A, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = read(call.body)?;
            raw_challenge(a.invite(Call { scope: call.scope, credentials: &credentials, body }).await?)
        })
    }

    fn enrol<'a>(
        &self,
        a: &'a A,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<RawEnrolment, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = (open(call.body.0, "draft")?, read(call.body.1)?);
            let done = a.enrol(Call { scope: call.scope, credentials: &credentials, body }).await?;
            Ok(match done {
                Enrolment::Rejected(violations) => Enrolment::Rejected(violations),
                Enrolment::Pending { retry_after } => Enrolment::Pending { retry_after },
                Enrolment::Enrolled { credential, label, lookup, reveal } => Enrolment::Enrolled {
                    credential: Body(write(&credential, "credential")?),
                    label,
                    lookup,
                    reveal: Body(write(&reveal, "reveal")?),
                },
            })
        })
    }
}

impl<A: Identify> IdentifyTable<A> for Of {
    fn identify<'a>(
        &self,
        a: &'a A,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Identified<Body>, Fault>> {
        Box::pin(async move {
            let body = (open(call.body.0, "state")?, read(call.body.1)?);
            let found = a.identify(Call { scope: call.scope, credentials: &[], body }).await?;
            Ok(Identified { lookup: found.lookup, state: Body(write(&found.state, "state")?) })
        })
    }
}

impl<A: Signal> SignalTable<A> for Of {
    fn correlate(&self, a: &A, event: &Body) -> Result<LookupKey, Fault> {
        a.correlate(&read(event.clone())?)
    }

    fn speaks_for(&self, a: &A, event: &Body) -> Option<LookupKey> {
        a.speaks_for(&read(event.clone()).ok()?)
    }

    fn signal<'a>(
        &self,
        a: &'a A,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Option<Body>, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = (open(call.body.0, "state")?, read(call.body.1)?);
            let state = a.signal(Call { scope: call.scope, credentials: &credentials, body }).await?;
            state.map(|s| write(&s, "state").map(Body)).transpose()
        })
    }
}

impl<A: Attend> AttendTable<A> for Of {
    fn asker(&self, a: &A, ask: &Body) -> Result<LookupKey, Fault> {
        a.asker(&read(ask.clone())?)
    }

    fn attend<'a>(&self, a: &'a A, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = read(call.body)?;
            let reply = a.attend(Call { scope: call.scope, credentials: &credentials, body }).await?;
            reply.map(|r| write(&r, "reply")).transpose()
        })
    }
}

impl<A: Rehearse> RehearseTable<A> for Of {
    fn prove(&self, invitation: &Value, now: Timestamp) -> Option<Value> {
        Some(A::prove(&serde_json::from_value(invitation.clone()).ok()?, now))
    }

    fn answer(
        &self,
        [invitation, reveal, prompt]: [&Value; 3],
        now: Timestamp,
        turn: usize,
    ) -> Option<Value> {
        let invitation = serde_json::from_value(invitation.clone()).ok()?;
        let reveal = serde_json::from_value(reveal.clone()).ok()?;
        A::answer(&invitation, &reveal, prompt, now, turn)
    }
}

impl<A: Authenticator> DynAuthenticator for Erased<A> {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn module(&self) -> Option<&'static Module> {
        A::MODULE
    }

    fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        self.inner.misfits(keypad)
    }

    fn challenge<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = read(call.body)?;
            raw_challenge(
                self.inner.challenge(Call { scope: call.scope, credentials: &credentials, body }).await?,
            )
        })
    }

    fn verify<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawVerdict, Fault>> {
        Box::pin(async move {
            let credentials = typed_credentials(call.credentials)?;
            let body = (open(call.body.0, "state")?, read(call.body.1)?);
            raw_verdict(self.inner.verify(Call { scope: call.scope, credentials: &credentials, body }).await?)
        })
    }

    fn invite<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        match self.enrol {
            Some(table) => table.invite(&self.inner, call),
            None => Box::pin(async { Err(self.lacks("be enrolled")) }),
        }
    }

    fn enrol<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawEnrolment, Fault>> {
        match self.enrol {
            Some(table) => table.enrol(&self.inner, call),
            None => Box::pin(async { Err(self.lacks("be enrolled")) }),
        }
    }

    fn identify<'a>(
        &'a self,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Identified<Body>, Fault>> {
        match self.identify {
            Some(table) => table.identify(&self.inner, call),
            None => Box::pin(async { Err(self.lacks("find the person")) }),
        }
    }

    fn correlate<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        let key = match self.signal {
            Some(table) => table.correlate(&self.inner, event),
            None => Err(self.lacks("be signalled")),
        };
        Box::pin(ready(key))
    }

    fn speaks_for<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<Option<LookupKey>, Fault>> {
        let key = self.signal.and_then(|table| table.speaks_for(&self.inner, event));
        Box::pin(ready(Ok(key)))
    }

    fn asker<'a>(&'a self, ask: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        let key = match self.attend {
            Some(table) => table.asker(&self.inner, ask),
            None => Err(self.lacks("be asked")),
        };
        Box::pin(ready(key))
    }

    fn attend<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>> {
        match self.attend {
            Some(table) => table.attend(&self.inner, call),
            None => Box::pin(async { Err(self.lacks("be asked")) }),
        }
    }

    fn describe<'a>(&'a self, doc: Body) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(ready(open(doc, "credential").map(|credential| A::describe(&credential))))
    }

    fn signal<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<Option<Body>, Fault>> {
        match self.signal {
            Some(table) => table.signal(&self.inner, call),
            None => Box::pin(async { Err(self.lacks("be signalled")) }),
        }
    }

    fn migrate<'a>(&'a self, from: u32, doc: Body) -> BoxFut<'a, Result<Body, Fault>> {
        Box::pin(ready(A::migrate(from, doc.0).map(Body)))
    }

    fn prove<'a>(&'a self, invitation: &'a Value, now: Timestamp) -> BoxFut<'a, Option<Value>> {
        Box::pin(ready(self.rehearse.and_then(|table| table.prove(invitation, now))))
    }

    fn answer<'a>(&'a self, seen: [&'a Value; 3], now: Timestamp, turn: usize) -> BoxFut<'a, Option<Value>> {
        Box::pin(ready(self.rehearse.and_then(|table| table.answer(seen, now, turn))))
    }
}
