//! A form that a client sends with a proof of who it is.

use crate::http::{DOOR, credentials, endpoint_url, form, tenant};
use gatewright_core::{Origin, Tenant};
use gatewright_oauth::{Client, OAuthError, Params};
use gatewright_plugin::{House, origin};
use poem::Request;
use std::sync::Arc;

/// A client that has proven who it is, and what it asks.
pub(crate) struct Asks {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) client: Arc<Client>,
    pub(crate) form: Params,
    pub(crate) origin: Origin,
}

impl Asks {
    /// Reads and judges it. `name`: the endpoint below the issuer.
    pub(crate) async fn read(house: &House, request: &mut Request, name: &str) -> Result<Self, OAuthError> {
        let tenant = tenant(house, request).await?;
        let form = form(request).await?;
        let url = endpoint_url(&house.provider, &tenant, name);
        let shown = credentials(request, &form, url, "POST")?;
        let client = house.provider.authenticate(&tenant, &shown).await?;
        Ok(Self { tenant, client, form, origin: origin(request, DOOR) })
    }
}
