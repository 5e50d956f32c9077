//! Back-Channel Logout 1.0: a request to each client that knew a session which has ended.
//!
//! No door has to think of it: the note that a client knows a session belongs to the session, and what belongs to a session
//! is due in the commit in which it ends, whoever ends it (`core/domain/store/write.rs`). What is due is queued here and sent
//! by the leader, again and again, for a while.

use crate::{
    Client, Provider, Result,
    interact::{LOGIN, LoginNote},
};
use gatewright_contract::{PersonId, SessionId, Timestamp};
use gatewright_core::{
    Origin, Tenant,
    audit::Event,
    outgoing::{NoAnswer, Request},
    store::{Record, StoreError, Write},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// The kind of the record of a logout that a client is told of; its owner is the client, its date that of the next try.
pub const LOGOUT: &str = "oauth-logout";

/// Seconds between one try and the next: a day in all.
const WAITS: [u64; 6] = [5, 60, 600, 3_600, 21_600, 57_600];
/// Longer than a request may take: where whoever sent it has died, it is tried again after it.
const LEASE: Duration = Duration::from_secs(60);

/// What is queued.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    client_id: String,
    person: PersonId,
    session: SessionId,
    tries: u32,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The client knows; or there is nobody to be told any more.
    Done,
    /// It does not: it is tried again later, or was given up.
    Failed,
    /// Somebody else has it.
    Passed,
}

impl Provider {
    /// Queues what follows from sessions that have ended, so many at most; returns how many notes it has looked at.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn queue_logouts(&self, limit: u32) -> Result<usize> {
        let due = self.engine.store().records_due(LOGIN, self.engine.now(), limit).await?;
        for note in &due {
            let writes = self.follows_from(note).await?;
            match self.engine.store().commit(writes).await {
                Ok(()) | Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(due.len())
    }

    async fn follows_from(&self, note: &Record) -> Result<Vec<Write>> {
        let now = self.engine.now();
        let delete = Write::RecordDelete(note.tenant.clone(), note.kind.clone(), note.id, note.rev);
        let Some(session) = note.owner.map(SessionId) else { return Ok(vec![delete]) };
        let lives =
            self.engine.store().session_uncached(session).await?.filter(|session| !session.is_over(now));
        if let Some(session) = lives {
            // It lasts longer than it was to.
            let due = Some(session.expires.max(now.plus(LEASE)));
            return Ok(vec![Write::RecordReplace(Record { due, rev: note.rev + 1, ..note.clone() })]);
        }
        let LoginNote { client_id, person } = note.value()?;
        let client = self.client_record(&note.tenant, &client_id).await?;
        let wants = |client: &Client| !client.disabled && client.logout.back_channel.is_some();
        let Some((_, record)) = client.filter(|(client, _)| wants(client)) else { return Ok(vec![delete]) };
        let stored = Stored { client_id, person, session, tries: 0 };
        let queued = Record::new(&note.tenant, LOGOUT, self.record_id()?, now, &stored)?;
        Ok(vec![delete, Write::RecordInsert(Record { due: Some(now), owner: Some(record.id), ..queued })])
    }

    /// Logouts that clients are to be told of now, the most overdue first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_logouts(&self, limit: u32) -> Result<Vec<Record>> {
        Ok(self.engine.store().records_due(LOGOUT, self.engine.now(), limit).await?)
    }

