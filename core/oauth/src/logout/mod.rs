//! Logging out: at the wish of a client (OpenID Connect RP-Initiated Logout 1.0), and telling the others of it
//! (Back-Channel Logout 1.0, Front-Channel Logout 1.0).
//!
//! Which session ends: the browser's own, where the hint is about the same person, and the one that the hint names. Where
//! the hint is about somebody else, or there is none, the person is asked first: else any page could log anybody out.

mod back_channel;
mod front_channel;
mod read;
mod token;

pub use back_channel::{LOGOUT, Told};
pub use read::{LogoutRequest, tenant_of_hint};

use crate::{Provider, Result};
use gatewright_contract::SessionId;
use gatewright_core::{Origin, Session, Tenant, session::Caller};
use std::sync::Arc;

/// What follows from a wish to log out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logout {
    /// Nothing has ended: the person must be asked.
    Confirm,
    /// It is done.
    Done(LoggedOut),
}

/// What is left to do after a logout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedOut {
    /// Where the browser goes, with `state`; none: it stays.
    pub then: Option<String>,
    /// URLs of clients that are loaded in frames meanwhile.
    pub frames: Vec<String>,
    /// Whether the browser's own session has ended, so that its cookie goes.
    pub own: bool,
}

impl Provider {
    /// Does what a client asks for. `browser`: who the browser belongs to, by its cookie alone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn log_out(
        &self,
        tenant: &Tenant,
        request: LogoutRequest,
        browser: Option<&Caller>,
        origin: &Origin,
    ) -> Result<Logout> {
        let browser = browser.filter(|caller| caller.session.tenant == tenant.id);
        let own = match browser {
            Some(caller) if !self.means(tenant, &request, &caller.session).await? => {
                return Ok(Logout::Confirm);
            }
            own => own,
        };
        let mut ending: Vec<Arc<Session>> = own.map(|caller| caller.session.clone()).into_iter().collect();
        ending.extend(self.session_of(tenant, &request, own.map(|caller| caller.session.id)).await?);
        Ok(Logout::Done(self.ended(tenant, request, ending, own, origin).await?))
    }

    /// The same after the person has said yes: their own session ends.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn log_out_confirmed(
        &self,
        tenant: &Tenant,
        request: LogoutRequest,
        browser: &Caller,
        origin: &Origin,
    ) -> Result<LoggedOut> {
        let ending = vec![browser.session.clone()];
        self.ended(tenant, request, ending, Some(browser), origin).await
    }

    /// Whether the hint means the person of this session.
    async fn means(&self, tenant: &Tenant, request: &LogoutRequest, session: &Session) -> Result<bool> {
        let (Some(hint), Some(client)) = (&request.hint, &request.client) else { return Ok(false) };
        Ok(self.subject(&tenant.id, client, session.person).await? == hint.sub)
    }

    /// The session that the hint names, unless it is this one or has ended.
    async fn session_of(
        &self,
        tenant: &Tenant,
        request: &LogoutRequest,
        but: Option<SessionId>,
    ) -> Result<Option<Arc<Session>>> {
        let id = request.hint.as_ref().and_then(|hint| hint.session).filter(|id| Some(*id) != but);
        let Some(id) = id else { return Ok(None) };
        let session = self.engine.store().session(id).await?.filter(|session| session.tenant == tenant.id);
        match session {
            Some(session) if self.means(tenant, request, &session).await? => Ok(Some(session)),
            _ => Ok(None),
        }
    }

    async fn ended(
        &self,
        tenant: &Tenant,
        request: LogoutRequest,
        ending: Vec<Arc<Session>>,
        own: Option<&Caller>,
        origin: &Origin,
    ) -> Result<LoggedOut> {
        let mut frames = Vec::new();
        for session in &ending {
            frames.extend(self.logged_out(tenant, session.id).await?);
            // By the client that the hint was for, where nobody is at the browser.
            let actor = own.map(|caller| caller.session.person);
            self.engine.end_session(session, actor, origin).await?;
        }
        frames.dedup();
        Ok(LoggedOut { then: request.then, frames, own: own.is_some() })
    }
}
