//! Accounts whose secret never comes here: people register themselves, replace what they have lost, and change what they
//! have, with an authenticator that keeps what it has asked itself.

use super::Engine;
use crate::{
    Origin,
    problem::{Problem, Result},
    session::Caller,
    token::PlainToken,
};
use gatewright_contract::{Fault, LookupKey, TenantId};
use serde_json::Value;

/// For whom something is to be set up, and by which program.
#[derive(Clone, Debug)]
pub struct Anybody {
    /// The tenant.
    pub tenant: TenantId,
    /// The login name, as it was typed.
    pub username: String,
    /// Program that asks, in the dialect's own words.
    pub client: Option<String>,
    /// The authorization request that it is for.
    pub request: Option<String>,
}

impl Engine {
    /// Asks what is needed to set something up, for whoever says this name: nobody is looked for, and nothing is kept but
    /// what the authenticator keeps itself (its draft is empty).
    ///
    /// # Errors
    /// 400 for a body of the wrong shape and an authenticator that can't be set up so, 404 without the tenant, 429.
    pub async fn invite_anybody(
        &self,
        who: &Anybody,
        authenticator: &str,
        body: Value,
        origin: &Origin,
    ) -> Result<Value> {
        let _ = (who, authenticator, body, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }

    /// Makes an account with this credential. The reply is the same where the name or the address is taken: then whoever has
    /// the address is told by mail. `link`: the address of the page that takes the token by which the mailbox is proven.
    ///
    /// # Errors
    /// 403 where people don't register themselves, 422 for what can't be a name or an address or a proof that is refused, 429.
    pub async fn register(
        &self,
        who: &Anybody,
        email: &str,
        (authenticator, proof): (&str, Value),
        link: impl FnOnce(&PlainToken) -> String + Send,
        origin: &Origin,
    ) -> Result<()> {
        let _ = (who, email, authenticator, proof, link(&self.token("gwv")?), origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }

    /// Mails a code by which `lost` can be replaced to who has this login name and this address, if the address is proven. The
    /// code names tenant and person by itself. The reply is the same for everybody else.
    ///
    /// # Errors
    /// 400 for a name that nobody can have, 404 for an unknown tenant, 409 where nothing is replaced by a message, 429.
    pub async fn mail_reset(&self, who: &Anybody, email: &str, lost: &str, origin: &Origin) -> Result<()> {
        let _ = (who, email, lost, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }

    /// Replaces what was lost, with the code of [`Engine::mail_reset`]: every session of the person ends. A refused proof does not
    /// spend the code until it has been tried too often.
    ///
    /// # Errors
    /// 400 for a code that is unknown, used, too old or of another name, alike; 422 for a proof that is refused; 429.
    pub async fn reset_by_code(
        &self,
        code: &PlainToken,
        username: &str,
        (lost, proof): (&str, Value),
        origin: &Origin,
    ) -> Result<()> {
        let _ = (code, username, lost, proof, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }

    /// Puts a new credential in the place of the caller's own, or sets up their first.
    ///
    /// # Errors
    /// 401, 403 for a login too long ago, an API key or a limited token; 422 for a proof that is refused; 429.
    pub async fn replace_own(
        &self,
        caller: &Caller,
        authenticator: &str,
        proof: Value,
        client: Option<String>,
        origin: &Origin,
    ) -> Result<()> {
        let _ = (caller, authenticator, proof, client, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }

    /// Another e-mail address for the caller, who proves who they are by answering a challenge that waits under this key (its
    /// purpose is then [`gatewright_contract::Purpose::UpdateEmail`]); the login need not be recent.
    ///
    /// # Errors
    /// 401, 422 for a proof that is refused, 409 for an address that somebody has, 429.
    pub async fn change_email_by_proof(
        &self,
        caller: &Caller,
        email: &str,
        (authenticator, key, answer): (&str, &LookupKey, Value),
        origin: &Origin,
    ) -> Result<()> {
        let _ = (caller, email, authenticator, key, answer, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }
}
