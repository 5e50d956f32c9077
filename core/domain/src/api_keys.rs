//! API keys: what a person gives a program, limited to scopes.
//!
//! A key is an access token of a session of its own, which has the door [`DOOR`] and no idleness. So it is listed, ended and
//! checked like all others, and keeping its person out ends it at once. Beside it stands a record with its scopes, which
//! belongs to the session and goes with it. Which keys somebody has is one more record of theirs: only live ones are
//! counted, and two that are made at the same time can't both be the last.

mod list;

use crate::{
    Engine, HashedToken, Origin, Person, PlainToken,
    access::{ADMIN, Action, Resource, is_scope},
    audit::Event,
    engine::must_be_whole,
    problem::{Problem, Result},
    session::{Caller, Session, StoredToken, TokenKind},
    store::{Record, StoreError, Subject, Write},
    world::random_array,
};
use data_encoding::HEXLOWER;
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp, Violation};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// The door of the sessions of API keys. No area has it.
pub const DOOR: &str = "api-key";

/// The kind of the record: its id is that of the session, which is its owner.
const KIND: &str = "api-key";

/// Prefix of a key.
pub const PREFIX: &str = "gwak";

/// Seconds that a key is good for, and may lie unused: ten years. It is ended, not outlived.
const LASTING: u32 = 315_360_000;

/// What is stored of a key beside its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    name: String,
    scopes: Vec<String>,
    hash: String,
    person: PersonId,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What it is for, for the list.
    pub name: String,
    /// What it is good for ([`crate::access::is_scope`]), within what its person may.
    pub scopes: Vec<String>,
}

/// A key without its secret.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// What it is for.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// SHA-256 of the secret, in hex.
    pub hash: String,
    /// Its session, whose id is the key's.
    pub session: Arc<Session>,
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// The tenant.
    pub tenant: TenantId,
    /// When it was made.
    pub created: Timestamp,
}

impl Engine {
    /// What an API key is good for.
    ///
    /// # Errors
    /// 401 for one that is not good, and for every other sort of token.
    pub async fn check_key(&self, key: &PlainToken) -> Result<Caller> {
        let caller = self.checked(TokenKind::Access, key, None).await?;
        let session = &caller.session;
        if session.door != DOOR {
            return Err(Problem::unauthenticated());
        }
        let record = self.store.record(&session.tenant, KIND, session.id.0).await?;
        let stored: Stored = record.ok_or_else(Problem::unauthenticated)?.value()?;
        // What its person may is asked with each action; that they are there, here.
        self.person_of(&caller).await?;
        Ok(Caller { scopes: Some(stored.scopes.into()), ..caller })
    }

    /// Makes a key for the caller. It is shown once.
    ///
    /// # Errors
    /// 403 without a fresh login, for a limited token without the scope `admin`, and for a scope that the caller's own token
    /// has not; 409 with 50 keys; 422.
    pub async fn create_own_key(
        &self,
        caller: &Caller,
        new: NewApiKey,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        must_be_whole(caller)?;
        self.made_key(caller, new, origin).await
    }

    async fn made_key(
        &self,
        caller: &Caller,
        new: NewApiKey,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        self.must_be_fresh(caller).await?;
        check(&new)?;
        covered(caller, &new.scopes)?;
        let person = self.person_of(caller).await?;
        let (session, token) = self.key_session(&person, &new.name, origin)?;
        let listed = self.one_more(&person, session.id).await?;
        let stored = Stored { name: new.name, scopes: new.scopes, hash: hex(&token), person: person.id };
        let mut record = Record::new(&person.tenant, KIND, session.id.0, session.created, &stored)?;
        record.owner = Some(session.id.0);
        let event = self.key_event("api-key.created", caller, &session, origin);
        let writes = vec![
            Write::SessionThere(caller.session.id),
            Write::PersonUnchanged(person.tenant.clone(), person.id, person.rev),
            Write::SessionInsert(session.clone()),
            Write::TokenInsert(token_of(&session, &token)),
            Write::RecordInsert(record.clone()),
            listed,
            Write::Audit(event),
        ];
        self.commit_key(writes).await?;
        Ok((ApiKey::of(&record, Arc::new(session))?, token))
    }

    /// Makes a key for an administrator of a tenant, who is of that tenant.
    ///
    /// # Errors
    /// 403 without the permission `api-keys.write`, and those of [`Engine::create_own_key`]; 404 for another tenant.
    pub async fn create_key(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        new: NewApiKey,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        self.allow(caller, Action::ApiKeysWrite, &Resource::of(tenant)).await?;
        if caller.session.tenant != *tenant {
            // A key stands for its person, who is of another tenant.
            return Err(Problem::not_found("tenant"));
        }
        self.made_key(caller, new, origin).await
    }

    /// A new secret for one of the caller's keys; the old one is no longer good.
    ///
    /// # Errors
    /// 403 without a fresh login and for a limited token without the scope `admin`, 404 where the caller has no such key.
    pub async fn regenerate_own_key(
        &self,
        caller: &Caller,
        id: SessionId,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        must_be_whole(caller)?;
        self.must_be_fresh(caller).await?;
        let found = self.store.record(&caller.session.tenant, KIND, id.0).await?;
        let mine = match found {
            Some(record) => (record.value::<Stored>()?.person == caller.session.person).then_some(record),
            None => None,
        };
        self.regenerated(caller, mine, origin).await
    }

