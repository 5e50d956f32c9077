//! `/users/me/api-keys`

use crate::{
    ApiKeysTags,
    wire::{AnewReply, ApiKeyList, ApiKeyWithSecret, CreateApiKeyForm, ListReply, MadeReply},
};
use gatewright_contract::SessionId;
use gatewright_core::{Problem, Result};
use gatewright_plugin::{Body, House, or_problem, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;
use poem_openapi::{OpenApi, param::Path, payload::Json};

pub(crate) struct Own(House);

impl Own {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A key's id. Whatever is none names no key.
pub(crate) fn key_id(text: &str) -> Result<SessionId> {
    SessionId::parse(text).ok_or_else(|| Problem::not_found("API key"))
}

#[OpenApi]
impl Own {
    /// Create an API key for oneself
    ///
    /// It does what its scopes name, and never more than its person may. The login must be recent; a limited token needs the
    /// scope `admin`.
    #[oai(
        path = "/users/me/api-keys",
        method = "post",
        operation_id = "createOwnApiKey",
        tag = "ApiKeysTags::ApiKeys"
    )]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Body<CreateApiKeyForm>,
    ) -> poem::Result<MadeReply> {
        or_problem(self.created(request, caller, body.0).await)
    }

    /// List one's own API keys
    ///
    /// Without their secrets.
    #[oai(
        path = "/users/me/api-keys",
        method = "get",
        operation_id = "listOwnApiKeys",
        tag = "ApiKeysTags::ApiKeys"
    )]
    async fn list(&self, caller: VaultCaller) -> poem::Result<ListReply> {
        or_problem(self.listed(caller).await)
    }

    /// Make a new secret for one's own API key
    ///
    /// The key keeps its id; the old secret is no longer good. The login must be recent; a limited token needs
    /// the scope `admin`.
    #[oai(
        path = "/users/me/api-keys/:key_id/regenerate",
        method = "post",
        operation_id = "regenerateOwnApiKey",
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

impl Own {
    async fn created(
        &self,
        request: &Request,
        caller: VaultCaller,
        form: CreateApiKeyForm,
    ) -> Result<MadeReply> {
        let caller = caller.own(&self.0).await?;
        let (tenant, new) = form.read()?;
        if tenant != caller.session.tenant {
            return Err(Problem::not_found("tenant"));
        }
        let made = self.0.engine.create_own_key(&caller, new, &origin(request, DOOR)).await?;
        Ok(MadeReply::Made(Json(ApiKeyWithSecret::of(&self.0, made))))
    }

    async fn listed(&self, caller: VaultCaller) -> Result<ListReply> {
        let caller = caller.own(&self.0).await?;
        let keys = self.0.engine.own_keys(&caller).await?;
        Ok(ListReply::List(Json(ApiKeyList::of(&self.0, keys).await?)))
    }

    async fn regenerated(&self, request: &Request, caller: VaultCaller, id: &str) -> Result<AnewReply> {
        let caller = caller.own(&self.0).await?;
        let anew = self.0.engine.regenerate_own_key(&caller, key_id(id)?, &origin(request, DOOR)).await?;
        Ok(AnewReply::Anew(Json(ApiKeyWithSecret::of(&self.0, anew))))
    }
}
