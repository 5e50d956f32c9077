//! The first step: a transaction is made, whether the person exists or not.

use super::{
    Engine, Next, Started,
    step::{Loaded, claimed, known_as},
};
use crate::{
    Origin, Person, Tenant,
    person::{email_key, username_key},
    problem::{Problem, Result},
    session::Caller,
    store::Write,
    token::PlainToken,
    transaction::{Transaction, TransactionBody},
};
use data_encoding::HEXLOWER;
use gatewright_contract::{Body, Purpose, TenantId};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

/// What a transaction begins with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The tenant.
    pub tenant: TenantId,
    /// The login name; none where the answer will say who it is.
    pub username: Option<String>,
    /// Program that asks, in the dialect's own words.
    pub client: Option<String>,
    /// What the person is approving; shown in a push, not trusted, at most 4 KiB.
    pub context: Value,
    /// For the dialect to find again.
    pub dialect: Value,
    /// To raise this session instead of beginning a new one.
    pub elevate: Option<Caller>,
    /// The device that it begins on, where one is remembered: what it answers once a second factor is due.
    pub device: Option<Body>,
    /// To replace what was lost of this authenticator, instead of logging in.
    pub reset: Option<String>,
    /// The authorization request that it is for.
    pub request: Option<String>,
}

impl Begin {
    /// An ordinary login.
    pub fn login(tenant: TenantId, username: Option<String>) -> Self {
        let (context, dialect) = (Value::Null, Value::Null);
        Self {
            tenant,
            username,
            client: None,
            context,
            dialect,
            elevate: None,
            device: None,
            reset: None,
            request: None,
        }
    }
}

/// A mailed code that replaces a password is good for ten minutes.
const RESET_WITHIN: Duration = Duration::from_secs(600);
const MAX_CONTEXT_BYTES: usize = 4096;

impl Engine {
    /// Begins a transaction. The reply is the same for people who exist and who do not.
    ///
    /// # Errors
    /// 400 for a name that nobody can have, 404 for an unknown tenant.
    pub async fn begin(&self, begin: Begin, origin: &Origin) -> Result<Started> {
        let (loaded, handle) = self.prepare(begin, origin).await?;
        self.admit(&loaded.tenant, origin)?;
        let next = self.first_next(&loaded);
        let expires = loaded.transaction.expires;
        self.store.commit(vec![Write::TransactionInsert(loaded.transaction)]).await?;
        Ok(Started { handle, expires, next, reveal: None })
    }

    pub(super) fn first_next(&self, loaded: &Loaded) -> Next {
        Self::next_of(self.decide(loaded))
            .unwrap_or(Next { step: super::NextStep::First, authenticators: Vec::new() })
    }

    /// Who has this login name, and the name under which tries are counted. Where addresses are login names too, one
    /// that somebody has proven finds them; both questions are always asked, so that nobody can tell which found.
    pub(super) async fn named(&self, tenant: &Tenant, name: &str) -> Result<(Option<Person>, String)> {
        let key = claimed(name)?;
        let by_name = self.store.person_by_username(&tenant.id, &key).await?;
        if self.settings_of(tenant).vault.has_username_and_email || !name.contains('@') {
            return Ok((by_name, key));
        }
        let address = email_key(name).unwrap_or_else(|| key.clone());
        let by_email = self.store.person_by_email(&tenant.id, &address).await?.filter(|p| p.email_verified);
        let person = by_name.or(by_email);
        // One person has one counter, whatever they are called.
        let counted = person.as_ref().and_then(|p| username_key(&p.username)).unwrap_or(key);
        Ok((person, counted))
    }

    /// Makes the transaction without storing it.
    pub(super) async fn prepare(&self, begin: Begin, origin: &Origin) -> Result<(Loaded, PlainToken)> {
        let now = self.now();
        bounded(&begin.context)?;
        let tenant = self.tenant(&begin.tenant).await?;
        let (person, claim) = match (&begin.elevate, &begin.username) {
            (Some(caller), _) if caller.session.tenant == tenant.id => {
                (self.store.person(&tenant.id, caller.session.person).await?, None)
            }
            (Some(_), _) => return Err(Problem::unauthenticated()),
            (None, Some(name)) => {
                let (person, key) = self.named(&tenant, name).await?;
                (person, Some(key))
            }
            (None, None) => (None, None),
        };
        let rules = &self.settings_of(&tenant).session;
        let longest = Duration::from_secs(u64::from(rules.transaction_seconds));
        let purpose = self.purpose(&begin, &tenant)?;
        let lasts = if purpose == Purpose::Reset { longest.min(RESET_WITHIN) } else { longest };
        let handle = self.token("gwt")?;
        let mut transaction = Transaction {
            id: self.transaction_id(now)?,
            tenant: tenant.id.clone(),
            handle: handle.hashed(),
            wake: None,
            expires: now.plus(lasts),
            rev: 1,
            body: TransactionBody {
                purpose,
                reset: begin.reset,
                door: origin.door.to_owned(),
                client: begin.client,
                browser: origin.browser.map(|b| HEXLOWER.encode(&b.0)),
                claimed: claim,
                typed: begin.username,
                request: begin.request,
                asked: None,
                person: person.as_ref().map(|p| p.id),
                session: begin.elevate.map(|c| c.session.id),
                proofs: Vec::new(),
                pending: None,
                attempts: 0,
                begun: now,
                context: begin.context,
                device: None,
                dialect: begin.dialect,
            },
        };
        transaction.body.device = self.sealed_device(&transaction, begin.device).await?;
        let pseudonym = self.pseudonym(&tenant.id, &known_as(&transaction, person.as_ref())).await?;
        Ok((Loaded { transaction, tenant, person, enrolled: BTreeSet::new(), now, pseudonym }, handle))
    }

    fn purpose(&self, begin: &Begin, tenant: &Tenant) -> Result<Purpose> {
        let Some(lost) = &begin.reset else {
            return Ok(if begin.elevate.is_some() { Purpose::Elevate } else { Purpose::Login });
        };
        if begin.elevate.is_some() || begin.username.is_none() {
            return Err(Problem::invalid("A reset is begun with a username and without a session."));
        }
        let catalogue = self.catalogue();
        catalogue.get(lost)?;
        if !self.settings_of(tenant).policy.replaceable(&catalogue).contains(lost) {
            return Err(Problem::out_of_order("This can't be replaced here: ask an administrator."));
        }
        Ok(Purpose::Reset)
    }
}

/// What somebody approves fits on a screen.
pub(super) fn bounded(context: &Value) -> Result<()> {
    match context.to_string().len() > MAX_CONTEXT_BYTES {
        true => Err(Problem::invalid("context: at most 4096 bytes of JSON")),
        false => Ok(()),
    }
}
