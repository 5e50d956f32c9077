//! `/change-password`

use crate::{VaultConfig, VaultTags, claims, log_data::LogData, register::commitment, small::Small};
use gatewright_core::Problem;
use gatewright_plugin::{House, Text, or_problem, origin};
use gatewright_vault::{
    DOOR, Null, VaultCaller,
    proof::{ZKP, refusal},
};
use poem::{Request, Result};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};

pub(crate) struct Change {
    house: House,
    config: VaultConfig,
}

/// Another secret.
#[derive(Object)]
#[oai(rename = "ChangePasswordForm", deny_unknown_fields, example)]
struct ChangePasswordForm {
    /// The public part of the new secret with its proof, as for `register`.
    #[oai(validator(min_length = 1, max_length = 2048))]
    encrypted_commitment: Text,
    /// The version of the protocol: `vp1`.
    #[oai(validator(max_length = 16))]
    proto_version: Text,
    /// What the client has seen.
    #[oai(skip_serializing_if_is_none)]
    log_data: Option<LogData>,
}

#[derive(ApiResponse)]
enum Changed {
    /// The new one holds; other sessions have ended.
    #[oai(status = 200)]
    Changed(Json<Null>),
}

impl Change {
    pub(crate) fn new(house: &House, config: VaultConfig) -> Self {
        Self { house: house.clone(), config }
    }

    async fn changed(
        &self,
        request: &Request,
        caller: &VaultCaller,
        form: &ChangePasswordForm,
    ) -> Result<(), Problem> {
        let (engine, origin) = (&self.house.engine, origin(request, DOOR));
        let caller = caller.own(&self.house).await?;
        let proof = commitment(&form.encrypted_commitment, &form.proto_version, (None, None))?;
        let claims = claims::of(form.log_data.as_ref(), None);
        let replaced = engine.replace_own(&caller, ZKP, proof, None, &origin).await;
        replaced.map_err(|problem| refusal("encrypted_commitment", problem))?;
        if let (Some(claims), Some(lasts)) = (claims, self.config.lasts()) {
            engine.keep_claims(&caller.session, "changePassword", claims.0, lasts).await;
        }
        Ok(())
    }
}

#[OpenApi]
impl Change {
    /// Replace one's own secret
    ///
    /// Or set up the first. The commitment answers a challenge of `getChallenge` (kind 2) for one's own name and tenant, without an
    /// authorization request. The login must be recent; an API key is not good for it. All other sessions end.
    #[oai(
        path = "/change-password",
        method = "post",
        operation_id = "changePassword",
        tag = "VaultTags::Vault"
    )]
    async fn change(
        &self,
        request: &Request,
        caller: VaultCaller,
        body: Small<ChangePasswordForm>,
    ) -> Result<Changed> {
        or_problem(self.changed(request, &caller, &body.0).await)?;
        Ok(Changed::Changed(Json(Null)))
    }
}

impl Example for ChangePasswordForm {
    fn example() -> Self {
        Self { encrypted_commitment: "AQ".into(), proto_version: "vp1".into(), log_data: None }
    }
}
