//! Service accounts: programs that have tokens and no way to log in.
//!
//! A token is an access token of a session of its own, which has the door [`DOOR`] and no idleness. So it is listed,
//! ended and checked like all others, and keeping the account out ends it at once.

use super::{Admin, broken};
use crate::{
    Person, PlainToken,
    access::{Action, Resource},
    people::{NewPerson, stored_keys},
    problem::{Problem, Result},
    session::{Session, StoredToken, TokenKind},
    store::{Link, Write},
    world::random_array,
};
use gatewright_contract::{PersonId, SessionId, TenantId};
use std::time::Duration;
use uuid::Uuid;

/// The door of the sessions of service accounts. No area has it.
pub const DOOR: &str = "service";

/// Prefix of a token.
const PREFIX: &str = "gwk";

/// Tokens of one account.
const MOST: usize = 50;

/// The longest that a token is good, in seconds: a year.
pub const LONGEST: u32 = 31_536_000;

/// Links [`SERVICES`] to each service account of a tenant.
const SERVICE: &str = "service";

/// Where these links begin.
const SERVICES: Uuid = Uuid::from_u128(17);

/// A token to be issued.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for, for the list.
    pub name: String,
    /// Seconds until it ends.
    pub lifetime: u32,
}

/// A token that was issued. It is shown once.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// Its session: the id is the token's.
    pub session: Session,
    /// The token.
    pub token: PlainToken,
}

/// Kept with a new service account, so that they are found without looking at everybody.
pub(crate) fn service_link(person: &Person) -> Write {
    Write::LinkInsert(Link { tenant: person.tenant.clone(), kind: SERVICE, from: SERVICES, to: person.id.0 })
}

impl Admin<'_> {
    /// A page of service accounts, by id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn services(
        &self,
        tenant: &TenantId,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<Person>> {
        self.may(Action::ServicesWrite, &Resource::of(tenant)).await?;
        let (after, limit) = (after.map(|id| id.0), limit.clamp(1, super::PAGE));
        let page = self.engine.store.links_from(tenant, SERVICE, SERVICES, after, limit).await?;
        let mut all = Vec::with_capacity(page.len());
        for id in page {
            all.extend(self.engine.store.person(tenant, PersonId(id)).await?);
        }
        Ok(all)
    }

    /// One service account.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn service(&self, tenant: &TenantId, id: PersonId) -> Result<Person> {
        self.may(Action::ServicesWrite, &Resource::person(tenant, id)).await?;
        only_service(self.engine.store.person(tenant, id).await?)
    }

    /// Makes a service account without any token or role.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken, 422 for one that can't be.
    pub async fn create_service(
        &self,
        tenant: &TenantId,
        username: String,
        display_name: Option<String>,
    ) -> Result<Person> {
        self.may_change(Action::ServicesWrite, &Resource::of(tenant)).await?;
        let new =
            NewPerson { tenant: tenant.clone(), username, display_name, email: None, administrator: false };
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        let event = self.event("service.created", tenant);
        self.engine.make_person((new, true), event, there.into_iter().collect()).await
    }

    /// Deletes a service account with its tokens and roles.
    ///
    /// # Errors
    /// 403 also for one that may more than the caller, 404.
    pub async fn delete_service(&self, tenant: &TenantId, id: PersonId) -> Result<()> {
        let person = self.may_touch(Action::ServicesWrite, tenant, id).await?;
        self.delete(&only_service(Some(person))?).await
    }

    /// Issues a token.
    ///
    /// # Errors
    /// 403 also for an account that may more than the caller, 404, 409 for one that is disabled or has 50, 422.
    pub async fn issue_token(&self, tenant: &TenantId, id: PersonId, new: NewToken) -> Result<IssuedToken> {
        let person = only_service(Some(self.may_touch(Action::ServicesWrite, tenant, id).await?))?;
        if new.name.is_empty() || new.name.len() > 128 || new.name.chars().any(char::is_control) {
            return Err(broken("name", "1 to 128 bytes, without control characters."));
        }
        if !(60..=LONGEST).contains(&new.lifetime) {
            return Err(broken("expires_in_seconds", "60 to 31536000: a token is good for a year at most."));
        }
        if person.disabled {
            return Err(Problem::conflict("The account is disabled. Enable it first."));
        }
        if self.live(&person).await?.len() >= MOST {
            return Err(Problem::conflict("The account has 50 tokens already. Revoke one first."));
        }
        let (session, token) = self.token_session(&person, new)?;
        let stored = StoredToken {
            hash: token.hashed(),
            kind: TokenKind::Access,
            session: session.id,
            tenant: tenant.clone(),
            expires: session.expires,
            spent: None,
            binding: None,
        };
        let event =
            self.event("service.token-issued", tenant).about(Some(id)).on(format!("token:{}", session.id));
        let writes = vec![
            // Not for somebody who is kept out at this moment, and one at a time, so that they are counted.
            Write::PersonReplace(Person { rev: person.rev + 1, ..person.clone() }, stored_keys(&person)?),
            Write::SessionInsert(session.clone()),
            Write::TokenInsert(stored),
            Write::Audit(event),
        ];
        self.commit(writes, "").await?;
        Ok(IssuedToken { session, token })
    }

    fn token_session(&self, person: &Person, new: NewToken) -> Result<(Session, PlainToken)> {
        let (now, world) = (self.engine.now(), self.engine.world());
        let session = Session {
            id: SessionId::from_parts(now, random_array(world)?),
            tenant: person.tenant.clone(),
            person: person.id,
            created: now,
            authenticated: now,
            last_seen: now,
            expires: now.plus(Duration::from_secs(u64::from(new.lifetime))),
            acr: "0".to_owned(),
            amr: Vec::new(),
            second_factor: false,
            door: DOOR.to_owned(),
            client: Some(new.name),
            address: self.origin.address.map(|a| a.to_string()),
            user_agent: None,
            idle_seconds: LONGEST,
            rev: 1,
        };
        Ok((session, PlainToken::new(PREFIX, world)?))
    }

    /// The tokens of a service account that are good, newest first.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn tokens(&self, tenant: &TenantId, id: PersonId) -> Result<Vec<Session>> {
        self.live(&self.service(tenant, id).await?).await
    }

    /// Ends a token.
    ///
    /// # Errors
    /// 403 also for an account that may more than the caller, 404.
    pub async fn revoke_token(&self, tenant: &TenantId, id: PersonId, token: SessionId) -> Result<()> {
        let person = only_service(Some(self.may_touch(Action::ServicesWrite, tenant, id).await?))?;
        if !self.live(&person).await?.iter().any(|session| session.id == token) {
            return Err(Problem::not_found("token"));
        }
        let event = self.event("service.token-revoked", tenant).about(Some(id)).on(format!("token:{token}"));
        self.commit(vec![Write::SessionDelete(token), Write::Audit(event)], "").await
    }

    async fn live(&self, person: &Person) -> Result<Vec<Session>> {
        let all = self.engine.sessions_of(&person.tenant, person.id).await?;
        Ok(all.into_iter().filter(|session| session.door == DOOR).collect())
    }
}

fn only_service(person: Option<Person>) -> Result<Person> {
    person.filter(|p| p.service).ok_or_else(|| Problem::not_found("service account"))
}
