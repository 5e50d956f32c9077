//! `GET /me/credentials`, `PATCH` and `DELETE /me/credentials/{credential_id}`

use crate::{DOOR, MeTags};
use gatewright_contract::CredentialId;
use gatewright_core::{Problem, engine::CredentialView};
use gatewright_plugin::{BearerOrCookie, Body, House, Text, or_problem, origin, outcome::moment};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub(crate) struct Credentials(House);

impl Credentials {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// Something that the person has set up. What is secret of it is never shown.
#[derive(Object)]
#[oai(rename = "MeCredential", example)]
struct MeCredential {
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

impl From<CredentialView> for MeCredential {
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

impl Example for MeCredential {
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

#[derive(ApiResponse)]
enum ListReply {
    /// What is set up, oldest first.
    #[oai(status = 200)]
    List(Json<Vec<MeCredential>>),
}

/// Another name for a credential.
#[derive(Object)]
#[oai(rename = "MeCredentialName", deny_unknown_fields, example)]
struct MeCredentialName {
    /// At most 64 characters, without control or invisible characters. Empty: it has no name any more.
    #[oai(validator(max_length = 64))]
    label: Text,
}

impl Example for MeCredentialName {
    fn example() -> Self {
        Self { label: "new phone".into() }
    }
}

#[derive(ApiResponse)]
enum RenameReply {
    /// The credential, as it is listed from now on.
    #[oai(status = 200)]
    Renamed(Json<MeCredential>),
}

#[derive(ApiResponse)]
enum RemoveReply {
    /// It can't be used any more.
    #[oai(status = 204)]
    Removed,
}

#[OpenApi]
impl Credentials {
    /// What have I set up
    ///
    /// The credentials of the caller, oldest first.
    #[oai(path = "/credentials", method = "get", operation_id = "me_credentials", tag = "MeTags::Me")]
    async fn list(&self, caller: BearerOrCookie) -> poem::Result<ListReply> {
        or_problem(self.listed(caller).await)
    }

    /// Rename a credential
    ///
    /// The name is for the person to tell credentials apart; the login need not be recent.
    #[oai(
        path = "/credentials/:credential_id",
        method = "patch",
        operation_id = "me_rename_credential",
        tag = "MeTags::Me"
    )]
    async fn rename(
        &self,
        request: &Request,
        body: Body<MeCredentialName>,
        caller: BearerOrCookie,
        /// The credential, as it is listed.
        credential_id: Path<Uuid>,
    ) -> poem::Result<RenameReply> {
        or_problem(self.renamed(request, caller, CredentialId(credential_id.0), &body.0.label).await)
    }

    /// Remove a credential
    ///
    /// The login must be recent (403 `elevation_required` otherwise), and the last credential that a login can
    /// begin with stays (409).
    #[oai(
        path = "/credentials/:credential_id",
        method = "delete",
        operation_id = "me_remove_credential",
        tag = "MeTags::Me"
    )]
    async fn remove(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// The credential, as it is listed.
        credential_id: Path<Uuid>,
    ) -> poem::Result<RemoveReply> {
        or_problem(self.removed(request, caller, CredentialId(credential_id.0)).await)
    }
}

impl Credentials {
    async fn listed(&self, caller: BearerOrCookie) -> Result<ListReply, Problem> {
        let session = caller.caller(&self.0).await?.session;
        let all = self.0.engine.credentials_of(&session.tenant, session.person).await?;
        Ok(ListReply::List(Json(all.into_iter().map(MeCredential::from).collect())))
    }

    async fn renamed(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        id: CredentialId,
        label: &str,
    ) -> Result<RenameReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let view = self.0.engine.rename_credential(&caller, id, label, &origin(request, DOOR)).await?;
        Ok(RenameReply::Renamed(Json(view.into())))
    }

    async fn removed(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        id: CredentialId,
    ) -> Result<RemoveReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        self.0.engine.remove_credential(&caller, id, &origin(request, DOOR)).await?;
        Ok(RemoveReply::Removed)
    }
}
