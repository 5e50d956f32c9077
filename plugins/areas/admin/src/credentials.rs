//! `/people/{person_id}/credentials`

use crate::{
    AdminTags,
    desk::Desk,
    replies::{Done, Found, list},
};
use gatewright_contract::{CredentialId, PersonId};
use gatewright_core::engine::CredentialView;
use gatewright_plugin::{BearerOrCookie, House, or_problem, outcome::moment};
use poem::{Request, Result};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    types::Example,
};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Credentials(House);

impl Credentials {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Something that somebody has set up. What is secret of it is never shown.
#[derive(Object)]
#[oai(rename = "AdminCredential", example)]
struct AdminCredential {
    /// The credential; no secret.
    id: Uuid,
    /// With which authenticator.
    authenticator: String,
    /// The name that the person gave it.
    #[oai(skip_serializing_if_is_none)]
    label: Option<String>,
    /// When it was set up.
    created_at: OffsetDateTime,
    /// When it last let the person in. Left out: never.
    #[oai(skip_serializing_if_is_none)]
    last_used_at: Option<OffsetDateTime>,
    /// What its authenticator says about it: an object with members of its own, nothing secret among them. Left out:
    /// nothing.
    #[oai(skip_serializing_if_is_none)]
    details: Option<Value>,
}

impl From<CredentialView> for AdminCredential {
    fn from(view: CredentialView) -> Self {
        Self {
            id: view.id.0,
            authenticator: view.authenticator,
            label: view.label,
            created_at: moment(view.created),
            last_used_at: view.last_used.map(moment),
            details: (!view.details.is_null()).then_some(view.details),
        }
    }
}

impl Example for AdminCredential {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0003),
            authenticator: "totp".to_owned(),
            label: Some("phone".to_owned()),
            created_at: datetime!(2026-01-01 12:00 UTC),
            last_used_at: Some(datetime!(2026-01-02 08:30 UTC)),
            details: Some(json!({"digits": 6})),
        }
    }
}

#[OpenApi]
impl Credentials {
    /// What somebody has set up
    ///
    /// Oldest first. Takes `credentials.write`.
    #[oai(
        path = "/people/:person_id/credentials",
        method = "get",
        operation_id = "admin_credentials",
        tag = "AdminTags::People"
    )]
    async fn list(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Found<Vec<AdminCredential>>> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        Ok(list(or_problem(desk.admin().credentials(&desk.tenant, PersonId(person_id.0)).await)?))
    }

    /// Remove a credential of somebody
    ///
    /// Be it the last one; all sessions of the person end. Takes `credentials.write` and all that the person may.
    #[oai(
        path = "/people/:person_id/credentials/:credential_id",
        method = "delete",
        operation_id = "admin_remove_credential",
        tag = "AdminTags::People"
    )]
    async fn remove(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The person.
        person_id: Path<Uuid>,
        /// The credential, as it is listed.
        credential_id: Path<Uuid>,
        /// The tenant; the caller's where it is left out.
        tenant: Query<Option<String>>,
    ) -> Result<Done> {
        let desk = or_problem(Desk::of(&self.0, request, &caller, tenant.0).await)?;
        let (person, credential) = (PersonId(person_id.0), CredentialId(credential_id.0));
        or_problem(desk.admin().remove_credential(&desk.tenant, person, credential).await)?;
        Ok(Done::Done)
    }
}
