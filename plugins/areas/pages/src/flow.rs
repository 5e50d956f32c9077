//! What one person is doing in one window: kept sealed between two pages, bound to the browser by its cookie.
//!
//! The address of a page names the flow; without the cookie of the browser that name opens nothing. A form changes the flow
//! and answers with a redirect, so that a page can be loaded again, gone back to, and opened twice.

use crate::visit::{DOOR, Visit};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gatewright_contract::{Fault, Timestamp};
use gatewright_core::{
    PlainToken, Problem,
    engine::{Next, NextStep},
    world::random_array,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How long a last word (codes that are shown once) waits to be read.
const LAST_WORD: Duration = Duration::from_secs(600);

/// Why it was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Aim {
    /// To log in.
    Login,
    /// To prove anew who is in the session.
    Elevate,
    /// To replace what was lost.
    Reset,
    /// To set something up in a session.
    Enrol,
    /// To make an account.
    Register,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stand {
    First,
    Second,
    Enrol,
    /// Over, but for a last word.
    Done,
}

/// What the person is told at the head of the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// Key of a text.
    pub(crate) key: String,
    /// In whole seconds, where there is something to wait for.
    pub(crate) seconds: Option<u64>,
    /// Rules that were broken: code and words.
    pub(crate) rules: Vec<(String, String)>,
}

impl Notice {
    pub(crate) fn of(key: &str) -> Self {
        Self { key: key.to_owned(), seconds: None, rules: Vec::new() }
    }
}

/// All of it. Not printed: handle and prompt are secret.
#[derive(Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) aim: Aim,
    pub(crate) stand: Stand,
    /// The newest handle of the engine's transaction; none where nothing has begun there.
    handle: Option<String>,
    /// The login name, as it was typed.
    pub(crate) name: Option<String>,
    /// The address of an account that is being made.
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// What is being replaced because it is lost.
    #[serde(default)]
    pub(crate) lost: Option<String>,
    /// What may come next, best first.
    pub(crate) ways: Vec<String>,
    /// What was chosen of it.
    pub(crate) way: Option<String>,
    /// What is shown of it, once it was asked.
    pub(crate) asked: Option<Value>,
    /// Somebody else must decide; ask again after so many milliseconds.
    pub(crate) waiting: Option<u64>,
    pub(crate) notice: Option<Notice>,
    /// What is shown exactly once: by which authenticator, and what.
    pub(crate) reveal: Option<(String, Value)>,
    /// The request of an application that this is for.
    pub(crate) request: Option<String>,
    /// Where it goes afterwards: a path of our own making, never a parameter.
    pub(crate) then: String,
    pub(crate) expires: i64,
}

/// A flow with its name.
pub(crate) struct Open {
    pub(crate) id: String,
    pub(crate) flow: Flow,
    rev: Option<u64>,
}

impl Flow {
    pub(crate) fn new(aim: Aim, then: &str) -> Self {
        Self {
            aim,
            stand: Stand::First,
            handle: None,
            name: None,
            email: None,
            lost: None,
            ways: Vec::new(),
            way: None,
            asked: None,
            waiting: None,
            notice: None,
            reveal: None,
            request: None,
            then: then.to_owned(),
            expires: 0,
        }
    }

    /// The newest handle.
    ///
    /// # Errors
    /// 404 without one.
    pub(crate) fn handle(&self) -> Result<PlainToken, Problem> {
        let handle = self.handle.as_deref().and_then(PlainToken::received);
        handle.ok_or_else(Problem::unknown_transaction)
    }

    pub(crate) fn at(&mut self, handle: &PlainToken, expires: Timestamp) {
        self.handle = Some(handle.expose().to_owned());
        self.expires = expires.0;
    }

    /// What comes next.
    pub(crate) fn go_on(&mut self, next: Next) {
        self.stand = match next.step {
            NextStep::First => Stand::First,
            NextStep::Second => Stand::Second,
            NextStep::Enrol => Stand::Enrol,
        };
        self.ways = next.authenticators;
        self.unasked(None);
    }

