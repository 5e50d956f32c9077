//! What a store around another one does not touch goes straight on to it.

/// Records and the audit log of a store that has another one as `inner`; what it does itself is given.
macro_rules! passed_on {
    ([$($of:tt)*] $store:ty { $($own:tt)* }) => {
        #[async_trait::async_trait]
        impl<$($of)*> gatewright_core::store::Records for $store {
            $($own)*

            async fn records(
                &self,
                tenant: &gatewright_contract::TenantId,
                kind: &str,
                after: Option<uuid::Uuid>,
                limit: u32,
            ) -> gatewright_core::store::Stored<Vec<gatewright_core::store::Record>> {
                self.inner.records(tenant, kind, after, limit).await
            }

            async fn records_of(
                &self,
                tenant: &gatewright_contract::TenantId,
                kind: &str,
                owner: uuid::Uuid,
                after: Option<uuid::Uuid>,
                limit: u32,
            ) -> gatewright_core::store::Stored<Vec<gatewright_core::store::Record>> {
                self.inner.records_of(tenant, kind, owner, after, limit).await
            }

            async fn newest_records_of(
                &self,
                tenant: &gatewright_contract::TenantId,
                kind: &str,
                owner: uuid::Uuid,
                before: Option<uuid::Uuid>,
                limit: u32,
            ) -> gatewright_core::store::Stored<Vec<gatewright_core::store::Record>> {
                self.inner.newest_records_of(tenant, kind, owner, before, limit).await
            }

            async fn more_records_than(&self, tenant: &gatewright_contract::TenantId, kind: &str, count: u32) -> gatewright_core::store::Stored<bool> {
                self.inner.more_records_than(tenant, kind, count).await
            }

            async fn records_everywhere(&self, kind: &str, after: Option<uuid::Uuid>, limit: u32) -> gatewright_core::store::Stored<Vec<gatewright_core::store::Record>> {
                self.inner.records_everywhere(kind, after, limit).await
            }

            async fn records_due(&self, kind: &str, now: gatewright_contract::Timestamp, limit: u32) -> gatewright_core::store::Stored<Vec<gatewright_core::store::Record>> {
                self.inner.records_due(kind, now, limit).await
            }

            async fn links_from(
                &self,
                tenant: &gatewright_contract::TenantId,
                kind: &str,
                from: uuid::Uuid,
                after: Option<uuid::Uuid>,
                limit: u32,
            ) -> gatewright_core::store::Stored<Vec<uuid::Uuid>> {
                self.inner.links_from(tenant, kind, from, after, limit).await
            }

            async fn links_to(
                &self,
                tenant: &gatewright_contract::TenantId,
                kind: &str,
                to: uuid::Uuid,
                after: Option<uuid::Uuid>,
                limit: u32,
            ) -> gatewright_core::store::Stored<Vec<uuid::Uuid>> {
                self.inner.links_to(tenant, kind, to, after, limit).await
            }
        }

        #[async_trait::async_trait]
        impl<$($of)*> gatewright_core::store::AuditLog for $store {
            async fn audit(&self, tenant: &gatewright_contract::TenantId, filter: &gatewright_core::audit::Filter, limit: u32) -> gatewright_core::store::Stored<Vec<gatewright_core::audit::Logged>> {
                self.inner.audit(tenant, filter, limit).await
            }

            async fn audit_from(&self, tenant: &gatewright_contract::TenantId, after: i64, limit: u32) -> gatewright_core::store::Stored<Vec<gatewright_core::audit::Logged>> {
                self.inner.audit_from(tenant, after, limit).await
            }

            async fn audit_head(&self, tenant: &gatewright_contract::TenantId) -> gatewright_core::store::Stored<gatewright_core::audit::AuditHead> {
                self.inner.audit_head(tenant).await
            }
        }
    };
}
pub(in crate::store) use passed_on;
