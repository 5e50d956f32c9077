//! The provider: the engine, and what it needs beside it.

use gatewright_contract::{Host, Site, TenantId};
use gatewright_core::{
    Engine, HashedToken, PlainToken, Tenant, oidc::OidcRules, outgoing::Outgoing, world::random_array,
};
use std::sync::Arc;
use uuid::Uuid;

use crate::Result;

/// The OpenID provider of every tenant.
pub struct Provider {
    /// The one engine.
    pub engine: Arc<Engine>,
    /// The way to URLs that clients have registered.
    pub(crate) outgoing: Arc<dyn Outgoing>,
    /// What issuers of Microsoft Entra have said.
    pub(crate) metadata: crate::entra::Metadata,
    /// Keys that stay parsed.
    pub(crate) known: crate::jose::Known,
    /// For certificates of clients.
    pub(crate) services: Option<Host>,
    pub(crate) stores: crate::certificate::Stores,
    /// Clients that have been read.
    pub(crate) clients: crate::client::ReadClients,
}

/// How a client proves who it is, as it came: read by the area, judged here.
#[derive(Default)]
pub struct Credentials {
    /// Name and secret of an `Authorization: Basic` header, decoded as RFC 6749, section 2.3.1 says.
    pub basic: Option<(String, String)>,
    /// The parameters of the form: `client_id`, `client_secret`, `client_assertion_type`, `client_assertion`.
    pub form: crate::Params,
    /// The certificate chain of the connection (DER, leaf first).
    pub certificates: Vec<Vec<u8>>,
    /// Values of the header `DPoP`: one, or it is refused.
    pub dpop: Vec<String>,
    /// The HTTP method of the request, for the proof.
    pub method: &'static str,
    /// The URL of the endpoint as clients know it, without query, for assertion and proof.
    pub url: String,
}

impl Provider {
    /// Where its API begins.
    pub const BASE: &'static str = "/api/oidc";

    /// On an engine.
    pub fn new(engine: Arc<Engine>, outgoing: Arc<dyn Outgoing>) -> Self {
        let (known, stores, clients) = Default::default();
        Self { engine, outgoing, metadata: Default::default(), known, services: None, stores, clients }
    }

    /// With services, of which it asks [`crate::certificate::READ`]. Without, no certificate of an authority is taken.
    #[must_use]
    pub fn with(self, services: Host) -> Self {
        Self { services: Some(services), ..self }
    }

    /// What the tenant has settled.
    pub fn rules<'a>(&'a self, tenant: &'a Tenant) -> &'a OidcRules {
        &self.engine.settings_of(tenant).oidc
    }

    /// The issuer of a tenant: `https://host/api/oidc/{tenant_id}`.
    pub fn issuer(&self, tenant: &Tenant) -> String {
        format!("{}{}/{}", self.engine.url_of(tenant), Self::BASE, tenant.id)
    }

    /// Where the tenant is found.
    pub fn site(&self, tenant: &Tenant) -> Site {
        self.engine.site_of(tenant)
    }

    /// A fresh id of a record, by time.
    pub(crate) fn record_id(&self) -> Result<Uuid> {
        let now = self.engine.now();
        Ok(gatewright_contract::TransactionId::from_parts(now, random_array(self.engine.world())?).0)
    }

    /// A token that only its hash is stored of.
    pub(crate) fn secret(&self, prefix: &str) -> Result<PlainToken> {
        Ok(PlainToken::new(prefix, self.engine.world())?)
    }

    /// A token that also says of which tenant it is, for places that don't name one: `auth_req_id`.
    pub(crate) fn secret_of(&self, prefix: &str, tenant: &TenantId) -> Result<PlainToken> {
        let token = self.secret(prefix)?;
        let text = format!("{}_{tenant}", token.expose());
        Ok(PlainToken::received(&text).unwrap_or(token))
    }
}

/// The tenant that a token names which [`Provider::secret_of`] has made with this prefix. It proves nothing.
pub fn tenant_of(prefix: &str, token: &PlainToken) -> Option<TenantId> {
    let rest = token.expose().strip_prefix(prefix)?.strip_prefix('_')?;
    TenantId::parse(rest.get(43..)?.strip_prefix('_')?)
}

/// The key of a record that a secret finds.
pub(crate) fn key_of(token: &PlainToken) -> String {
    hex(&token.hashed())
}

/// A hash as records hold it.
pub(crate) fn hex(hash: &HashedToken) -> String {
    data_encoding::HEXLOWER.encode(&hash.0)
}
