//! `GET /client` and `GET /client-tenant`: for everybody, since a login page asks before anybody has logged in.

use crate::{ClientsTags, tenant};
use gatewright_core::{Problem, Tenant};
use gatewright_oauth::client;
use gatewright_plugin::{House, or_problem};
use gatewright_vault::TenantPublic;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json, types::Example};
use std::sync::Arc;

pub(crate) struct Public(House);

impl Public {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// What a login page may know of a client. No secret, no redirect URI.
#[derive(Object)]
#[oai(rename = "ClientPublic", example)]
struct ClientPublic {
    /// Its name in the protocol.
    client_id: String,
    /// Its name for people.
    name: String,
    /// The tenant that it is in.
    tenant_id: String,
    /// Its picture.
    #[oai(skip_serializing_if_is_none)]
    logo_uri: Option<String>,
    /// Its privacy policy.
    #[oai(skip_serializing_if_is_none)]
    op_policy_url: Option<String>,
    /// Its terms of service.
    #[oai(skip_serializing_if_is_none)]
    op_tos_url: Option<String>,
    /// Its user agreement.
    #[oai(skip_serializing_if_is_none)]
    op_user_agreement_url: Option<String>,
    /// Its home.
    #[oai(skip_serializing_if_is_none)]
    client_uri: Option<String>,
    /// Where a person logs out of it.
    #[oai(skip_serializing_if_is_none)]
    client_logout_uri: Option<String>,
    /// Whether its login page offers to register.
    register_enable: bool,
    /// The name of its tenant that its login page shows.
    #[oai(skip_serializing_if_is_none)]
    tenant_name: Option<String>,
    /// Whether it may learn the profile of a person.
    has_profile: bool,
}

/// A client and its tenant.
#[derive(Object)]
#[oai(rename = "ClientTenant", example)]
struct ClientTenant {
    /// The client.
    client: ClientPublic,
    /// The tenant.
    tenant: TenantPublic,
}

impl ClientPublic {
    fn of(kept: &client::Client, tenant: &Tenant) -> Self {
        let about = kept.about.clone();
        Self {
            client_id: kept.client_id.clone(),
            name: kept.name.clone(),
            tenant_id: tenant.id.to_string(),
            logo_uri: about.logo_uri,
            op_policy_url: about.policy_uri,
            op_tos_url: about.tos_uri,
            op_user_agreement_url: about.user_agreement_uri,
            client_uri: about.client_uri,
            client_logout_uri: about.logout_uri,
            register_enable: about.register_enable,
            tenant_name: about.tenant_name,
            has_profile: kept.scopes.iter().any(|scope| scope == "profile"),
        }
    }
}

impl Example for ClientPublic {
    fn example() -> Self {
        Self {
            client_id: "shop".to_owned(),
            name: "Shop".to_owned(),
            tenant_id: "acme".to_owned(),
            logo_uri: Some("https://shop.example/logo.png".to_owned()),
            op_policy_url: None,
            op_tos_url: None,
            op_user_agreement_url: None,
            client_uri: Some("https://shop.example/".to_owned()),
            client_logout_uri: None,
            register_enable: false,
            tenant_name: None,
            has_profile: true,
        }
    }
}

impl Example for ClientTenant {
    fn example() -> Self {
        Self { client: ClientPublic::example(), tenant: TenantPublic::example() }
    }
}

#[derive(ApiResponse)]
enum ClientReply {
    /// What a login page may know of it.
    #[oai(status = 200)]
    Client(Json<ClientPublic>),
}

#[derive(ApiResponse)]
enum BothReply {
    /// What a login page may know of both.
    #[oai(status = 200)]
    Both(Json<ClientTenant>),
}

#[OpenApi]
impl Public {
    /// Public facts about a client
    ///
    /// What a login page shows of it. One that is disabled, or in a tenant that is, is not there.
    #[oai(path = "/client", method = "get", operation_id = "getClient", tag = "ClientsTags::Clients")]
    async fn client(
        &self,
        /// The client.
        #[oai(validator(max_length = 255))]
        client_id: Query<String>,
        /// Its tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<String>,
    ) -> poem::Result<ClientReply> {
        let (client, of) = or_problem(self.find(&client_id.0, &tenant_id.0).await)?;
        Ok(ClientReply::Client(Json(ClientPublic::of(&client, &of))))
    }

    /// Public facts about a client and its tenant
    ///
    /// What a login page needs to know before anybody has logged in.
    #[oai(
        path = "/client-tenant",
        method = "get",
        operation_id = "getClientTenant",
        tag = "ClientsTags::Clients"
    )]
    async fn client_tenant(
        &self,
        /// The client.
        #[oai(validator(max_length = 255))]
        client_id: Query<String>,
        /// Its tenant.
        #[oai(validator(max_length = 64))]
        tenant_id: Query<String>,
    ) -> poem::Result<BothReply> {
        let (client, of) = or_problem(self.find(&client_id.0, &tenant_id.0).await)?;
        let both = ClientTenant {
            client: ClientPublic::of(&client, &of),
            tenant: TenantPublic::of(&of, self.0.engine.settings_of(&of)),
        };
        Ok(BothReply::Both(Json(both)))
    }
}

impl Public {
    async fn find(
        &self,
        client_id: &str,
        tenant_id: &str,
    ) -> Result<(Arc<client::Client>, Arc<Tenant>), Problem> {
        let of = self.0.engine.tenant(&tenant(tenant_id)?).await?;
        let found = self.0.provider.client(&of.id, client_id).await.map_err(problem)?;
        Ok((found.ok_or_else(|| Problem::not_found("client"))?, of))
    }
}

/// Only what is not about OAuth can go wrong where a client is looked up.
fn problem(error: gatewright_oauth::OAuthError) -> Problem {
    error.cause.map_or_else(|| Problem::unavailable(None), |problem| *problem)
}
