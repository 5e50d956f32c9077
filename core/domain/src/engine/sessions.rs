//! Checking, exchanging and ending sessions.

use super::{Engine, Wish};
use crate::{
    Origin, Person,
    audit::Event,
    problem::{Problem, Result},
    session::{Caller, Grant, Session, TokenKind},
    store::{StoreError, Write},
    token::{HashedToken, PlainToken},
};
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};
use std::{sync::Arc, time::Duration};

/// `last_seen` is written at most this often.
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// And this many times within the time after which an unused session ends, so that it does not end while it
/// is used.
const SEEN_WITHIN_IDLE: u32 = 4;

fn seen_every(session: &Session) -> Duration {
    SEEN_EVERY.min(Duration::from_secs(u64::from(session.idle_seconds)) / SEEN_WITHIN_IDLE)
}

/// Clocks of nodes differ; what was noted further ahead than this, no node noted.
const AHEAD: Duration = Duration::from_secs(300);

/// How far apart two moments are, whichever was first: one that lies ahead was noted before the clock was put back.
fn apart(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}

impl Engine {
    /// Who an access token stands for. `binding`: the cookie value that came with it.
    ///
    /// # Errors
    /// 401 for every token that is not good, whatever the reason.
    pub async fn check(&self, token: &PlainToken, binding: Option<&PlainToken>) -> Result<Caller> {
        self.check_as(TokenKind::Access, token, binding).await
    }

    /// The same for who asks whether somebody has logged in: a program with a token of its own has not.
    ///
    /// # Errors
    /// 401 also for the token of a service account.
    pub async fn check_login(&self, token: &PlainToken, binding: Option<&PlainToken>) -> Result<Caller> {
        let caller = self.check(token, binding).await?;
        match caller.session.door == crate::admin::SERVICE_DOOR {
            true => Err(Problem::unauthenticated()),
            false => Ok(caller),
        }
    }

    /// Who a session token (in a cookie) stands for.
    ///
    /// # Errors
    /// 401 for every token that is not good, whatever the reason.
    pub async fn check_session(&self, token: &PlainToken) -> Result<Caller> {
        self.check_as(TokenKind::Session, token, None).await
    }

    /// What is limited to scopes is good only where these are asked for ([`Engine::check_key`]).
    async fn check_as(
        &self,
        kind: TokenKind,
        token: &PlainToken,
        binding: Option<&PlainToken>,
    ) -> Result<Caller> {
        let caller = self.checked(kind, token, binding).await?;
        match caller.session.door == crate::api_keys::DOOR {
            true => Err(Problem::unauthenticated()),
            false => Ok(caller),
        }
    }

    pub(crate) async fn checked(
        &self,
        kind: TokenKind,
        token: &PlainToken,
        binding: Option<&PlainToken>,
    ) -> Result<Caller> {
        let now = self.now();
        let found = self.store.token_with_session(&token.hashed()).await?;
        let (stored, session) = found.ok_or_else(Problem::unauthenticated)?;
        let bound = match (&stored.binding, kind) {
            (Some(wanted), TokenKind::Access) => binding.is_some_and(|b| b.hashed().same(wanted)),
            _ => true,
        };
        if stored.kind != kind || stored.spent.is_some() || stored.expires <= now || !bound {
            return Err(Problem::unauthenticated());
        }
        let session = self.live(session, now).await?;
        Ok(Caller { session, token_expires: stored.expires, scopes: None })
    }

    /// Who acts in a session with a token that the engine did not make; the use of the session is noted.
    ///
    /// # Errors
    /// 401 when it has ended.
    pub async fn caller_in(&self, id: SessionId, until: Timestamp, scopes: Arc<[String]>) -> Result<Caller> {
        let session = self.store.session(id).await?.ok_or_else(Problem::unauthenticated)?;
        let session = self.live(session, self.now()).await?;
        Ok(Caller { session, token_expires: until, scopes: Some(scopes) })
    }

