//! What clients say of proofs that were accepted.

use super::Admin;
use crate::{
    access::{Action, Resource},
    engine::ClientClaims,
    problem::Result,
};
use gatewright_contract::{PersonId, TenantId};

impl Admin<'_> {
    /// What clients have claimed about the proofs of a person, newest first.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn client_claims(&self, tenant: &TenantId, id: PersonId) -> Result<Vec<ClientClaims>> {
        self.may(Action::AuditRead, &Resource::of(tenant)).await?;
        self.somebody(tenant, id).await?;
        Ok(self.engine.claims_of(tenant, id).await?.0)
    }
}
