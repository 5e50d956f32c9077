//! Taking tokens back (RFC 7009).

use crate::{
    Client, Provider, Result,
    access::{Access, REVOKED},
    grant::{GRANT, Grant},
    issue::RefreshToken,
};
use gatewright_core::{
    Origin, Tenant,
    audit::Event,
    store::{Record, StoreError, Write},
};
use serde_json::json;

impl Provider {
    /// Takes a token of this client back: an access token alone, with a refresh token the whole grant. One that is unknown,
    /// not good any more or somebody else's changes nothing and is no error (RFC 7009, section 2.2).
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn revoke(&self, tenant: &Tenant, client: &Client, token: &str, origin: &Origin) -> Result<()> {
        if let Some(shown) = RefreshToken::received(token) {
            return self.revoke_grant(tenant, client, &shown, origin).await;
        }
        if let Some((access, record)) = self.stored_access(&tenant.id, token).await? {
            let delete = Write::RecordDelete(tenant.id.clone(), record.kind, record.id, record.rev);
            return self.revoke_access(tenant, client, &access, delete, origin).await;
        }
        let Some(access) = self.signed_access(tenant, token).await? else { return Ok(()) };
        if access.expires <= self.engine.now() {
            return Ok(());
        }
        let mut record = Record::new(&tenant.id, REVOKED, self.record_id()?, self.engine.now(), &json!({}))?;
        record.key = Some(access.id.clone());
        record.due = Some(access.expires);
        self.revoke_access(tenant, client, &access, Write::RecordInsert(record), origin).await
    }

    async fn revoke_access(
        &self,
        tenant: &Tenant,
        client: &Client,
        access: &Access,
        write: Write,
        origin: &Origin,
    ) -> Result<()> {
        if access.client_id != client.client_id {
            return Ok(());
        }
        let event = Event::new("token.revoked", &tenant.id, self.engine.now(), origin)
            .about(access.person)
            .on(format!("client:{}", client.client_id));
        self.commit_done(vec![write, Write::Audit(event)]).await
    }

    /// Whoever has had a refresh token of the grant may end it: a client that lost an answer has only the one before.
    async fn revoke_grant(
        &self,
        tenant: &Tenant,
        client: &Client,
        shown: &RefreshToken,
        origin: &Origin,
    ) -> Result<()> {
        let Some(record) = self.engine.store().record(&tenant.id, GRANT, shown.grant).await? else {
            return Ok(());
        };
        let grant: Grant = record.value()?;
        match grant.terms.client_id == client.client_id && shown.is_of(grant.family.as_ref()) {
            true => self.take_back(&tenant.id, shown.grant, "revoked", origin).await,
            false => Ok(()),
        }
    }

    /// Commits what somebody else may have done already.
    async fn commit_done(&self, writes: Vec<Write>) -> Result<()> {
        match self.engine.store().commit(writes).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}
