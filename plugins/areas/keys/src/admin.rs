//! `GET /keys` and `POST /keys/rotate`

use crate::{
    DOOR, KeysTags,
    jwks::tenant,
    wire::{KeysKey, KeysReplace},
};
use gatewright_core::Problem;
use gatewright_plugin::{BearerOrCookie, Body, House, or_problem, origin};
use poem::Request;
use poem_openapi::{ApiResponse, OpenApi, param::Query, payload::Json};

pub(crate) struct Admin(House);

impl Admin {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum KeysReply {
    /// The published keys: the current ones first, then those that will sign, then those that did.
    #[oai(status = 200)]
    Keys(Json<Vec<KeysKey>>),
}

#[OpenApi]
impl Admin {
    /// List the signing keys
    ///
    /// With their states and times; never a private key. For administrators.
    #[oai(path = "/keys", method = "get", operation_id = "keys_list", tag = "KeysTags::Keys")]
    async fn list(
        &self,
        caller: BearerOrCookie,
        /// Whose keys. Left out: those of the caller's tenant.
        tenant: Query<Option<String>>,
    ) -> poem::Result<KeysReply> {
        or_problem(self.listed(caller, tenant.0).await)
    }

    /// Replace signing keys
    ///
    /// Announces successors, or lets them sign at once, or takes a key out. For administrators, shortly after a login.
    #[oai(path = "/keys/rotate", method = "post", operation_id = "keys_rotate", tag = "KeysTags::Keys")]
    async fn rotate(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        /// Whose keys. Left out: those of the caller's tenant.
        tenant: Query<Option<String>>,
        body: Body<KeysReplace>,
    ) -> poem::Result<KeysReply> {
        or_problem(self.rotated(request, caller, tenant.0, body.0).await)
    }
}

impl Admin {
    async fn listed(&self, caller: BearerOrCookie, of: Option<String>) -> Result<KeysReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(of.as_deref(), &caller.session.tenant)?;
        let keys = self.0.engine.signing_keys(&caller, &tenant).await?;
        Ok(KeysReply::Keys(Json(keys.into_iter().map(KeysKey::of).collect())))
    }

    async fn rotated(
        &self,
        request: &Request,
        caller: BearerOrCookie,
        of: Option<String>,
        wish: KeysReplace,
    ) -> Result<KeysReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        let tenant = tenant(of.as_deref(), &caller.session.tenant)?;
        let wish = wish.read()?;
        let keys =
            self.0.engine.replace_signing_keys(&caller, &tenant, &wish, &origin(request, DOOR)).await?;
        Ok(KeysReply::Keys(Json(keys.into_iter().map(KeysKey::of).collect())))
    }
}
