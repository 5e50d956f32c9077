//! Who a token stands for, whichever sort it is.

use crate::Provider;
use gatewright_core::{PlainToken, Problem, api_keys, session::Caller};

impl Provider {
    /// Who calls with this token: one of the engine's own, an API key, or an access token of an application.
    ///
    /// # Errors
    /// 401 for every token that is not good, whatever the reason.
    pub async fn caller(&self, text: &str) -> gatewright_core::Result<Caller> {
        let token = PlainToken::received(text).ok_or_else(Problem::unauthenticated)?;
        if text.starts_with(api_keys::PREFIX) {
            return self.engine.check_key(&token).await;
        }
        self.engine.check(&token, None).await
    }
}
