//! First versions of what is on its way.

use crate::{Credentials, OAuthError, Provider, Result};
use gatewright_contract::TenantId;
use serde_json::{Map, Value};

impl Provider {
    /// The claims of a JWT of this tenant.
    pub(crate) async fn own_jwt(
        &self,
        _: &TenantId,
        _: &str,
        _: Option<&str>,
    ) -> Result<Option<Map<String, Value>>> {
        Ok(None)
    }

    /// The key of a proof.
    pub(crate) async fn dpop_proof(
        &self,
        _: &TenantId,
        shown: &Credentials,
        _: Option<&str>,
    ) -> Result<Option<String>> {
        match shown.dpop.is_empty() {
            true => Ok(None),
            false => Err(OAuthError::invalid("Tokens can't be bound yet.")),
        }
    }
}
