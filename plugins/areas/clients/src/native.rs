//! `/tenants/{tenant}/clients`: the same clients with everything that they have.

use crate::{
    ClientsTags, DOOR,
    application::{Application, New, SecretWish, Settings, WithSecret},
    tenant,
};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, Problem, session::Caller};
use gatewright_oauth::client;
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem, origin};
use poem::Request;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use std::time::Duration;

pub(crate) struct Native(House);

impl Native {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The clients, the oldest first.
    #[oai(status = 200)]
    List(Json<Vec<Application>>),
}

#[derive(ApiResponse)]
enum MadeReply {
    /// Registered. Keep the secret: it is not shown again.
    #[oai(status = 201)]
    Made(Json<WithSecret>),
}

#[derive(ApiResponse)]
enum ShowReply {
    /// The client, as it is now.
    #[oai(status = 200)]
    Client(Json<Application>),
}

#[derive(ApiResponse)]
enum SecretReply {
    /// The client with its new secret. Keep it: it is not shown again.
    #[oai(status = 200)]
    Secret(Json<WithSecret>),
}

#[derive(ApiResponse)]
enum DeleteReply {
    /// Gone, with all that people gave it.
    #[oai(status = 204)]
    Deleted,
}

/// Clients of a page where nobody says.
fn usual_limit() -> u32 {
    100
}

#[OpenApi]
impl Native {
    /// List clients
    ///
    /// The oldest first, without their secrets. Takes `clients.read`.
    #[oai(
        path = "/tenants/:tenant/clients",
        method = "get",
        operation_id = "clients_list",
        tag = "ClientsTags::Clients"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        /// So many are left out at the beginning.
        #[oai(default, validator(maximum(value = "10000")))]
        skip: Query<u32>,
        /// So many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "500")))]
        limit: Query<u32>,
    ) -> poem::Result<ListReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        let page = or_problem(self.clients(&desk).page(&desk.tenant, skip.0, limit.0).await)?;
        let now = self.0.engine.now();
        Ok(ListReply::List(Json(page.iter().map(|kept| Application::of(kept, now)).collect())))
    }

    /// Register a client
    ///
    /// Takes `clients.write` and a recent login (403 `elevation_required` otherwise), and for scopes that open operations
    /// of this server what they open.
    #[oai(
        path = "/tenants/:tenant/clients",
        method = "post",
        operation_id = "clients_create",
        tag = "ClientsTags::Clients"
    )]
    async fn create(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        body: Body<New>,
    ) -> poem::Result<MadeReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        let client_id = body.0.client_id.map(String::from).unwrap_or_default();
        let client = client::Client { client_id, ..body.0.settings.read() };
        let (kept, secret) = or_problem(self.clients(&desk).create(&desk.tenant, client).await)?;
        Ok(MadeReply::Made(Json(self.with_secret(&kept, secret.as_ref().map(|s| s.expose())))))
    }

    /// Show a client
    ///
    /// Takes `clients.read`.
    #[oai(
        path = "/tenants/:tenant/clients/:client_id",
        method = "get",
        operation_id = "clients_show",
        tag = "ClientsTags::Clients"
    )]
    async fn show(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        /// The client.
        client_id: Path<String>,
    ) -> poem::Result<ShowReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        let kept = or_problem(self.clients(&desk).find(&desk.tenant, &client_id.0).await)?;
        Ok(ShowReply::Client(Json(Application::of(&kept, self.0.engine.now()))))
    }

    /// Replace a client
    ///
    /// All of it but its name in the protocol and its secrets: what is left out takes its default. One that gets a way
    /// with a secret has none until one is made. Takes `clients.write` and a recent login.
    #[oai(
        path = "/tenants/:tenant/clients/:client_id",
        method = "put",
        operation_id = "clients_replace",
        tag = "ClientsTags::Clients"
    )]
    async fn replace(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        /// The client.
        client_id: Path<String>,
        body: Body<Settings>,
    ) -> poem::Result<ShowReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        let wish = body.0.read();
        let kept = or_problem(self.clients(&desk).replace(&desk.tenant, &client_id.0, |_| Ok(wish)).await)?;
        Ok(ShowReply::Client(Json(Application::of(&kept, self.0.engine.now()))))
    }

    /// Delete a client
    ///
    /// With all that people gave it: its tokens are refused at once. Takes `clients.write` and a recent login.
    #[oai(
        path = "/tenants/:tenant/clients/:client_id",
        method = "delete",
        operation_id = "clients_delete",
        tag = "ClientsTags::Clients"
    )]
    async fn delete(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        /// The client.
        client_id: Path<String>,
    ) -> poem::Result<DeleteReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        or_problem(self.clients(&desk).delete(&desk.tenant, &client_id.0).await)?;
        Ok(DeleteReply::Deleted)
    }

    /// Replace the secret of a client
    ///
    /// Takes `clients.write` and a recent login.
    #[oai(
        path = "/tenants/:tenant/clients/:client_id/secret",
        method = "post",
        operation_id = "clients_secret",
        tag = "ClientsTags::Clients"
    )]
    async fn secret(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The tenant.
        tenant: Path<String>,
        /// The client.
        client_id: Path<String>,
        body: Body<SecretWish>,
    ) -> poem::Result<SecretReply> {
        let desk = or_problem(self.desk(request, caller, &tenant.0).await)?;
        let overlap = Duration::from_secs(u64::from(body.0.keep_old_seconds));
        let rotated = self.clients(&desk).rotate_secret(&desk.tenant, &client_id.0, overlap).await;
        let (kept, secret) = or_problem(rotated)?;
        Ok(SecretReply::Secret(Json(self.with_secret(&kept, Some(secret.expose())))))
    }
}

/// Who asks, about which tenant.
struct Desk {
    caller: Caller,
    origin: Origin,
    tenant: TenantId,
}

impl Native {
    async fn desk(&self, request: &Request, caller: BearerOrCookie, of: &str) -> Result<Desk, Problem> {
        let caller = caller.caller(&self.0).await?;
        Ok(Desk { caller, origin: origin(request, DOOR), tenant: tenant(of)? })
    }

    fn clients<'a>(&'a self, desk: &'a Desk) -> client::Clients<'a> {
        self.0.provider.clients(&desk.caller, &desk.origin)
    }

    fn with_secret(&self, kept: &client::Kept, secret: Option<&str>) -> WithSecret {
        let client = Application::of(kept, self.0.engine.now());
        WithSecret { client, client_secret: secret.map(str::to_owned) }
    }
}
