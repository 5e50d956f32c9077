//! What an area keeps between two requests of a browser: sealed, with an end.

use super::Engine;
use crate::{
    problem::{Problem, Result},
    store::{StoreError, Write},
};
use gatewright_contract::{TenantId, Timestamp};

fn context(area: &str, tenant: &TenantId, key: &str) -> String {
    format!("kept|{area}|{tenant}|{key}")
}

impl Engine {
    /// Keeps a value under a key of an area until `expires`. `expect`: the revision that it had when it was read; none: it
    /// is new.
    ///
    /// # Errors
    /// 409 when somebody else changed it first.
    pub async fn keep(
        &self,
        (area, tenant, key): (&str, &TenantId, &str),
        value: &[u8],
        expect: Option<u64>,
        expires: Timestamp,
    ) -> Result<()> {
        self.keep_with((area, tenant, key), value, expect, expires, Vec::new()).await
    }

    /// [`Engine::keep`] in one commit with what must hold.
    pub(super) async fn keep_with(
        &self,
        (area, tenant, key): (&str, &TenantId, &str),
        value: &[u8],
        expect: Option<u64>,
        expires: Timestamp,
        mut writes: Vec<Write>,
    ) -> Result<()> {
        let value = self.sealer.seal(tenant, &context(area, tenant, key), value).await?;
        writes.push(Write::DocumentPut {
            plugin: area.to_owned(),
            tenant: tenant.clone(),
            key: key.to_owned(),
            expect,
            value,
            expires: Some(expires),
            now: self.now(),
        });
        match self.store.commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(_)) => {
                Err(Problem::conflict("Something else was done here at the same time. Look again."))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// What [`Engine::keep`] has kept, and its revision; none where there is none or its end has come.
    ///
    /// # Errors
    /// When the store does not answer, or the keys can't be had.
    pub async fn kept(&self, area: &str, tenant: &TenantId, key: &str) -> Result<Option<(Vec<u8>, u64)>> {
        let Some((sealed, rev)) = self.store.document(area, tenant, key, self.now()).await? else {
            return Ok(None);
        };
        let plain = self.sealer.open(tenant, &context(area, tenant, key), &sealed).await?;
        Ok(Some((plain, rev)))
    }
}
