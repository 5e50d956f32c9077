//! Finding a client.

use super::Client;
use crate::{Provider, Result};
use gatewright_contract::TenantId;
use gatewright_core::store::Record;
use std::sync::Arc;

/// The kind of the record of a client; its key is the `client_id`.
pub const CLIENT: &str = "oauth-client";

impl Provider {
    /// A client that is not disabled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn client(&self, tenant: &TenantId, client_id: &str) -> Result<Option<Arc<Client>>> {
        Ok(self.client_record(tenant, client_id).await?.map(|(client, _)| client).filter(|c| !c.disabled))
    }

    /// A client with its record, disabled or not.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn client_record(
        &self,
        tenant: &TenantId,
        client_id: &str,
    ) -> Result<Option<(Arc<Client>, Record)>> {
        if client_id.is_empty() || client_id.len() > Client::LONGEST_ID {
            return Ok(None);
        }
        let Some(record) = self.engine.store().record_by_key(tenant, CLIENT, client_id).await? else {
            return Ok(None);
        };
        Ok(Some((Arc::new(record.value()?), record)))
    }
}
