//! A grant that a client holds of a person, where the request does not name it.

use super::Call;
use crate::{
    Provider, Result,
    grant::{GRANT, Grant},
};
use gatewright_contract::PersonId;
use uuid::Uuid;

/// Grants of a person that are looked at, newest first: many more than logins to applications make while one lasts.
const MOST: u32 = 2_000;
const PAGE: u32 = 200;

/// A grant with its id.
pub(super) struct Held {
    pub(super) id: Uuid,
    pub(super) grant: Grant,
}

impl Provider {
    /// The newest grant of this person to the client of the request that is good now and fits.
    pub(super) async fn held(
        &self,
        call: &Call<'_>,
        person: PersonId,
        fits: impl Fn(&Grant) -> bool,
    ) -> Result<Option<Held>> {
        let (tenant, store) = (&call.tenant.id, self.engine.store());
        let mut before = None;
        for _ in 0..MOST / PAGE {
            let page = store.newest_records_of(tenant, GRANT, person.0, before, PAGE).await?;
            before = page.last().map(|record| record.id);
            for record in &page {
                let grant: Grant = record.value()?;
                if grant.terms.client_id != call.client.client_id || !fits(&grant) {
                    continue;
                }
                if let Some(alive) = self.grant_alive(tenant, record.id).await? {
                    return Ok(Some(Held { id: record.id, grant: alive.grant }));
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        Ok(None)
    }
}
