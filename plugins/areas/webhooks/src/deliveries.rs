//! `GET /webhooks/{webhook_id}/deliveries`, `POST …/deliveries/{delivery_id}/redeliver`, `POST …/test`

use crate::{
    DOOR, WebhooksTags, tenant,
    wire::{Delivery, Page, State},
};
use gatewright_core::Problem;
use gatewright_plugin::{BearerOrCookie, House, or_problem, origin};
use poem::Request;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

pub(crate) struct Deliveries(House);

impl Deliveries {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The deliveries, oldest first.
    #[oai(status = 200)]
    Page(Json<Page>),
}

#[derive(ApiResponse)]
enum QueueReply {
    /// It goes out soon.
    #[oai(status = 202)]
    Queued(Json<Delivery>),
}

fn usual_state() -> State {
    State::Dead
}

fn usual_limit() -> u32 {
    50
}

/// Which page.
struct Asked {
    tenant: Option<String>,
    webhook: Uuid,
    state: State,
    after: Option<Uuid>,
    limit: u32,
}

#[OpenApi]
impl Deliveries {
    /// List deliveries
    ///
    /// Those that the receiver has are kept for a day, those that were given up for 30 days.
    #[oai(
        path = "/:webhook_id/deliveries",
        method = "get",
        operation_id = "webhook_deliveries",
        tag = "WebhooksTags::Webhooks"
    )]
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn list(
        &self,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(validator(max_length = 64))]
        tenant: Query<Option<String>>,
        /// Those that stand there.
        #[oai(default = "usual_state")]
        state: Query<State>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
        /// How many.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> poem::Result<ListReply> {
        let (tenant, webhook) = (tenant.0, webhook_id.0);
        let asked = Asked { tenant, webhook, state: state.0, after: after.0, limit: limit.0 };
        or_problem(self.listed(caller, asked).await)
    }

    /// Send a delivery again
    ///
    /// One that was given up or has arrived is tried from the beginning, one under way now.
    #[oai(
        path = "/:webhook_id/deliveries/:delivery_id/redeliver",
        method = "post",
        operation_id = "webhook_redeliver",
        tag = "WebhooksTags::Webhooks"
    )]
    async fn redeliver(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The delivery, as it is listed.
        delivery_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<QueueReply> {
        or_problem(self.redelivered(request, caller, (asked.0, webhook_id.0), delivery_id.0).await)
    }

    /// Try a webhook out
    ///
    /// Sends an event `webhook.test`, whichever events it is for.
    #[oai(
        path = "/:webhook_id/test",
        method = "post",
        operation_id = "webhook_test",
        tag = "WebhooksTags::Webhooks"
    )]
    async fn test(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The webhook.
        webhook_id: Path<Uuid>,
        /// The tenant. Left out: the caller's.
        #[oai(name = "tenant", validator(max_length = 64))]
        asked: Query<Option<String>>,
    ) -> poem::Result<QueueReply> {
        or_problem(self.tested(request, caller, (asked.0, webhook_id.0)).await)
    }
}

impl Deliveries {
    async fn listed(&self, caller: BearerOrCookie, asked: Asked) -> Result<ListReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked.tenant)?;
        let of = (&tenant, asked.webhook);
        let page = self
            .0
            .engine
            .webhook_deliveries(&caller, of, asked.state.into(), asked.after, asked.limit)
            .await?;
        let deliveries = page.deliveries.into_iter().map(Delivery::from).collect();
        Ok(ListReply::Page(Json(Page { deliveries, next: page.next })))
    }

    async fn redelivered(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        (asked, webhook): (Option<String>, Uuid),
        delivery: Uuid,
    ) -> Result<QueueReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let origin = origin(request, DOOR);
        let queued = self.0.engine.redeliver(&caller, (&tenant, webhook), delivery, &origin).await?;
        Ok(QueueReply::Queued(Json(queued.into())))
    }

    async fn tested(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        (asked, webhook): (Option<String>, Uuid),
    ) -> Result<QueueReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(&caller, asked)?;
        let queued = self.0.engine.test_webhook(&caller, (&tenant, webhook), &origin(request, DOOR)).await?;
        Ok(QueueReply::Queued(Json(queued.into())))
    }
}
