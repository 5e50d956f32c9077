//! Handles of transactions for dialects whose clients do not carry one: kept under what the client sends back.

use super::Engine;
use crate::{HashedToken, problem::Result, token::PlainToken};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, TenantId, Timestamp};

/// Where they are kept.
const AREA: &str = "kept-handle";

impl Engine {
    /// Keeps a handle under a name that nobody can guess, such as the challenge of a passkey. One under the same name whose
    /// end has come makes room.
    ///
    /// # Errors
    /// 409 where another one is kept under it, and when the store or the keys can't be had.
    pub async fn keep_handle(
        &self,
        tenant: &TenantId,
        name: &str,
        handle: &PlainToken,
        until: Timestamp,
    ) -> Result<()> {
        self.keep((AREA, tenant, &key(name)), handle.expose().as_bytes(), None, until).await
    }

    /// Takes it: of two parallel tries one gets it.
    ///
    /// # Errors
    /// When the store or the keys can't be had.
    pub async fn take_handle(&self, tenant: &TenantId, name: &str) -> Result<Option<PlainToken>> {
        let key = key(name);
        let Some((plain, rev)) = self.kept(AREA, tenant, &key).await? else { return Ok(None) };
        // Its end is now.
        match self.keep((AREA, tenant, &key), b"", Some(rev), self.now()).await {
            Ok(()) => {}
            Err(problem) if problem.status == 409 => return Ok(None),
            Err(other) => return Err(other),
        }
        let text = std::str::from_utf8(&plain).map_err(|e| Fault::caused("a kept handle is damaged", e))?;
        Ok(PlainToken::received(text))
    }
}

fn key(name: &str) -> String {
    HEXLOWER.encode(&HashedToken::of(name.as_bytes()).0)
}
