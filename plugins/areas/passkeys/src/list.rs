//! `/users/me/passkeys`

use crate::{PASSKEY, PasskeysTags};
use gatewright_contract::CredentialId;
use gatewright_core::{Problem, Result, engine::CredentialView};
use gatewright_plugin::{Body, House, Text, or_problem, origin, outcome::moment};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json, types::Example};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};

pub(crate) struct List(House);

impl List {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A passkey.
#[derive(Object)]
#[oai(rename = "Passkey", example)]
struct VaultPasskey {
    /// The passkey; no secret.
    id: String,
    /// The name that the person gave it.
    #[oai(skip_serializing_if_is_none)]
    name: Option<String>,
    /// When it was set up.
    created_at: OffsetDateTime,
    /// When it last let the person in. Left out: never.
    #[oai(skip_serializing_if_is_none)]
    last_use: Option<PasskeyUse>,
}

/// When a passkey was used.
#[derive(Object)]
#[oai(rename = "PasskeyUse")]
struct PasskeyUse {
    /// When.
    date: OffsetDateTime,
    /// From which address. Not noted for a passkey; the sessions say it.
    #[oai(skip_serializing_if_is_none)]
    ip: Option<String>,
    /// From which country. Not noted for a passkey.
    #[oai(skip_serializing_if_is_none)]
    country: Option<String>,
    /// With which program. Not noted for a passkey.
    #[oai(skip_serializing_if_is_none)]
    user_agent: Option<String>,
}

/// The passkeys of a person.
#[derive(Object)]
#[oai(rename = "PasskeyList", example)]
struct PasskeyList {
    /// Oldest first.
    passkeys: Vec<VaultPasskey>,
}

/// Another name for a passkey.
#[derive(Object)]
#[oai(rename = "UpdatePasskeyForm", example)]
struct UpdatePasskeyForm {
    /// At most 64 characters, without control or invisible characters. Empty: it has no name any more.
    #[oai(validator(max_length = 64))]
    name: Text,
}

#[derive(ApiResponse)]
enum ListReply {
    /// The passkeys.
    #[oai(status = 200)]
    List(Json<PasskeyList>),
}

#[derive(ApiResponse)]
enum RenameReply {
    /// Renamed: `null`.
    #[oai(status = 200)]
    Renamed(Json<Value>),
}

impl From<CredentialView> for VaultPasskey {
    fn from(view: CredentialView) -> Self {
        let used = |at| PasskeyUse { date: moment(at), ip: None, country: None, user_agent: None };
        Self {
            id: view.id.to_string(),
            name: view.label,
            created_at: moment(view.created),
            last_use: view.last_used.map(used),
        }
    }
}

#[OpenApi]
impl List {
    /// List one's own passkeys
    ///
    /// Oldest first.
    #[oai(
        path = "/users/me/passkeys",
        method = "get",
        operation_id = "listOwnPasskeys",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn list(&self, caller: VaultCaller) -> poem::Result<ListReply> {
        or_problem(self.listed(caller).await)
    }

    /// Rename a passkey
    ///
    /// The name is for the person to tell them apart; the login need not be recent.
    #[oai(
        path = "/users/me/passkeys/:key_id",
        method = "put",
        operation_id = "updatePasskey",
        tag = "PasskeysTags::Passkeys"
    )]
    async fn rename(
        &self,
        request: &Request,
        caller: VaultCaller,
        /// The passkey, as it is listed.
        key_id: Path<String>,
        body: Body<UpdatePasskeyForm>,
    ) -> poem::Result<RenameReply> {
        or_problem(self.renamed(request, caller, &key_id.0, &body.0.name).await)
    }
}

impl List {
    async fn listed(&self, caller: VaultCaller) -> Result<ListReply> {
        let session = caller.own(&self.0).await?.session;
        let all = self.0.engine.credentials_with(&session.tenant, session.person, PASSKEY).await?;
        Ok(ListReply::List(Json(PasskeyList { passkeys: all.into_iter().map(VaultPasskey::from).collect() })))
    }

    async fn renamed(
        &self,
        request: &Request,
        caller: VaultCaller,
        id: &str,
        name: &str,
    ) -> Result<RenameReply> {
        let caller = caller.own(&self.0).await?;
        let none = || Problem::not_found("passkey");
        let id = CredentialId::parse(id).ok_or_else(none)?;
        let session = &caller.session;
        let mine = self.0.engine.credentials_with(&session.tenant, session.person, PASSKEY).await?;
        if !mine.iter().any(|passkey| passkey.id == id) {
            return Err(none());
        }
        self.0.engine.rename_credential(&caller, id, name, &origin(request, DOOR)).await?;
        Ok(RenameReply::Renamed(Json(Value::Null)))
    }
}

impl Example for VaultPasskey {
    fn example() -> Self {
        let used =
            PasskeyUse { date: datetime!(2026-01-02 08:30 UTC), ip: None, country: None, user_agent: None };
        Self {
            id: "018bcfe5-6800-7000-8000-000000000003".to_owned(),
            name: Some("laptop".to_owned()),
            created_at: datetime!(2026-01-01 12:00 UTC),
            last_use: Some(used),
        }
    }
}

impl Example for PasskeyList {
    fn example() -> Self {
        Self { passkeys: vec![VaultPasskey::example()] }
    }
}

impl Example for UpdatePasskeyForm {
    fn example() -> Self {
        Self { name: "new laptop".into() }
    }
}
