//! What an authenticator may ask the host for by name: requests to other servers, a directory.

use async_trait::async_trait;
use gatewright_contract::Fault;
use serde_json::Value;

/// Something that goes out into the network for authenticators, which may not.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// The methods that it answers, such as `ldap.search`.
    fn methods(&self) -> &[&'static str];

    /// Answers. `args` and the reply may hold secrets: neither is logged.
    ///
    /// # Errors
    /// [`Fault::BadRequest`] when the arguments have not the shape, [`Fault::Unavailable`] when the other side does
    /// not answer.
    async fn call(&self, method: &str, args: Value) -> Result<Value, Fault>;
}