    /// The same for any key of a tenant whose person may not more than the caller. Whoever gets the secret acts as that
    /// person, as with a credential that is set for them.
    ///
    /// # Errors
    /// 403 without the permission `api-keys.write` or a fresh login, for somebody else's key without `credentials.write`; 404.
    pub async fn regenerate_key(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        id: SessionId,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        let authority = self.authority(caller, Action::ApiKeysWrite, &Resource::of(tenant)).await?;
        self.must_be_fresh(caller).await?;
        let found = self.store.record(tenant, KIND, id.0).await?;
        let none = || Problem::not_found("API key");
        let owner = found.as_ref().ok_or_else(none)?.value::<Stored>()?.person;
        if owner != caller.session.person || *tenant != caller.session.tenant {
            self.allow(caller, Action::CredentialsWrite, &Resource::person(tenant, owner)).await?;
            let person = self.store.person(tenant, owner).await?.ok_or_else(none)?;
            authority.must_cover(&self.powers_of(&person).await?)?;
        }
        self.regenerated(caller, found, origin).await
    }

    async fn regenerated(
        &self,
        caller: &Caller,
        found: Option<Record>,
        origin: &Origin,
    ) -> Result<(ApiKey, PlainToken)> {
        let none = || Problem::not_found("API key");
        let record = found.ok_or_else(none)?;
        let old: Stored = record.value()?;
        covered(caller, &old.scopes)?;
        let session = self.store.session_uncached(SessionId(record.id)).await?.ok_or_else(none)?;
        let token = self.fresh_key()?;
        let next = record.next(&Stored { hash: hex(&token), ..old })?;
        let event = self.key_event("api-key.regenerated", caller, &session, origin);
        let writes = vec![
            Write::SessionThere(caller.session.id),
            Write::RecordReplace(next.clone()),
            Write::AccessTokensDelete(session.id),
            Write::TokenInsert(token_of(&session, &token)),
            Write::Audit(event),
        ];
        self.commit_key(writes).await?;
        Ok((ApiKey::of(&next, session)?, token))
    }

    fn fresh_key(&self) -> Result<PlainToken> {
        Ok(PlainToken::new(PREFIX, self.world())?)
    }

    fn key_session(&self, person: &Person, name: &str, origin: &Origin) -> Result<(Session, PlainToken)> {
        let now = self.now();
        let session = Session {
            id: SessionId::from_parts(now, random_array(self.world())?),
            tenant: person.tenant.clone(),
            person: person.id,
            created: now,
            authenticated: now,
            last_seen: now,
            expires: now.plus(Duration::from_secs(u64::from(LASTING))),
            acr: "0".to_owned(),
            amr: Vec::new(),
            second_factor: false,
            door: DOOR.to_owned(),
            client: Some(name.to_owned()),
            address: origin.address.map(|a| a.to_string()),
            user_agent: origin.user_agent.clone(),
            idle_seconds: LASTING,
            rev: 1,
        };
        Ok((session, self.fresh_key()?))
    }

    fn key_event(&self, kind: &str, caller: &Caller, key: &Session, origin: &Origin) -> Event {
        Event::new(kind, &key.tenant, self.now(), origin)
            .by(Some(caller.session.person))
            .within(caller.session.id)
            .about(Some(key.person))
            .on(format!("api-key:{}", key.id))
    }

    async fn commit_key(&self, writes: Vec<Write>) -> Result<()> {
        match self.store.commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(Subject::Session)) => Err(Problem::unauthenticated()),
            Err(StoreError::Conflict(_)) => {
                Err(Problem::conflict("It was changed in the meantime. Try again."))
            }
            Err(other) => Err(other.into()),
        }
    }
}

impl ApiKey {
    fn of(record: &Record, session: Arc<Session>) -> Result<Self> {
        let Stored { name, scopes, hash, person } = record.value()?;
        let (id, tenant) = (SessionId(record.id), record.tenant.clone());
        Ok(Self { name, scopes, hash, session, id, person, tenant, created: record.created })
    }
}

fn token_of(session: &Session, token: &PlainToken) -> StoredToken {
    StoredToken {
        hash: token.hashed(),
        kind: TokenKind::Access,
        session: session.id,
        tenant: session.tenant.clone(),
        expires: session.expires,
        spent: None,
        binding: None,
    }
}

fn hex(token: &PlainToken) -> String {
    let HashedToken(bytes) = token.hashed();
    HEXLOWER.encode(&bytes)
}

/// A limited token makes no key that is good for more; `admin` is not good for the host.
fn covered(caller: &Caller, scopes: &[String]) -> Result<()> {
    let all = caller.has_scope(ADMIN);
    let of_host = |scope: &String| scope == Action::HostTenants.as_str();
    match scopes.iter().all(|scope| caller.has_scope(scope) || (all && !of_host(scope))) {
        true => Ok(()),
        false => Err(Problem::forbidden("The token is not good for all of these scopes itself.")),
    }
}

fn check(new: &NewApiKey) -> Result<()> {
    let mut broken = Vec::new();
    let mut say = |code: &str, message: String| broken.push(Violation { code: code.to_owned(), message });
    if new.name.is_empty() || new.name.len() > 128 || new.name.chars().any(char::is_control) {
        say("name", "1 to 128 bytes, without control characters.".to_owned());
    }
    if new.scopes.is_empty() || new.scopes.len() > 32 {
        say("scopes", "1 to 32 scopes.".to_owned());
    }
    for scope in new.scopes.iter().filter(|scope| !is_scope(scope)).take(8) {
        let shown: String = scope.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
        say(
            "scopes",
            format!(
                "`{shown}` is no scope of a key: `account`, `admin`, or a permission such as `people.read`."
            ),
        );
    }
    if broken.is_empty() { Ok(()) } else { Err(Problem::violations(broken)) }
}
