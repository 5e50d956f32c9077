//! Whether an access token is good, whatever its form. Whoever takes one asks here.

use crate::{
    Client, OAuthError, Provider, Result,
    access::{Access, OPAQUE, REVOKED, TOKEN, TYP},
    grant::{GRANT, Grant},
    provider::{key_of, tenant_of},
};
use gatewright_contract::TenantId;
use gatewright_core::{PlainToken, Session, Tenant, store::Record};
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of a signed token at most: more than this server ever makes.
const LONGEST: usize = 16 * 1024;

/// An access token that is good now.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it says; person and session are those of the grant.
    pub access: Access,
    /// To whom it was issued.
    pub client: Arc<Client>,
    /// What a person has agreed to; none: the client is on its own behalf.
    pub grant: Option<Grant>,
}

/// A grant that is good now.
pub(crate) struct Alive {
    pub(crate) grant: Grant,
    /// The session behind it; none where it has ended and the grant outlives it.
    pub(crate) session: Option<Arc<Session>>,
}

impl Provider {
    /// What an access token is worth. What it must be shown with is for who got it to ask ([`Access::bound`]), and so is
    /// for whom it is ([`Access::audience`]).
    ///
    /// # Errors
    /// `invalid_token` for every token that is not good, whatever the reason.
    pub async fn check(&self, tenant: &Tenant, token: &str) -> Result<Checked> {
        let mut access = self.access(tenant, token).await?.ok_or_else(OAuthError::token)?;
        if access.expires <= self.engine.now() || tenant.disabled {
            return Err(OAuthError::token());
        }
        let client = self.client(&tenant.id, &access.client_id).await?.ok_or_else(OAuthError::token)?;
        let mut grant = None;
        if let Some(id) = access.grant {
            let alive = self.grant_alive(&tenant.id, id).await?.ok_or_else(OAuthError::token)?;
            access.person = Some(alive.grant.terms.person);
            access.session = alive.session.map(|session| session.id);
            grant = Some(alive.grant);
        } else if access.person.is_some() {
            // Nobody could take it back.
            return Err(OAuthError::token());
        }
        Ok(Checked { access, client, grant })
    }

    /// What a token says that this server has made and not taken back; its end and its grant are not judged.
    pub(crate) async fn access(&self, tenant: &Tenant, token: &str) -> Result<Option<Access>> {
        if let Some((access, _)) = self.stored_access(&tenant.id, token).await? {
            return Ok(Some(access));
        }
        let Some(access) = self.signed_access(tenant, token).await? else { return Ok(None) };
        let revoked = self.engine.store().record_by_key(&tenant.id, REVOKED, &access.id).await?;
        Ok(revoked.is_none().then_some(access))
    }

    /// An opaque token with its record.
    pub(crate) async fn stored_access(
        &self,
        tenant: &TenantId,
        token: &str,
    ) -> Result<Option<(Access, Record)>> {
        let Some(token) = PlainToken::received(token) else { return Ok(None) };
        if tenant_of(OPAQUE, &token).as_ref() != Some(tenant) {
            return Ok(None);
        }
        let record = self.engine.store().record_by_key(tenant, TOKEN, &key_of(&token)).await?;
        Ok(match record {
            Some(record) => Some((record.value()?, record)),
            None => None,
        })
    }

    /// A signed token, revoked or not.
    pub(crate) async fn signed_access(&self, tenant: &Tenant, token: &str) -> Result<Option<Access>> {
        if !token.contains('.') || token.len() > LONGEST {
            return Ok(None);
        }
        let Some(claims) = self.own_jwt(&tenant.id, token, Some(TYP)).await? else { return Ok(None) };
        let ours = claims.get("iss").and_then(|iss| iss.as_str()) == Some(self.issuer(tenant).as_str());
        Ok(Access::of_claims(&claims).filter(|_| ours))
    }

    /// A grant that has not ended: its person may log in, and the session behind it lives, unless it outlives that.
    pub(crate) async fn grant_alive(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Alive>> {
        let Some(record) = self.engine.store().record(tenant, GRANT, id).await? else { return Ok(None) };
        let grant: Grant = record.value()?;
        if grant.expires <= self.engine.now() {
            return Ok(None);
        }
        let session = self.engine.session_alive(grant.terms.session).await?;
        let session = session.filter(|s| s.tenant == *tenant && s.person == grant.terms.person);
        if session.is_none() {
            // Where there is a session, its person may log in: disabling somebody ends all of theirs.
            let person = match grant.terms.offline {
                true => self.engine.store().person(tenant, grant.terms.person).await?,
                false => None,
            };
            if person.is_none_or(|person| person.disabled) {
                return Ok(None);
            }
        }
        Ok(Some(Alive { grant, session }))
    }
}