    /// Over: the login goes on, with this notice.
    pub(crate) fn ends_at_login(&mut self, visit: &Visit, notice: &str) {
        let request = self.request.take();
        self.stand = Stand::Done;
        self.then = visit.link("login", &[("notice", Some(notice)), ("auth_req_id", request.as_deref())]);
    }

    /// With this way, which has not been asked yet.
    pub(crate) fn unasked(&mut self, way: Option<String>) {
        (self.way, self.asked, self.waiting) = (way, None, None);
    }
}

impl Open {
    /// A new one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn new(visit: &Visit, flow: Flow) -> Result<Self, Problem> {
        let id: [u8; 16] = random_array(visit.house.engine.world())?;
        Ok(Self { id: BASE64URL_NOPAD.encode(&id), flow, rev: None })
    }

    /// The one that this browser is in.
    ///
    /// # Errors
    /// 404 where there is none: ended, expired, or of another browser.
    pub(crate) async fn find(visit: &Visit, id: &str) -> Result<Self, Problem> {
        let fits = id.len() == 22 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !fits {
            return Err(Problem::unknown_transaction());
        }
        let kept = visit.house.engine.kept(DOOR, &visit.tenant.id, &key(visit, id)).await?;
        let (bytes, rev) = kept.ok_or_else(Problem::unknown_transaction)?;
        let flow = serde_json::from_slice(&bytes).map_err(|_| Problem::unknown_transaction())?;
        Ok(Self { id: id.to_owned(), flow, rev: Some(rev) })
    }

    /// Keeps it as it is now.
    ///
    /// # Errors
    /// 409 where another window was first.
    pub(crate) async fn save(&self, visit: &Visit) -> Result<(), Problem> {
        let latest = match self.flow.stand {
            Stand::Done => visit.house.engine.now().plus(LAST_WORD),
            _ => Timestamp(self.flow.expires),
        };
        self.put(visit, latest).await
    }

    /// Forgets it.
    ///
    /// # Errors
    /// 409 where another window was first: what is shown once is shown to one.
    pub(crate) async fn end(&self, visit: &Visit) -> Result<(), Problem> {
        match self.rev {
            Some(_) => self.put(visit, visit.house.engine.now()).await,
            None => Ok(()),
        }
    }

    async fn put(&self, visit: &Visit, expires: Timestamp) -> Result<(), Problem> {
        let bytes =
            serde_json::to_vec(&self.flow).map_err(|e| Fault::caused("a flow can't be written", e))?;
        let place = (DOOR, &visit.tenant.id, &*key(visit, &self.id));
        visit.house.engine.keep(place, &bytes, self.rev, expires).await
    }

    /// Its page.
    pub(crate) fn link(&self, visit: &Visit) -> String {
        let request = self.flow.request.as_deref();
        visit.link("login", &[("flow", Some(&self.id)), ("auth_req_id", request)])
    }

    /// Where it goes afterwards.
    pub(crate) fn destination(&self, visit: &Visit) -> String {
        match &self.flow.request {
            Some(request) => resume(visit, request),
            None => self.flow.then.clone(),
        }
    }
}

/// Where an application's request goes on.
pub(crate) fn resume(visit: &Visit, request: &str) -> String {
    // The alphabet of tokens needs no escaping; whatever else it may be is refused there.
    let request: String =
        request.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    format!("/api/oidc/{}/authorize/resume?auth_req_id={request}", visit.tenant.id)
}

/// The name under which it is kept: nobody makes it without the browser's cookie.
fn key(visit: &Visit, id: &str) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(id.as_bytes());
    hash.update(&visit.origin.browser.map(|browser| browser.0).unwrap_or_default());
    format!("flow-{}", HEXLOWER.encode(hash.finish().as_ref()))
}
