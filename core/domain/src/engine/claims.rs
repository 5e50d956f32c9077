//! What a client says of its own accord about a proof (how a picture was read, what a camera saw): kept sealed and briefly for
//! who looks into a case. Nobody has checked it, so nothing rests on it; a log line would keep it for too long.

use super::Engine;
use crate::{problem::Result, session::Session, store::Write};
use gatewright_contract::{Fault, PersonId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Where it is kept.
const AREA: &str = "client-claims";
/// The newest of a person; what is older goes.
const NEWEST: usize = 5;
/// How often it is tried where two logins of one person end at once.
const ROUNDS: usize = 3;

/// What a client has claimed once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientClaims {
    /// When.
    pub at: Timestamp,
    /// Until when it is kept.
    pub until: Timestamp,
    /// At which operation.
    pub operation: String,
    /// Its own words, within the bounds of the operation.
    pub said: Value,
}

impl Engine {
    /// Keeps what a client says about a proof that was accepted, in this session, for as long as `lasts`. Where it can't be
    /// kept, the login does not wait for it.
    pub async fn keep_claims(&self, session: &Session, operation: &str, said: Value, lasts: Duration) {
        let at = self.now();
        let claims = ClientClaims { at, until: at.plus(lasts), operation: operation.to_owned(), said };
        for _ in 0..ROUNDS {
            match self.add_claims(session, &claims).await {
                Err(problem) if problem.status == 409 => {}
                Err(problem) => {
                    tracing::warn!(code = problem.code, cause = ?problem.cause, "what a client said was not kept");
                    return;
                }
                Ok(()) => return,
            }
        }
    }

    async fn add_claims(&self, session: &Session, claims: &ClientClaims) -> Result<()> {
        let (tenant, person) = (&session.tenant, session.person);
        let (mut all, rev) = self.claims_of(tenant, person).await?;
        all.insert(0, claims.clone());
        all.truncate(NEWEST);
        let bytes = serde_json::to_vec(&all).map_err(|e| Fault::caused("claims can't be written", e))?;
        let last = all.iter().map(|kept| kept.until).max().unwrap_or(claims.until);
        // Who has been deleted since has no session any more, and leaves nothing.
        let there = vec![Write::SessionThere(session.id)];
        self.keep_with((AREA, tenant, &person.to_string()), &bytes, rev, last, there).await
    }

    /// Writes over what is kept of somebody who is deleted in the same commit, and over what comes in between.
    pub(crate) async fn forget_claims(&self, tenant: &TenantId, person: PersonId) -> Result<Write> {
        let (now, key) = (self.now(), person.to_string());
        let kept = self.store.document(AREA, tenant, &key, now).await?;
        Ok(Write::DocumentPut {
            plugin: AREA.to_owned(),
            tenant: tenant.clone(),
            key,
            expect: kept.map(|(_, rev)| rev),
            value: Vec::new(),
            // Its end is now: it is swept up.
            expires: Some(now),
            now,
        })
    }

    /// What has been kept and has not ended, newest first, and the revision of it.
    pub(crate) async fn claims_of(
        &self,
        tenant: &TenantId,
        person: PersonId,
    ) -> Result<(Vec<ClientClaims>, Option<u64>)> {
        let Some((bytes, rev)) = self.kept(AREA, tenant, &person.to_string()).await? else {
            return Ok((Vec::new(), None));
        };
        let damaged = |e| Fault::caused("kept claims are damaged", e);
        let mut all: Vec<ClientClaims> = serde_json::from_slice(&bytes).map_err(damaged)?;
        all.retain(|kept| kept.until > self.now());
        Ok((all, Some(rev)))
    }
}