    /// Tells a client, and notes what came of it.
    ///
    /// # Errors
    /// When the store does not answer or the token can't be signed: it is tried again.
    pub async fn tell_logout(&self, due: &Record) -> Result<Told> {
        let now = self.engine.now();
        let stored: Stored = due.value()?;
        let stored = Stored { tries: stored.tries.saturating_add(1), ..stored };
        let claimed = Record { due: Some(now.plus(LEASE)), ..due.next(&stored)? };
        match self.engine.store().commit(vec![Write::RecordReplace(claimed.clone())]).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(Told::Passed),
            Err(other) => return Err(other.into()),
        }
        let Some((tenant, client, uri)) = self.who_is_told(&claimed, &stored).await? else {
            self.settle(vec![delete(&claimed)]).await?;
            return Ok(Told::Done);
        };
        let token = self.logout_token(&tenant, &client, stored.person, stored.session).await?;
        match outcome(self.outgoing.send(request(uri, &token)).await) {
            None => {
                self.settle(vec![delete(&claimed)]).await?;
                Ok(Told::Done)
            }
            Some(why) => {
                self.failed(claimed, &stored, why).await?;
                Ok(Told::Failed)
            }
        }
    }

    /// None where the tenant or the client is gone, or no longer wants to know.
    async fn who_is_told(
        &self,
        queued: &Record,
        stored: &Stored,
    ) -> Result<Option<(Arc<Tenant>, Arc<Client>, String)>> {
        let Some(tenant) = self.engine.store().tenant(&queued.tenant).await? else { return Ok(None) };
        let Some(client) = self.client(&queued.tenant, &stored.client_id).await? else { return Ok(None) };
        let uri = client.logout.back_channel.clone();
        Ok(uri.map(|uri| (tenant, client, uri)))
    }

    /// Later again, or given up, which is noted.
    async fn failed(&self, claimed: Record, stored: &Stored, why: Why) -> Result<()> {
        let next = if why == Why::Refused { None } else { next_try(stored.tries, self.engine.now()) };
        if next.is_some() {
            let later = Record { due: next, ..claimed.next(stored)? };
            return self.settle(vec![Write::RecordReplace(later)]).await;
        }
        let now = self.engine.now();
        let event = Event::new("logout.untold", &claimed.tenant, now, &Origin::local("oidc"))
            .about(Some(stored.person))
            .within(stored.session)
            .on(format!("client:{}", stored.client_id))
            .but(if why == Why::Refused { "refused" } else { "unreachable" });
        self.settle(vec![delete(&claimed), Write::Audit(event)]).await
    }

    async fn settle(&self, writes: Vec<Write>) -> Result<()> {
        match self.engine.store().commit(writes).await {
            // Somebody else has thought that we were dead.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The client does not take it, now or later (section 2.8), or nothing may be sent there.
    Refused,
    Unreachable,
}

fn outcome(sent: std::result::Result<gatewright_core::outgoing::Answer, NoAnswer>) -> Option<Why> {
    match sent.map(|answer| answer.status) {
        Ok(200..=299) => None,
        Ok(400) | Err(NoAnswer::Refused(_)) => Some(Why::Refused),
        Ok(_) | Err(NoAnswer::Failed(_)) => Some(Why::Unreachable),
    }
}

/// Section 2.5. What a token is made of needs no encoding.
fn request(url: String, token: &str) -> Request {
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    Request { method: "POST", url, headers, body: format!("logout_token={token}").into_bytes() }
}

fn delete(record: &Record) -> Write {
    Write::RecordDelete(record.tenant.clone(), record.kind.clone(), record.id, record.rev)
}

fn next_try(tries: u32, now: Timestamp) -> Option<Timestamp> {
    let wait = WAITS.get(tries.saturating_sub(1) as usize)?;
    Some(now.plus(Duration::from_secs(*wait)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_core::outgoing::Answer;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let answer = |status| outcome(Ok(Answer { status, body: Vec::new() }));
        assert_eq!((answer(200), answer(204)), (None, None));
        assert_eq!(answer(400), Some(Why::Refused));
        for status in [302, 404, 500, 503] {
            assert_eq!(answer(status), Some(Why::Unreachable), "{status}");
        }
        assert_eq!(outcome(Err(NoAnswer::Refused(String::new()))), Some(Why::Refused));
        assert_eq!(outcome(Err(NoAnswer::Failed(String::new()))), Some(Why::Unreachable));
    }

    #[test]
    fn it_is_given_up_after_a_day() {
        let after = |tries| next_try(tries, Timestamp(0)).map(Timestamp::as_secs);
        assert_eq!((after(1), after(6), after(7), after(u32::MAX)), (Some(5), Some(57_600), None, None));
    }
}
