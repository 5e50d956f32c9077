//! `PATCH /webhooks/{webhook_id}` and `POST /webhooks/{webhook_id}/rotate-secret`

use crate::{
    DOOR, WebhooksTags, tenant,
    wire::{Change, Webhook, WithSecret},
};
use gatewright_core::{Problem, webhooks};
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem, origin};
use poem::Request;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

pub(crate) struct Changes(House);

impl Changes {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ChangeReply {
    /// The webhook as it is now.
    #[oai(status = 200)]
    Changed(Json<Webhook>),
}

#[derive(ApiResponse)]
enum RotateReply {
    /// The new secret. Keep it: it is not shown again.
    #[oai(status = 200)]
    Rotated(Json<WithSecret>),
}

#[OpenApi]
impl Changes {
    /// Change a webhook
    ///
    /// What is left out stays. The login must be recent (403 `elevation_required` otherwise).
    #[oai(
        path = "/:webhook_id",
        method = "patch",
        operation_id = "webhook_change",
        tag = "WebhooksTags::Webhooks"
    )]
    async fn change(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        body: Body<Change>,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<ChangeReply> {
        or_problem(self.changed(request, caller, (asked.0, webhook_id.0), body.0).await)
    }

    /// Give a webhook a new secret
    ///
    /// For a day its requests have two signatures, so that the receiver can change over. The login must be recent
    /// (403 `elevation_required` otherwise).
    #[oai(
        path = "/:webhook_id/rotate-secret",
        method = "post",
        operation_id = "webhook_rotate_secret",
        tag = "WebhooksTags::Webhooks"
    )]
    async fn rotate(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<RotateReply> {
        or_problem(self.rotated(request, caller, (asked.0, webhook_id.0)).await)
    }
}

impl Changes {
    async fn changed(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        (asked, id): (Option<String>, Uuid),
        body: Change,
    ) -> Result<ChangeReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let change = webhooks::Change {
            url: body.url.map(String::from),
            description: body.description.map(String::from),
            kinds: body.kinds.map(|kinds| kinds.into_iter().map(String::from).collect()),
            enabled: body.enabled,
        };
        let hook = self.0.engine.change_webhook(&caller, &tenant, id, change, &origin(request, DOOR)).await?;
        Ok(ChangeReply::Changed(Json(hook.into())))
    }

    async fn rotated(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        (asked, id): (Option<String>, Uuid),
    ) -> Result<RotateReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let (hook, secret) =
            self.0.engine.rotate_webhook_secret(&caller, &tenant, id, &origin(request, DOOR)).await?;
        let secret = secret.expose().clone();
        Ok(RotateReply::Rotated(Json(WithSecret { webhook: hook.into(), secret })))
    }
}
