//! `/api-keys`: for administrators.

use crate::{
    ApiKeysTags,
    own::key_id,
    wire::{AnewReply, ApiKeyList, ApiKeyWithSecret, CreateApiKeyForm, ListReply, MadeReply},
};
use gatewright_contract::TenantId;
use gatewright_core::{Problem, Result};
use gatewright_plugin::{Body, House, or_problem, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};

pub(crate) struct OfTenant(House);

impl OfTenant {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[OpenApi]
impl OfTenant {
    /// Create an API key
    ///
    /// For the caller, who administers the tenant. Takes `api-keys.write`.
    #[oai(path = "/api-keys", method = "post", operation_id = "createApiKey", tag = "ApiKeysTags::ApiKeys")]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Body<CreateApiKeyForm>,
    ) -> poem::Result<MadeReply> {
        or_problem(self.created(request, caller, body.0).await)
    }

    /// List the API keys of a tenant
    ///
    /// The newest 500 that are good, without their secrets. Takes `api-keys.read`.
    #[oai(path = "/api-keys", method = "get", operation_id = "listApiKeys", tag = "ApiKeysTags::ApiKeys")]
    async fn list(
        &self,
        caller: VaultCaller,
        /// The tenant.
        tenant_id: Query<String>,
    ) -> poem::Result<ListReply> {
        or_problem(self.listed(caller, &tenant_id.0).await)
    }

    /// Make a new secret for an API key
    ///
    /// Of the caller's tenant, and of somebody who may not more than the caller. Takes `api-keys.write`, and for the key of
    /// somebody else `credentials.write`: with it one acts as they do.
    #[oai(
        path = "/api-keys/:key_id/regenerate",
        method = "post",
        operation_id = "regenerateApiKey",
        tag = "ApiKeysTags::ApiKeys"
    )]
    async fn regenerate(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The key, as it is listed.
        key_id: Path<String>,
    ) -> poem::Result<AnewReply> {
        or_problem(self.regenerated(request, caller, &key_id.0).await)
    }
}

impl OfTenant {
    async fn created(
        &self,
        request: &Request,
        caller: VaultCaller,
        form: CreateApiKeyForm,
    ) -> Result<MadeReply> {
        let caller = caller.caller(&self.0).await?;
        let (tenant, new) = form.read()?;
        let made = self.0.engine.create_key(&caller, &tenant, new, &origin(request, DOOR)).await?;
        Ok(MadeReply::Made(Json(ApiKeyWithSecret::of(&self.0, made))))
    }

    async fn listed(&self, caller: VaultCaller, tenant: &str) -> Result<ListReply> {
        let caller = caller.caller(&self.0).await?;
        let tenant = TenantId::parse(tenant).ok_or_else(|| Problem::not_found("tenant"))?;
        let keys = self.0.engine.keys_of(&caller, &tenant).await?;
        Ok(ListReply::List(Json(ApiKeyList::of(&self.0, keys).await?)))
    }

    async fn regenerated(&self, request: &Request, caller: VaultCaller, id: &str) -> Result<AnewReply> {
        let caller = caller.caller(&self.0).await?;
        let (tenant, id) = (caller.session.tenant.clone(), key_id(id)?);
        let anew = self.0.engine.regenerate_key(&caller, &tenant, id, &origin(request, DOOR)).await?;
        Ok(AnewReply::Anew(Json(ApiKeyWithSecret::of(&self.0, anew))))
    }
}
