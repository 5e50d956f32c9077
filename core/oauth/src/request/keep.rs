//! Requests from when they come until they are answered.

use super::{AuthorizationRequest, Respond, pushed, read, read::Target, redirect};
use crate::{
    Client, ErrorCode, OAuthError, Params, Provider, Result,
    provider::{key_of, tenant_of},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    PlainToken, Tenant,
    oidc::OidcRules,
    store::{Record, Write},
};
use std::sync::Arc;

/// The kind of the record; its key is the hash of the `auth_req_id`.
pub const REQUEST: &str = "oauth-request";

/// Prefix of an `auth_req_id`.
const PREFIX: &str = "gwq";

/// What came of a request.
#[derive(Debug)]
pub enum Begun {
    /// It waits for a person under this name.
    Kept(PlainToken),
    /// It is refused, and the client may know.
    Respond(Respond),
}

/// A request that waits for a person.
#[derive(Debug)]
pub struct Pending {
    /// What is asked.
    pub request: AuthorizationRequest,
    /// Who asks.
    pub client: Arc<Client>,
    /// Whose people are asked.
    pub tenant: Arc<Tenant>,
    pub(crate) record: Record,
}

impl Provider {
    /// Takes an authorization request, and keeps it until somebody has answered it.
    ///
    /// # Errors
    /// What must not be told to a redirect URI: an unknown client, a redirect URI that is not its own. It is shown to the
    /// person.
    pub async fn begin_authorization(&self, tenant: &Tenant, params: &Params) -> Result<Begun> {
        let client = self.client(&tenant.id, params.required("client_id")?).await?;
        let client =
            client.ok_or_else(|| OAuthError::invalid("There is no application with this client_id."))?;
        if let Some(uri) = params.get("request_uri").filter(|uri| pushed::is_ours(uri)) {
            return self.begin_pushed(tenant, &client, uri).await;
        }
        let signed = params.get("request").is_some();
        let (params, target) = match self.unpacked(tenant, &client, params).await {
            Ok(params) => {
                let target = read::target(&client, &params)?;
                (params, target)
            }
            // What is not signed may say where to tell it, as long as that is registered.
            Err(error) => match read::target(&client, params) {
                Ok(target) => return Ok(Begun::Respond(self.refuse(tenant, &target, &error))),
                Err(_) => return Err(error),
            },
        };
        // Entra pushes nothing, and signs its hint instead.
        let must_push = client.require_pushed_requests || self.rules(tenant).require_pushed_requests;
        let accepted = match must_push && client.entra.is_none() {
            true => Err(OAuthError::invalid("The client must push its requests (RFC 9126).")),
            false => self.acceptable(tenant, &client, (&params, signed)).await,
        };
        match accepted {
            Ok(request) => {
                let (name, write) = self.keep(tenant, &request)?;
                self.engine.store().commit(vec![write]).await?;
                Ok(Begun::Kept(name))
            }
            Err(error) => Ok(Begun::Respond(self.refuse(tenant, &target, &error))),
        }
    }

    /// A request that may be shown to a person. `signed`: it came as a request object.
    pub(super) async fn acceptable(
        &self,
        tenant: &Tenant,
        client: &Client,
        (params, signed): (&Params, bool),
    ) -> Result<AuthorizationRequest> {
        if client.require_signed_requests && !signed {
            let why = "The client must sign its requests (RFC 9101).";
            return Err(OAuthError::new(ErrorCode::InvalidRequestObject, why));
        }
        let target = read::target(client, params)?;
        let now = self.engine.now();
        if let Some(flow) = &client.entra {
            let plain = read::plain(client, params, &target, now)?;
            return self.entra_request((tenant, client, flow), params, plain).await;
        }
        let mut request = read::request(client, params, &target, now)?;
        self.hinted(tenant, client, params, &mut request).await?;
        Ok(request)
    }

    pub(super) fn refuse(&self, tenant: &Tenant, target: &Target, error: &OAuthError) -> Respond {
        let to = (target.redirect_uri.as_str(), target.mode);
        Respond::of(to, target.state.as_deref(), &self.issuer(tenant), Respond::error(error))
    }

    /// The name of a request and the write that keeps it.
    pub(super) fn keep(
        &self,
        tenant: &Tenant,
        request: &AuthorizationRequest,
    ) -> Result<(PlainToken, Write)> {
        let name = self.secret_of(PREFIX, &tenant.id)?;
        let mut record = Record::new(&tenant.id, REQUEST, self.record_id()?, request.created, request)?;
        record.key = Some(key_of(&name));
        record.due = Some(request.created.plus(OidcRules::seconds(self.rules(tenant).request_seconds)));
        Ok((name, Write::RecordInsert(record)))
    }

    /// The request of this name.
    ///
    /// # Errors
    /// `invalid_request` where it is unknown, answered or forgotten, alike.
    pub async fn pending(&self, name: &PlainToken) -> Result<Pending> {
        let id = tenant_of(PREFIX, name).ok_or_else(gone)?;
        let record = self.engine.store().record_by_key(&id, REQUEST, &key_of(name)).await?;
        let record = record.filter(|record| is_alive(record, self.engine.now())).ok_or_else(gone)?;
        let tenant = self.engine.tenant(&id).await?;
        let request: AuthorizationRequest = record.value()?;
        let client = self.client(&id, &request.client_id).await?;
        // A redirect URI that was taken from its client gets nothing from this moment.
        let client = client.filter(|client| redirect::is_registered(client, &request.redirect_uri));
        let client = client.ok_or_else(gone)?;
        Ok(Pending { request, client, tenant, record })
    }
}

/// Whether something that ends has not ended yet.
pub(crate) fn is_alive(record: &Record, now: Timestamp) -> bool {
    record.due.is_none_or(|due| due > now)
}

/// What is said of a request that is not there (any more).
pub(crate) fn gone() -> OAuthError {
    OAuthError::invalid(
        "This login is unknown, was finished, or has waited for too long. Go back to the application and begin anew.",
    )
}
