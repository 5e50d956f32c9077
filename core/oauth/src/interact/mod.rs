//! What a person does about an authorization request: logs in, agrees, or says no; and what follows from that, in one commit.

mod consent;
mod finish;
mod in_app;
mod judge;
mod nonce;

pub use consent::CONSENT;
pub use finish::{LOGIN, LoginNote};

use crate::{
    Client, ErrorCode, OAuthError, Provider, Result,
    request::{Pending, Respond, gone},
};
use gatewright_core::{
    Origin, Person, PlainToken, Session, Tenant,
    audit::Event,
    session::Caller,
    store::{StoreError, Subject, Write},
};
use judge::{Stands, Step};
pub(crate) use judge::{is_older, reaches};

/// How often a request is judged anew because something of it changed at the same time.
const ROUNDS: usize = 4;

/// What is due next in an authorization request.
#[derive(Debug)]
pub enum Next {
    /// The person logs in.
    Login {
        /// As whom, as far as the client knows.
        username: Option<String>,
        /// Whether it is the person of the session who must prove anew who they are.
        elevate: bool,
    },
    /// The person is asked for this.
    Consent {
        /// All scopes of the request.
        scopes: Vec<String>,
    },
    /// The client is answered; the request is gone.
    Respond(Respond),
}

/// Somebody with a live session.
struct Somebody {
    session: std::sync::Arc<Session>,
    person: Person,
    /// What the client calls them.
    subject: String,
}

impl Provider {
    /// How it goes on with a request. `caller`: who the browser belongs to; somebody of another tenant is nobody here.
    ///
    /// # Errors
    /// `invalid_request` where the request is unknown, answered or forgotten, alike.
    pub async fn proceed(&self, name: &PlainToken, caller: Option<&Caller>, origin: &Origin) -> Result<Next> {
        for _ in 0..ROUNDS {
            let pending = self.pending(name).await?;
            let somebody = self.somebody((&pending.tenant, &pending.client), caller).await?;
            let (respond, writes) = match self.step(&pending, somebody.as_ref()).await? {
                Step::Login { username, elevate } => return Ok(Next::Login { username, elevate }),
                Step::Consent { scopes } => return Ok(Next::Consent { scopes }),
                Step::Refuse(error) => self.refused(&pending, somebody.as_ref(), &error, origin),
                Step::Grant(granted) => {
                    let somebody = somebody.ok_or_else(gone)?;
                    self.granted(&pending, &somebody, granted, origin).await?
                }
                Step::Proven { acr, amr } => {
                    let somebody = somebody.ok_or_else(gone)?;
                    self.proved(&pending, &somebody, (&acr, &amr), origin).await?
                }
            };
            match self.engine.store().commit(writes).await {
                Ok(()) => return Ok(Next::Respond(respond)),
                // The session has been ended, the person changed, or somebody else has answered: see what is left.
                Err(StoreError::Conflict(Subject::Record | Subject::Person | Subject::Session)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(gone())
    }

    /// The person of a login, where they may answer a client of this tenant.
    async fn somebody(
        &self,
        (tenant, client): (&Tenant, &Client),
        caller: Option<&Caller>,
    ) -> Result<Option<Somebody>> {
        // A token of an application, or one with bounds, is no login.
        let own = |caller: &&Caller| {
            caller.session.tenant == tenant.id
                && caller.scopes.is_none()
                && caller.session.door != gatewright_core::admin::SERVICE_DOOR
        };
        let Some(caller) = caller.filter(own) else { return Ok(None) };
        let (store, id) = (self.engine.store(), caller.session.id);
        // As it is stored now: it may have been raised or ended since the browser was looked at.
        let session = store.session(id).await?.filter(|session| !session.is_over(self.engine.now()));
        let Some(session) = session else { return Ok(None) };
        let person = store.person(&tenant.id, session.person).await?.filter(Person::may_log_in);
        let Some(person) = person else { return Ok(None) };
        let subject = self.subject(&tenant.id, client, person.id).await?;
        Ok(Some(Somebody { session, person, subject }))
    }

    async fn step(&self, pending: &Pending, somebody: Option<&Somebody>) -> Result<Step> {
        let remembered = match somebody {
            Some(somebody) => self.remembered(pending, somebody.person.id).await?,
            None => None,
        };
        let stands = Stands {
            request: &pending.request,
            client: &pending.client,
            levels: &self.engine.settings_of(&pending.tenant).policy.levels,
            somebody,
            remembered: remembered.as_ref().map(|(consent, _)| consent),
            rules: self.rules(&pending.tenant),
            now: self.engine.now(),
        };
        Ok(stands.step())
    }

    /// The request is gone, and the client hears why.
    fn refused(
        &self,
        pending: &Pending,
        somebody: Option<&Somebody>,
        error: &OAuthError,
        origin: &Origin,
    ) -> (Respond, Vec<Write>) {
        let issuer = self.issuer(&pending.tenant);
        let respond = Respond::to(&pending.request, &issuer, Respond::error(error));
        let mut writes = vec![pending.answered()];
        // That somebody would have to log in or agree is asked all day, by nobody in particular.
        if matches!(error.code, ErrorCode::AccessDenied | ErrorCode::UnmetAuthenticationRequirements) {
            let event = Event::new("authorization.refused", &pending.tenant.id, self.engine.now(), origin)
                .about(somebody.map(|somebody| somebody.person.id))
                .on(format!("client:{}", pending.client.client_id));
            writes.push(Write::Audit(event.but(error.code.as_str())));
        }
        (respond, writes)
    }
}

impl Pending {
    /// The write that answers it: of two parallel ones the second conflicts.
    pub(crate) fn answered(&self) -> Write {
        let record = &self.record;
        Write::RecordDelete(record.tenant.clone(), record.kind.clone(), record.id, record.rev)
    }
}
