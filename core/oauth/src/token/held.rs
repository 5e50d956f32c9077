//! A grant that a client holds of a person, where the request does not name it.

use super::Call;
use crate::{
    Provider, Result,
    grant::{GRANT, Grant},
};
use gatewright_contract::PersonId;
use uuid::Uuid;

/// Grants of a person that are looked at, newest last: more than logins to applications make while one lasts.
const MOST: u32 = 1_000;
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
        let mut found = Vec::new();
        let mut after = None;
        for _ in 0..MOST / PAGE {
            let page = store.records_of(tenant, GRANT, person.0, after, PAGE).await?;
            after = page.last().map(|record| record.id);
            for record in &page {
                let grant: Grant = record.value()?;
                if grant.terms.client_id == call.client.client_id && fits(&grant) {
                    found.push(record.id);
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        for id in found.into_iter().rev() {
            if let Some(alive) = self.grant_alive(tenant, id).await? {
                return Ok(Some(Held { id, grant: alive.grant }));
            }
        }
        Ok(None)
    }
}
