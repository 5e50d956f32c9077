//! `GET` and `POST /clients`, `PUT /clients/{client_id}`, as the vault contract has them.

use crate::{
    ClientsTags,
    parts::wrong,
    tenant,
    wire::{Client, ClientList},
};
use gatewright_core::Problem;
use gatewright_oauth::client;
use gatewright_plugin::{Body, House, or_problem, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use serde_json::Value;

pub(crate) struct Contract(House);

impl Contract {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum ListReply {
    /// The clients, without their secrets.
    #[oai(status = 200)]
    List(Json<ClientList>),
}

#[derive(ApiResponse)]
enum CreateReply {
    /// The client. Keep `client_secret`: it is not shown again.
    #[oai(status = 200)]
    Made(Json<Client>),
}

#[derive(ApiResponse)]
enum ReplaceReply {
    /// Done: JSON `null`.
    #[oai(status = 200)]
    Done(Json<Option<Value>>),
}

/// Clients of a page where nobody says.
fn usual_limit() -> u32 {
    100
}

#[OpenApi]
impl Contract {
    /// Clients of a tenant
    ///
    /// The oldest first, without their secrets. Takes `clients.read`.
    #[oai(path = "/clients", method = "get", operation_id = "readClients", tag = "ClientsTags::Clients")]
    async fn list(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<String>,
        /// So many are left out at the beginning.
        #[oai(default, validator(maximum(value = "10000")))]
        skip: Query<u32>,
        /// So many at most.
        #[oai(default = "usual_limit", validator(minimum(value = "1"), maximum(value = "500")))]
        limit: Query<u32>,
    ) -> poem::Result<ListReply> {
        or_problem(self.listed(request, caller, &tenant_id.0, (skip.0, limit.0)).await)
    }

    /// Register a client
    ///
    /// Its secret, where it has one, is made by the server and only in this reply. Takes `clients.write` and a recent
    /// login, and for scopes that open operations of this server what they open.
    #[oai(path = "/clients", method = "post", operation_id = "createClient", tag = "ClientsTags::Clients")]
    async fn create(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Body<Client>,
    ) -> poem::Result<CreateReply> {
        or_problem(self.created(request, caller, body.0).await)
    }

    /// Replace a client
    ///
    /// A member of the contract that is left out takes its default; what the contract has no words for stays, and so does
    /// the secret. Takes `clients.write` and a recent login.
    #[oai(
        path = "/clients/:client_id",
        method = "put",
        operation_id = "updateClient",
        tag = "ClientsTags::Clients"
    )]
    async fn replace(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The client.
        client_id: Path<String>,
        body: Body<Client>,
    ) -> poem::Result<ReplaceReply> {
        or_problem(self.replaced(request, caller, &client_id.0, body.0).await)
    }
}

impl Contract {
    async fn listed(
        &self,
        request: &Request,
        caller: VaultCaller,
        of: &str,
        (skip, limit): (u32, u32),
    ) -> Result<ListReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let (of, origin) = (tenant(of)?, origin(request, DOOR));
        let page = self.0.provider.clients(&caller, &origin).page(&of, skip, limit).await?;
        let clients = page.iter().map(|kept| Client::of(&kept.client, of.as_str(), None)).collect();
        Ok(ListReply::List(Json(ClientList { clients })))
    }

    async fn created(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Client,
    ) -> Result<CreateReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let (of, origin) = (tenant(&body.tenant_id)?, origin(request, DOOR));
        if body.client_secret.is_some() {
            return Err(wrong(
                "client_secret",
                "It is made by the server and shown in the reply; leave it out.",
            ));
        }
        let client_id = body.client_id.to_string();
        let client = client::Client { client_id, ..body.read(&client::Client::default())? };
        let (kept, secret) = self.0.provider.clients(&caller, &origin).create(&of, client).await?;
        let secret = secret.as_ref().map(|secret| secret.expose());
        Ok(CreateReply::Made(Json(Client::of(&kept.client, of.as_str(), secret))))
    }

    async fn replaced(
        &self,
        request: &Request,
        caller: VaultCaller,
        client_id: &str,
        body: Client,
    ) -> Result<ReplaceReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let (of, origin) = (tenant(&body.tenant_id)?, origin(request, DOOR));
        if &*body.client_id != client_id {
            return Err(wrong("client_id", "It is not that of the path; a client keeps its name."));
        }
        let now = self.0.engine.now();
        let clients = self.0.provider.clients(&caller, &origin);
        let change = |old: &client::Client| {
            // A client may send back what it was given once; nobody chooses a secret.
            if body.client_secret.as_ref().is_some_and(|secret| !old.is_secret(secret, now)) {
                return Err(wrong("client_secret", "It is made by the server; leave it out and it stays."));
            }
            body.read(old)
        };
        clients.replace(&of, client_id, change).await?;
        Ok(ReplaceReply::Done(Json(None)))
    }
}
