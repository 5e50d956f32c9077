//! Records: those of the kinds that may be kept, by id and by key.

use super::{Cached, passed_on, touched::Touched};
use gatewright_contract::TenantId;
use gatewright_core::store::{KEPT, Record, Store, Stored};
use uuid::Uuid;

passed_on::passed_on!([S: Store] Cached<S> {
    async fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        if !KEPT.contains(&kind) {
            return self.inner.record(tenant, kind, id).await;
        }
        if let Some(record) = self.caches.record(tenant, kind, id) {
            return Ok(Some((*record).clone()));
        }
        let before = self.caches.before();
        let found = self.inner.record(tenant, kind, id).await?;
        if let Some(record) = &found {
            self.caches.keep_record(&before, record);
        }
        Ok(found)
    }

    async fn record_uncached(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        // Forgotten, so that what is read now is what the next one finds.
        self.caches.forget(&Touched { records: vec![id], ..Touched::default() });
        self.record(tenant, kind, id).await
    }

    async fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Stored<Option<Record>> {
        if !KEPT.contains(&kind) {
            return self.inner.record_by_key(tenant, kind, key).await;
        }
        if let Some(record) = self.caches.record_by_key(tenant, kind, key) {
            return Ok(Some((*record).clone()));
        }
        let before = self.caches.before();
        let found = self.inner.record_by_key(tenant, kind, key).await?;
        if let Some(record) = &found {
            self.caches.keep_record(&before, record);
        }
        Ok(found)
    }
});
