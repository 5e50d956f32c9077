//! Requests that an application answers in its own pages (`authorizejwt` and `grant_type=jwt_idaas`,
//! `docs/decisions/0018-the-seam-for-jwt-idaas.md`): the login is that of the IDaaS area, and no browser is sent anywhere.

use super::{
    AuthorizationRequest,
    keep::is_alive,
    read::{self, Target},
};
use crate::{Client, ErrorCode, OAuthError, Params, Provider, Result, client::GrantType, provider::key_of};
use gatewright_core::{
    PlainToken, Tenant,
    store::{Record, Write},
};
use std::{sync::Arc, time::Duration};

/// The kind of the record; its key is the hash of the `authRequestKey`.
const IN_APP: &str = "oauth-in-app";

/// How long a login may take.
const LASTS: Duration = Duration::from_secs(600);

/// A request that waits for its login.
#[derive(Debug)]
pub struct InApp {
    /// `authRequestKey`: good once.
    pub key: PlainToken,
    /// `applicationId`: the IDaaS application of the tenant, which is called as the tenant is.
    pub application: String,
}

/// A request that is taken back by the token endpoint.
#[derive(Debug)]
pub struct InAppRequest {
    /// What was asked. Its `code_challenge` is there.
    pub request: AuthorizationRequest,
    /// The write that spends it: of two parallel ones the second conflicts.
    pub spend: Write,
}

impl Provider {
    /// Keeps a request of a client with this grant. Who asks is shown by PKCE when it is taken back.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn begin_in_app(&self, tenant: &Tenant, params: &Params) -> Result<InApp> {
        let client = self.client(&tenant.id, params.required("client_id")?).await?;
        let client: Arc<Client> = client.ok_or_else(OAuthError::client)?;
        if !client.may(GrantType::JwtIdaas) {
            let why = "The client is not registered for the grant jwt_idaas.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, why));
        }
        let now = self.engine.now();
        let request = read::asked(&client, params, &Target::default(), now)?;
        if request.code_challenge.is_none() {
            let why = "Send a code_challenge with code_challenge_method=S256 (RFC 7636).";
            return Err(OAuthError::invalid(why));
        }
        let key = self.secret("gwj")?;
        let mut record = Record::new(&tenant.id, IN_APP, self.record_id()?, now, &request)?;
        record.key = Some(key_of(&key));
        record.due = Some(now.plus(LASTS));
        self.engine.store().commit(vec![Write::RecordInsert(record)]).await?;
        Ok(InApp { key, application: tenant.id.to_string() })
    }

    /// The request of this key, for this client, to be spent in the commit that answers it.
    ///
    /// # Errors
    /// `invalid_grant` where it is unknown, used, another client's or too old, alike.
    pub async fn take_jwt_request(
        &self,
        tenant: &Tenant,
        client: &Client,
        key: &str,
    ) -> Result<InAppRequest> {
        let key = PlainToken::received(key).ok_or_else(OAuthError::grant)?;
        let record = self.engine.store().record_by_key(&tenant.id, IN_APP, &key_of(&key)).await?;
        let record = record.filter(|record| is_alive(record, self.engine.now()));
        let record = record.ok_or_else(OAuthError::grant)?;
        let request: AuthorizationRequest = record.value()?;
        let spend = Write::RecordDelete(record.tenant, record.kind, record.id, record.rev);
        match request.client_id == client.client_id {
            true => Ok(InAppRequest { request, spend }),
            false => Err(OAuthError::grant()),
        }
    }
}
