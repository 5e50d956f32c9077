//! The nonce of a login: what a login page gets in the place of a cookie, and spends where the browser goes back to the client
//! (the vault contract, `/sign-in`).

use super::Next;
use crate::{
    Provider, Result,
    provider::key_of,
    request::{gone, is_alive},
};
use data_encoding::HEXLOWER;
use gatewright_contract::SessionId;
use gatewright_core::{
    Origin, PlainToken, Session,
    session::Caller,
    store::{Record, StoreError, Write},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// The kind of the record; its key is the hash of the nonce, its owner the session.
const NONCE: &str = "oauth-nonce";

/// The way from the reply of a login to the next request of the same browser.
const LASTS: Duration = Duration::from_secs(60);

/// A login, and the request that it was for.
#[derive(Serialize, Deserialize)]
struct Stored {
    request: Uuid,
    session: SessionId,
    /// Hash of the cookie of the browser that logged in, where it sent one: no other may spend it.
    #[serde(default)]
    browser: Option<String>,
}

/// The cookie as it is kept.
fn browser_of(origin: &Origin) -> Option<String> {
    origin.browser.map(|browser| HEXLOWER.encode(&browser.0))
}

impl Provider {
    /// A nonce for whoever has just begun this session, good once, for this request and in this browser.
    ///
    /// # Errors
    /// `invalid_request` where the request is gone or of another tenant.
    pub async fn login_nonce(
        &self,
        name: &PlainToken,
        session: &Session,
        origin: &Origin,
    ) -> Result<PlainToken> {
        let pending = self.pending(name).await?;
        if pending.tenant.id != session.tenant {
            return Err(gone());
        }
        let (now, nonce) = (self.engine.now(), self.secret("gwn")?);
        let stored = Stored { request: pending.record.id, session: session.id, browser: browser_of(origin) };
        let mut record = Record::new(&session.tenant, NONCE, self.record_id()?, now, &stored)?;
        record.key = Some(key_of(&nonce));
        record.owner = Some(session.id.0);
        record.due = Some(now.plus(LASTS));
        let writes = vec![Write::RecordInsert(record), Write::SessionThere(session.id)];
        match self.engine.store().commit(writes).await {
            Ok(()) => Ok(nonce),
            Err(StoreError::Conflict(_)) => Err(gone()),
            Err(other) => Err(other.into()),
        }
    }

    /// [`Provider::proceed`] for who brings a nonce: it is spent, whatever comes of it.
    ///
    /// # Errors
    /// `invalid_request` where request or nonce is unknown, used, of another or too old, alike. In a browser that is not the one that logged in it stays good for that
    /// one.
    pub async fn sign_in(&self, name: &PlainToken, nonce: &PlainToken, origin: &Origin) -> Result<Next> {
        let (now, store) = (self.engine.now(), self.engine.store());
        let pending = self.pending(name).await?;
        let tenant = &pending.tenant.id;
        let record = store.record_by_key(tenant, NONCE, &key_of(nonce)).await?;
        let record = record.filter(|record| is_alive(record, now)).ok_or_else(gone)?;
        let stored: Stored = record.value()?;
        if stored.browser.is_some() && stored.browser != browser_of(origin) {
            return Err(gone());
        }
        let session = store.session(stored.session).await?.filter(|session| !session.is_over(now));
        let session = session.filter(|_| stored.request == pending.record.id).ok_or_else(gone)?;
        let spend = Write::RecordDelete(tenant.clone(), record.kind, record.id, record.rev);
        let caller = Caller { token_expires: session.expires, session, scopes: None };
        // Spent first: a page that the browser is sent to must not leave it good.
        match store.commit(vec![spend]).await {
            Ok(()) => self.proceed(name, Some(&caller), origin).await,
            Err(StoreError::Conflict(_)) => Err(gone()),
            Err(other) => Err(other.into()),
        }
    }
}
