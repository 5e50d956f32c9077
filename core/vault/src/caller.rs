//! Who calls an operation of the contract.

use gatewright_core::{Problem, session::Caller};
use gatewright_plugin::House;
use poem_openapi::{
    SecurityScheme,
    auth::{ApiKey, Bearer},
};

/// An API key in a header of its own.
#[derive(SecurityScheme)]
#[oai(ty = "api_key", key_name = "X-API-Key", key_in = "header", rename = "APIKeyHeader")]
pub struct ApiKeyHeader(pub ApiKey);

/// An access token; an API key is taken here too.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "HTTPBearer")]
pub struct HttpBearer(pub Bearer);

/// Either of them.
#[derive(SecurityScheme)]
pub enum VaultCaller {
    /// In `X-API-Key`.
    Key(ApiKeyHeader),
    /// In `Authorization`.
    Bearer(HttpBearer),
}

impl VaultCaller {
    /// Checks the token. What it is good for is asked by the engine with each action; for what concerns the caller's own
    /// account, ask [`gatewright_core::access::ACCOUNT`].
    ///
    /// # Errors
    /// 401 for every token that is not good.
    pub async fn caller(&self, house: &House) -> Result<Caller, Problem> {
        let text = match self {
            Self::Key(key) => &key.0.key,
            Self::Bearer(token) => &token.0.token,
        };
        house.provider.caller(text).await
    }

    /// [`VaultCaller::caller`] for what concerns the caller's own account.
    ///
    /// # Errors
    /// 401, and 403 for a token that is not good for it.
    pub async fn own(&self, house: &House) -> Result<Caller, Problem> {
        let caller = self.caller(house).await?;
        let may = [gatewright_core::access::ACCOUNT, gatewright_core::access::ADMIN];
        match may.iter().any(|scope| caller.has_scope(scope)) {
            true => Ok(caller),
            false => Err(Problem::forbidden(
                "The token is not good for the account: it needs the scope `account`.",
            )),
        }
    }
}
