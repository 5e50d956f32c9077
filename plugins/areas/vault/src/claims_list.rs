//! `/people/{person_id}/client-claims`

use crate::VaultTags;
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{Problem, engine::ClientClaims};
use gatewright_plugin::{BearerOrCookie, House, or_problem, origin, outcome::moment};
use gatewright_vault::DOOR;
use poem::{Request, Result};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::Example,
};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct ClaimsList(House);

/// What a client has claimed about a proof that was accepted.
#[derive(Object)]
#[oai(rename = "VaultClientClaims", example)]
struct Claimed {
    /// When.
    at: OffsetDateTime,
    /// When it is forgotten.
    until: OffsetDateTime,
    /// At which operation.
    operation: String,
    /// `log_data` and `ber`, as they were sent. Nobody has checked them.
    said: Value,
}

#[derive(ApiResponse)]
enum Claims {
    /// The newest five, newest first.
    #[oai(status = 200)]
    Found(Json<Vec<Claimed>>),
}

impl ClaimsList {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn found(
        &self,
        request: &Request,
        caller: &BearerOrCookie,
        person: Uuid,
        tenant: Option<String>,
    ) -> Result<Vec<ClientClaims>, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = match tenant {
            Some(text) => TenantId::parse(&text).ok_or_else(|| Problem::not_found("tenant"))?,
            None => caller.session.tenant.clone(),
        };
        let origin = origin(request, DOOR);
        self.0.engine.admin(&caller, &origin).client_claims(&tenant, PersonId(person)).await
    }
}

#[OpenApi]
impl ClaimsList {
    /// What clients have claimed about somebody's proofs
    ///
    /// `log_data` and `ber` of the vault contract, for who looks into a case. Takes `audit.read`. Kept for the days of
    /// `plugins.vault.log_data_days`.
    #[oai(
        path = "/people/:person_id/client-claims",
        method = "get",
        operation_id = "vault_client_claims",
        tag = "VaultTags::Vault"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Claims> {
        let found = or_problem(self.found(request, &caller, person_id.0, tenant.0).await)?;
        Ok(Claims::Found(Json(found.into_iter().map(Claimed::from).collect())))
    }
}

impl From<ClientClaims> for Claimed {
    fn from(kept: ClientClaims) -> Self {
        let (at, until) = (moment(kept.at), moment(kept.until));
        Self { at, until, operation: kept.operation, said: kept.said }
    }
}

impl Example for Claimed {
    fn example() -> Self {
        Self {
            at: datetime!(2026-01-01 12:00 UTC),
            until: datetime!(2026-01-31 12:00 UTC),
            operation: "authenticate".to_owned(),
            said: json!({"ber": {"ber": {"BER_PERCENT": "1.52"}}}),
        }
    }
}
