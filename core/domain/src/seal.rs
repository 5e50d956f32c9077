//! Sealing of what must be read again.

use async_trait::async_trait;
use gatewright_contract::{Fault, TenantId};

/// Authenticated encryption under the tenant's data key (RFC 5116), which is itself wrapped by the host's
/// key-encryption key.
#[async_trait]
pub trait Sealer: Send + Sync + 'static {
    /// Seals; `context` (what and whose it is) must be given again to open.
    ///
    /// # Errors
    /// When the key can't be had.
    async fn seal(&self, tenant: &TenantId, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Opens.
    ///
    /// # Errors
    /// When it was sealed for another context, or altered, or the key is gone.
    async fn open(&self, tenant: &TenantId, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault>;
}
