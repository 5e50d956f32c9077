//! Access tokens: signed (RFC 9068), or random and stored.

use crate::{
    Client, Provider, Result,
    access::{Access, OPAQUE, TOKEN, TYP},
    client::{AccessTokenFormat, CLIENT},
    grant::{Bound, Terms},
    provider::key_of,
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    Tenant,
    oidc::OidcRules,
    store::{Record, Write},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What an access token is made of.
pub(crate) struct Making<'a> {
    /// Who gets it.
    pub(crate) client: &'a Client,
    /// What that client calls the person; its own name where there is none.
    pub(crate) sub: String,
    /// How the person had logged in; none where there is no person.
    pub(crate) terms: Option<&'a Terms>,
    /// The grant that it ends with.
    pub(crate) grant: Option<Uuid>,
    pub(crate) scopes: Vec<String>,
    /// Resources; none: it is for the issuer.
    pub(crate) audience: Vec<String>,
    pub(crate) bound: Bound,
    pub(crate) actor: Option<Value>,
    /// When it ends at the latest.
    pub(crate) until: Option<Timestamp>,
}

impl Provider {
    /// Makes an access token. One that is not signed must be stored: its write is added.
    pub(crate) async fn access_token(
        &self,
        tenant: &Tenant,
        making: Making<'_>,
        writes: &mut Vec<Write>,
    ) -> Result<(String, Access)> {
        let now = self.engine.now();
        let issuer = self.issuer(tenant);
        let lasting = now.plus(OidcRules::seconds(self.rules(tenant).access_token_seconds));
        let id = self.record_id()?;
        let Making { client, sub, terms, grant, scopes, mut audience, bound, actor, until } = making;
        if audience.is_empty() {
            audience.push(issuer.clone());
        }
        let access = Access {
            client_id: client.client_id.clone(),
            sub,
            person: terms.map(|terms| terms.person),
            session: terms.filter(|terms| !terms.offline).map(|terms| terms.session),
            grant,
            scopes,
            audience,
            bound,
            actor,
            issued: now,
            expires: until.map_or(lasting, |until| lasting.min(until)),
            id: id.to_string(),
        };
        let text = match client.access_token {
            AccessTokenFormat::Jwt => self.signed(tenant, client, &access, &issuer, terms).await?,
            AccessTokenFormat::Opaque => self.stored(tenant, &access, id, writes).await?,
        };
        Ok((text, access))
    }

    async fn signed(
        &self,
        tenant: &Tenant,
        client: &Client,
        access: &Access,
        issuer: &str,
        terms: Option<&Terms>,
    ) -> Result<String> {
        let mut claims = access.claims(issuer);
        if let Some(terms) = terms {
            claims.insert("auth_time".to_owned(), json!(terms.auth_time.as_secs()));
            claims.insert("acr".to_owned(), json!(terms.acr));
            claims.insert("amr".to_owned(), json!(terms.amr));
        }
        self.sign(&tenant.id, client.signed_with(), TYP, &claims).await
    }

    async fn stored(
        &self,
        tenant: &Tenant,
        access: &Access,
        id: Uuid,
        writes: &mut Vec<Write>,
    ) -> Result<String> {
        let plain = self.secret_of(OPAQUE, &tenant.id)?;
        let mut record = Record::new(&tenant.id, TOKEN, id, access.issued, access)?;
        record.key = Some(key_of(&plain));
        record.due = Some(access.expires);
        record.owner = match access.grant {
            Some(grant) => Some(grant),
            // It goes with its client.
            None => {
                let client = self.engine.store().record_by_key(&tenant.id, CLIENT, &access.client_id).await?;
                client.map(|record| record.id)
            }
        };
        writes.push(Write::RecordInsert(record));
        Ok(plain.expose().to_owned())
    }
}

impl Bound {
    /// How a token that is bound to this is shown (RFC 9449, section 5).
    pub(crate) fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }
}
