//! How a client calls a person: `sub`.

use crate::{Client, Provider, Result, client::SubjectType};
use gatewright_contract::{PersonId, TenantId};

impl Provider {
    /// The `sub` of a person for a client (OpenID Connect Core, section 8): the same for all, or one for each sector.
    ///
    /// # Errors
    /// When the key of the tenant can't be had.
    pub async fn subject(&self, tenant: &TenantId, client: &Client, person: PersonId) -> Result<String> {
        Ok(match client.subject_type {
            SubjectType::Public => person.to_string(),
            SubjectType::Pairwise => self.engine.pairwise(tenant, &client.sector(), person).await?,
        })
    }
}
