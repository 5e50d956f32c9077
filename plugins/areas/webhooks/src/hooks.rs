//! `GET` and `POST /webhooks`, `GET` and `DELETE /webhooks/{webhook_id}`

use crate::{
    DOOR, WebhooksTags, tenant,
    wire::{New, Webhook, WithSecret},
};
use gatewright_core::{Problem, webhooks::NewWebhook};
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem, origin};
use poem::Request;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

pub(crate) struct Hooks(House);

impl Hooks {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The webhooks, oldest first.
    #[oai(status = 200)]
    List(Json<Vec<Webhook>>),
}

#[derive(ApiResponse)]
enum CreateReply {
    /// Made. Keep the secret: it is not shown again.
    #[oai(status = 201)]
    Created(Json<WithSecret>),
}

#[derive(ApiResponse)]
enum ShowReply {
    /// The webhook.
    #[oai(status = 200)]
    Webhook(Json<Webhook>),
}

#[derive(ApiResponse)]
enum DeleteReply {
    /// Gone, with its deliveries.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi]
impl Hooks {
    /// List webhooks
    ///
    /// The webhooks of a tenant, oldest first; at most 50.
    #[oai(path = "/", method = "get", operation_id = "webhooks", tag = "WebhooksTags::Webhooks")]
    async fn list(
        &self,
        caller: BearerOrCookie,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<ListReply> {
        or_problem(self.listed(caller, asked.0).await)
    }

    /// Make a webhook
    ///
    /// It begins with what happens from now on. The login must be recent (403 `elevation_required` otherwise).
    #[oai(path = "/", method = "post", operation_id = "webhook_create", tag = "WebhooksTags::Webhooks")]
    async fn create(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        body: Body<New>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<CreateReply> {
        or_problem(self.created(request, caller, asked.0, body.0).await)
    }

    /// Show a webhook
    #[oai(path = "/:webhook_id", method = "get", operation_id = "webhook", tag = "WebhooksTags::Webhooks")]
    async fn show(
        &self,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<ShowReply> {
        or_problem(self.shown(caller, asked.0, webhook_id.0).await)
    }

    /// Delete a webhook
    ///
    /// Its deliveries go with it.
    #[oai(
        path = "/:webhook_id",
        method = "delete",
        operation_id = "webhook_delete",
        tag = "WebhooksTags::Webhooks"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<DeleteReply> {
        or_problem(self.deleted(request, caller, asked.0, webhook_id.0).await)
    }
}

impl Hooks {
    async fn listed(&self, caller: BearerOrCookie, asked: Option<String>) -> Result<ListReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let all = self.0.engine.list_webhooks(&caller, &tenant(&caller, asked)?).await?;
        Ok(ListReply::List(Json(all.into_iter().map(Webhook::from).collect())))
    }

    async fn created(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        asked: Option<String>,
        body: New,
    ) -> Result<CreateReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let new = NewWebhook {
            url: body.url.into(),
            description: body.description.map(String::from),
            kinds: body.kinds.into_iter().map(String::from).collect(),
        };
        let (hook, secret) =
            self.0.engine.create_webhook(&caller, &tenant, new, &origin(request, DOOR)).await?;
        let secret = secret.expose().clone();
        Ok(CreateReply::Created(Json(WithSecret { webhook: hook.into(), secret })))
    }

    async fn shown(
        &self,
        caller: BearerOrCookie,
        asked: Option<String>,
        id: Uuid,
    ) -> Result<ShowReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let hook = self.0.engine.webhook(&caller, &tenant(&caller, asked)?, id).await?;
        Ok(ShowReply::Webhook(Json(hook.into())))
    }

    async fn deleted(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        asked: Option<String>,
        id: Uuid,
    ) -> Result<DeleteReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        self.0.engine.delete_webhook(&caller, &tenant, id, &origin(request, DOOR)).await?;
        Ok(DeleteReply::Deleted)
    }
}
