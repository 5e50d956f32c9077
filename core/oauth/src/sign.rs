//! JWTs that the provider signs (RFC 7515, RFC 7519), with keys that stay parsed.

use crate::{Provider, Result};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, TenantId};
use gatewright_core::signing::Algorithm;
use serde::Serialize;

impl Provider {
    /// Signs claims with the current key of a tenant; `typ` goes into the header: `JWT`, `at+jwt` (RFC 9068),
    /// `logout+jwt`.
    ///
    /// # Errors
    /// When the key can't be had.
    pub async fn sign(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String> {
        let key = self.engine.signer().current(tenant, algorithm).await?;
        let head = format!(r#"{{"alg":"{}","typ":"{typ}","kid":"{}"}}"#, algorithm.as_str(), key.kid());
        let claims =
            serde_json::to_vec(claims).map_err(|e| Fault::caused("claims can't be written as JSON", e))?;
        let mut token = BASE64URL_NOPAD.encode(head.as_bytes());
        token.push('.');
        BASE64URL_NOPAD.encode_append(&claims, &mut token);
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }
}
