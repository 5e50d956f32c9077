//! Pushed requests (RFC 9126): the client sends its request itself, and the browser only a name of it, which is good once.

use super::{AuthorizationRequest, Begun, keep::is_alive, redirect};
use crate::{Client, Credentials, ErrorCode, OAuthError, Params, Provider, Result, provider::key_of};
use gatewright_core::{
    PlainToken, Tenant,
    store::{Record, StoreError, Write},
};
use std::{sync::Arc, time::Duration};

/// The kind of the record; its key is the hash of the last part of the `request_uri`.
const PUSHED: &str = "oauth-par";

/// How a `request_uri` of this server begins (RFC 9126, section 2.2).
const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// How long the browser may take.
const LASTS: Duration = Duration::from_secs(60);

/// A request that was pushed.
#[derive(Debug)]
pub struct Pushed {
    /// Its name, for the browser.
    pub request_uri: String,
    /// For how many seconds it is good.
    pub expires_in: u64,
}

/// Whether this server has given this name.
pub(super) fn is_ours(request_uri: &str) -> bool {
    request_uri.starts_with(URN)
}

impl Provider {
    /// Takes a request from a client that has proven who it is. `shown`: its proof of a DPoP key binds the code to that key
    /// (RFC 9449, section 10.1).
    ///
    /// # Errors
    /// What is wrong with the request; nothing is told to a redirect URI.
    pub async fn push_request(
        &self,
        tenant: &Tenant,
        client: &Client,
        params: &Params,
        shown: &Credentials,
    ) -> Result<Pushed> {
        if params.get("request_uri").is_some() {
            return Err(OAuthError::invalid("A pushed request has no request_uri."));
        }
        let signed = params.get("request").is_some();
        let params = self.unpacked(tenant, client, &without_credentials(params)).await?;
        let mut request = self.acceptable(tenant, client, (&params, signed)).await?;
        if let Some(jkt) = self.dpop_proof(&tenant.id, shown, None).await? {
            if request.dpop_jkt.as_ref().is_some_and(|named| *named != jkt) {
                return Err(OAuthError::invalid("dpop_jkt is not the key of the DPoP proof."));
            }
            request.dpop_jkt = Some(jkt);
        }
        let (now, name) = (self.engine.now(), self.secret("gwp")?);
        let mut record = Record::new(&tenant.id, PUSHED, self.record_id()?, now, &request)?;
        record.key = Some(key_of(&name));
        record.due = Some(now.plus(LASTS));
        self.engine.store().commit(vec![Write::RecordInsert(record)]).await?;
        Ok(Pushed { request_uri: format!("{URN}{}", name.expose()), expires_in: LASTS.as_secs() })
    }

    /// The browser has come with the name of a pushed request: it waits for a person from now on, and the name is spent.
    pub(super) async fn begin_pushed(
        &self,
        tenant: &Tenant,
        client: &Arc<Client>,
        uri: &str,
    ) -> Result<Begun> {
        let name = uri.strip_prefix(URN).and_then(PlainToken::received).ok_or_else(unknown)?;
        let record = self.engine.store().record_by_key(&tenant.id, PUSHED, &key_of(&name)).await?;
        let record = record.filter(|record| is_alive(record, self.engine.now())).ok_or_else(unknown)?;
        let mut request: AuthorizationRequest = record.value()?;
        // Another client's, or its redirect URI has been taken from it since.
        if request.client_id != client.client_id || !redirect::is_registered(client, &request.redirect_uri) {
            return Err(unknown());
        }
        // What must be proven anew must be proven after the person has come.
        request.created = self.engine.now();
        let (name, keep) = self.keep(tenant, &request)?;
        let spend = Write::RecordDelete(record.tenant, record.kind, record.id, record.rev);
        match self.engine.store().commit(vec![spend, keep]).await {
            Ok(()) => Ok(Begun::Kept(name)),
            Err(StoreError::Conflict(_)) => Err(unknown()),
            Err(other) => Err(other.into()),
        }
    }
}

/// How the client has proven who it is is no part of its request.
fn without_credentials(params: &Params) -> Params {
    let own = |name: &str| matches!(name, "client_secret" | "client_assertion" | "client_assertion_type");
    let kept = params.pairs().filter(|(name, _)| !own(name));
    Params::of(kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn unknown() -> OAuthError {
    let why = "The request_uri is unknown, was used, is another client's or too old. Go back to the application and begin anew.";
    OAuthError::new(ErrorCode::InvalidRequestUri, why)
}