    /// A session that has not ended; its use is not noted.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn session_alive(&self, id: SessionId) -> Result<Option<Arc<Session>>> {
        let now = self.now();
        Ok(match self.store.session(id).await? {
            // Another node may have noted its use, which a cache does not know.
            Some(session) if session.is_over(now) => {
                self.store.session_uncached(id).await?.filter(|session| !session.is_over(now))
            }
            other => other,
        })
    }

    async fn live(&self, mut session: Arc<Session>, now: Timestamp) -> Result<Arc<Session>> {
        let id = session.id;
        if session.is_over(now) {
            session = self.session_alive(id).await?.ok_or_else(Problem::unauthenticated)?;
        }
        // From the cache; a tenant that is switched off lets nobody in from this moment.
        if self.store.tenant(&session.tenant).await?.is_none_or(|tenant| tenant.disabled) {
            return Err(Problem::unauthenticated());
        }
        let noted = if session.last_seen.since(now) >= AHEAD {
            // Noted before the clock was put back: it must not last longer for it.
            Some(Write::SessionReplace(Session {
                last_seen: now,
                rev: session.rev + 1,
                ..(*session).clone()
            }))
        } else {
            (now.since(session.last_seen) >= seen_every(&session)).then(|| Write::SessionSeen(id, now))
        };
        if let Some(noted) = noted {
            match self.store.commit(vec![noted]).await {
                // It has been ended meanwhile: the next check sees.
                Ok(()) | Err(StoreError::Conflict(_)) => {}
                Err(other) => tracing::warn!(error = %other, "could not note that a session is in use"),
            }
        }
        Ok(session)
    }

    /// Exchanges a session token for a new one and a new access token. A token that has been exchanged
    /// before is stolen or copied: the session ends (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// 401 when the token is not good.
    pub async fn rotate(&self, token: &PlainToken, origin: &Origin) -> Result<Grant> {
        let now = self.now();
        let hash = token.hashed();
        let found = self.store.token_with_session(&hash).await?;
        let found = found.filter(|(token, _)| token.kind == TokenKind::Session);
        let (stored, session) = found.ok_or_else(Problem::unauthenticated)?;
        if stored.spent.is_some() {
            return self.reused(stored.session, origin).await;
        }
        let session = self.live(session, now).await?;
        let person = self.store.person(&session.tenant, session.person).await?.filter(|p| !p.disabled);
        let person = person.ok_or_else(Problem::unauthenticated)?;
        let tenant = self.tenant(&session.tenant).await?;
        let lifetime = self.settings_of(&tenant).session.access_token_seconds;
        let mut writes = vec![Write::TokenSpend(hash, now), Write::AccessTokensDelete(session.id)];
        let grant = self.issue(((*session).clone(), person), lifetime, &Wish::default(), now, &mut writes)?;
        match self.store.commit(writes).await {
            Ok(()) => Ok(grant),
            Err(StoreError::Conflict(_)) => self.reused(session.id, origin).await,
            Err(other) => Err(other.into()),
        }
    }

    async fn reused(&self, id: SessionId, origin: &Origin) -> Result<Grant> {
        if let Some(session) = self.store.session(id).await? {
            tracing::warn!(session = %id, "a session token was used twice: the session ends");
            self.end_with(&session, "reused", None, origin).await?;
        }
        Err(Problem::unauthenticated())
    }

    /// Ends the session of a token of either kind. A token that is not good is an error, so that a client
    /// does not believe to have logged out.
    ///
    /// # Errors
    /// 401 when the token is not good.
    pub async fn end_by_token(&self, token: &PlainToken, origin: &Origin) -> Result<()> {
        let now = self.now();
        let stored = self.store.token(&token.hashed()).await?;
        let stored = stored.filter(|t| t.expires > now && t.spent.is_none());
        let id = stored.ok_or_else(Problem::unauthenticated)?.session;
        let session = self.store.session(id).await?.ok_or_else(Problem::unauthenticated)?;
        self.end_with(&session, "success", Some(session.person), origin).await
    }

    /// Ends the session whose token a browser forgets because that of another session takes its place. One that the browser
    /// goes on with, and a token that is not good, are left alone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_replaced(&self, token: &PlainToken, by: &Session, origin: &Origin) -> Result<()> {
        let now = self.now();
        let stored = self.store.token(&token.hashed()).await?.filter(|t| {
            t.kind == TokenKind::Session && t.expires > now && t.spent.is_none() && t.session != by.id
        });
        let Some(stored) = stored else { return Ok(()) };
        match self.store.session(stored.session).await? {
            Some(session) => self.end_with(&session, "replaced", None, origin).await,
            None => Ok(()),
        }
    }

    /// Ends one session of the caller.
    ///
    /// # Errors
    /// 404 when the caller has no such session.
    pub async fn end_own(&self, caller: &Caller, id: SessionId, origin: &Origin) -> Result<()> {
        let mine = |s: &Arc<Session>| s.person == caller.session.person && s.tenant == caller.session.tenant;
        let session =
            self.store.session(id).await?.filter(mine).ok_or_else(|| Problem::not_found("session"))?;
        self.end_with(&session, "success", Some(caller.session.person), origin).await
    }

    /// Ends a session, for who has judged that it may be ended.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_session(
        &self,
        session: &Session,
        actor: Option<PersonId>,
        origin: &Origin,
    ) -> Result<()> {
        self.end_with(session, "success", actor, origin).await
    }

    async fn end_with(
        &self,
        session: &Session,
        outcome: &str,
        actor: Option<PersonId>,
        origin: &Origin,
    ) -> Result<()> {
        let mut event = Event::new("session.ended", &session.tenant, self.now(), origin)
            .about(Some(session.person))
            .within(session.id)
            .but(outcome);
        event.actor = actor;
        Ok(self.store.commit(vec![Write::SessionDelete(session.id), Write::Audit(event)]).await?)
    }

    /// Ends all sessions of the caller, this one too if `this_too`, and forgets all devices.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_all(&self, caller: &Caller, this_too: bool, origin: &Origin) -> Result<()> {
        let session = &caller.session;
        let mut event = Event::new("session.ended-all", &session.tenant, self.now(), origin)
            .about(Some(session.person))
            .within(session.id);
        event.actor = Some(session.person);
        let mut writes: Vec<Write> = self.forget_devices_of(&session.tenant, session.person).collect();
        let except = (!this_too).then_some(session.id);
        writes.extend(Self::all_out(&session.tenant, session.person, except));
        writes.push(Write::Audit(event));
        Ok(self.store.commit(writes).await?)
    }

    /// Everybody who has got in as this person is out, but for one session; and so is every application, also one that may
    /// come again without them.
    pub(crate) fn all_out(tenant: &TenantId, person: PersonId, except: Option<SessionId>) -> [Write; 2] {
        [
            Write::SessionsOfPersonDelete { tenant: tenant.clone(), person, except },
            Write::RecordsOfKindDelete(tenant.clone(), crate::oidc::GRANT.to_owned(), person.0),
        ]
    }

    /// The live sessions of a person, newest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Result<Vec<Session>> {
        let now = self.now();
        let all = self.store.sessions_of(tenant, person).await?;
        Ok(all.into_iter().filter(|s| !s.is_over(now)).collect())
    }

    /// The person of a session.
    ///
    /// # Errors
    /// 401 when the person is gone.
    pub async fn person_of(&self, caller: &Caller) -> Result<Person> {
        let found = self.store.person(&caller.session.tenant, caller.session.person).await?;
        found.filter(|p| !p.disabled).ok_or_else(Problem::unauthenticated)
    }

    /// Whether the caller has proven who they are recently enough for what weakens security.
    ///
    /// # Errors
    /// 403 `elevation_required`.
    pub async fn must_be_fresh(&self, caller: &Caller) -> Result<()> {
        let session = &caller.session;
        // A program can't prove anew who it is; what its token may is decided by its roles.
        if [crate::admin::SERVICE_DOOR, crate::api_keys::DOOR].contains(&session.door.as_str()) {
            return Ok(());
        }
        let tenant = self.tenant(&session.tenant).await?;
        let settings = self.settings_of(&tenant);
        if apart(self.now(), session.authenticated) >= settings.session.fresh() {
            return Err(Problem::elevation_required());
        }
        // A session from before the second factor, or one that got by without it, must prove it first.
        let held = self.store.credentials(&tenant.id, session.person).await?;
        let enrolled = held.into_iter().map(|c| c.authenticator).collect();
        match !session.second_factor && settings.policy.has_second_factor(&self.catalogue(), &enrolled) {
            true => Err(Problem::elevation_required()),
            false => Ok(()),
        }
    }

    /// [`Engine::must_be_fresh`] for what changes how the caller gets in, or who they are. A token for less than everything
    /// must not become more by it; and an API key, which lies about for years, is nobody who has just logged in.
    ///
    /// # Errors
    /// 403 also for a token that has not the scope `admin`, and for an API key.
    pub async fn must_be_themselves(&self, caller: &Caller) -> Result<()> {
        must_be_whole(caller)?;
        if caller.session.door == crate::api_keys::DOOR {
            return Err(Problem::forbidden("This takes a login: an API key is not enough."));
        }
        self.must_be_fresh(caller).await
    }

    /// Hash of a cookie value, for [`Origin::browser`].
    pub fn browser(value: &str) -> Option<HashedToken> {
        PlainToken::received(value).map(|t| t.hashed())
    }
}

/// The token is good for all that its person may do with their own account.
pub(crate) fn must_be_whole(caller: &Caller) -> Result<()> {
    match caller.has_scope(crate::access::ADMIN) {
        true => Ok(()),
        false => Err(Problem::forbidden("The token is not good for this: it needs the scope `admin`.")),
    }
}
