//! The end of a login: a session that was not there before, and its tokens.

use super::{Engine, Wish, step::Loaded};
use crate::{
    Origin, Person,
    audit::Event,
    problem::{Problem, Result},
    session::{Grant, Session, StoredToken, TokenKind},
    store::Write,
    token::PlainToken,
};
use gatewright_contract::{Purpose, Timestamp};
use std::time::Duration;

impl Engine {
    /// Adds the writes that end the transaction and begin (or raise) the session.
    pub(super) async fn finish(
        &self,
        loaded: &Loaded,
        (acr, amr): (String, Vec<String>),
        wish: &Wish,
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<Grant> {
        let t = &loaded.transaction;
        writes.push(Write::TransactionDelete(t.id, t.rev - 1));
        let mut session = match t.body.purpose {
            Purpose::Elevate => self.raised(loaded, acr, amr, writes).await?,
            _ => self.begun(loaded, acr, amr, origin)?,
        };
        let policy = &self.settings(loaded).policy;
        session.second_factor = policy.is_second_factor(&self.catalogue(), &t.body.proofs);
        let kind = if t.body.purpose == Purpose::Elevate { "session.raised" } else { "session.begun" };
        let event = Event::new(kind, &t.tenant, loaded.now, origin);
        writes.push(match t.body.purpose {
            Purpose::Elevate => Write::SessionReplace(session.clone()),
            _ => Write::SessionInsert(session.clone()),
        });
        writes.push(Write::Audit(event.about(Some(session.person)).within(session.id)));
        let lifetime = self.settings(loaded).session.access_token_seconds;
        let person = loaded.person.clone().ok_or_else(Problem::refused)?;
        let device = self.remember(loaded, &person, wish, writes, origin).await?;
        Ok(Grant { device, ..self.issue((session, person), lifetime, wish, loaded.now, writes)? })
    }

    fn begun(&self, loaded: &Loaded, acr: String, amr: Vec<String>, origin: &Origin) -> Result<Session> {
        let person = loaded.person.as_ref().ok_or_else(Problem::refused)?;
        let rules = &self.settings(loaded).session;
        Ok(Session {
            id: self.session_id(loaded.now)?,
            tenant: person.tenant.clone(),
            person: person.id,
            created: loaded.now,
            authenticated: loaded.now,
            last_seen: loaded.now,
            expires: loaded.now.plus(Duration::from_secs(u64::from(rules.absolute_seconds))),
            acr,
            amr,
            second_factor: false,
            door: origin.door.to_owned(),
            client: loaded.transaction.body.client.clone(),
            address: origin.address.map(|a| a.to_string()),
            user_agent: origin.user_agent.clone(),
            idle_seconds: rules.idle_seconds,
            rev: 1,
        })
    }

    /// The same session, proven anew. Its old tokens end: what was stolen before stays low.
    async fn raised(
        &self,
        loaded: &Loaded,
        acr: String,
        amr: Vec<String>,
        writes: &mut Vec<Write>,
    ) -> Result<Session> {
        let id = loaded.transaction.body.session.ok_or_else(Problem::unauthenticated)?;
        let old = self.store.session_uncached(id).await?.filter(|s| !s.is_over(loaded.now));
        let old = old.ok_or_else(Problem::unauthenticated)?;
        writes.push(Write::TokensSpendAll(id, loaded.now));
        let rev = old.rev + 1;
        let authenticated = loaded.now;
        Ok(Session { authenticated, last_seen: authenticated, acr, amr, rev, ..(*old).clone() })
    }

    /// Makes the tokens of a session.
    pub(super) fn issue(
        &self,
        (session, person): (Session, Person),
        access_seconds: u32,
        wish: &Wish,
        now: Timestamp,
        writes: &mut Vec<Write>,
    ) -> Result<Grant> {
        let access_token = self.token(TokenKind::Access.prefix())?;
        let session_token = self.token(TokenKind::Session.prefix())?;
        let binding: Option<PlainToken> = match wish.bind {
            true => Some(self.token("gwb")?),
            false => None,
        };
        let access_expires = now.plus(Duration::from_secs(u64::from(access_seconds))).min(session.expires);
        let stored = |token: &PlainToken, kind, expires| StoredToken {
            hash: token.hashed(),
            kind,
            session: session.id,
            tenant: session.tenant.clone(),
            expires,
            spent: None,
            binding: binding.as_ref().map(PlainToken::hashed),
        };
        writes.push(Write::TokenInsert(stored(&access_token, TokenKind::Access, access_expires)));
        writes.push(Write::TokenInsert(stored(&session_token, TokenKind::Session, session.expires)));
        let (reveal, device) = (None, None);
        Ok(Grant { session, person, access_token, access_expires, session_token, binding, reveal, device })
    }
}
