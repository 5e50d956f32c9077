//! Finding a client.

use super::Client;
use crate::{Provider, Result};
use gatewright_contract::TenantId;
use gatewright_core::store::Record;
use quick_cache::sync::Cache;
use std::sync::Arc;
use uuid::Uuid;

/// The kind of the record of a client; its key is the `client_id`.
pub const CLIENT: &str = "oauth-client";

/// How many are kept read.
const KEPT: usize = 4_096;

/// ReadClients that have been read, by their records: the store says which revision is the one, so that nothing has to be
/// forgotten here.
pub(crate) struct ReadClients(Cache<Uuid, (i64, Arc<Client>)>);

impl Default for ReadClients {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl ReadClients {
    fn read(&self, record: &Record) -> Result<Arc<Client>> {
        if let Some((rev, client)) = self.0.get(&record.id)
            && rev == record.rev
        {
            return Ok(client);
        }
        let client: Arc<Client> = Arc::new(record.value()?);
        self.0.insert(record.id, (record.rev, client.clone()));
        Ok(client)
    }
}

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
        Ok(Some((self.clients.read(&record)?, record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::Timestamp;

    #[test]
    fn a_client_is_read_anew_when_its_record_has_changed() {
        let tenant = TenantId::parse("default").expect("a tenant");
        let client = |name: &str| Client { name: name.to_owned(), ..Client::default() };
        let record =
            Record::new(&tenant, CLIENT, Uuid::from_u128(1), Timestamp(0), &client("a")).expect("a record");
        let clients = ReadClients::default();
        let one = clients.read(&record).expect("reads");
        assert!(Arc::ptr_eq(&one, &clients.read(&record).expect("reads")));
        let next = record.next(&client("b")).expect("a record");
        assert_eq!(clients.read(&next).expect("reads").name, "b");
        assert_eq!(
            clients.read(&record).expect("reads").name,
            "a",
            "what the store says, not what came last"
        );
        let again = Record { id: Uuid::from_u128(2), ..next };
        assert!(!Arc::ptr_eq(&clients.read(&again).expect("reads"), &one));
    }
}
