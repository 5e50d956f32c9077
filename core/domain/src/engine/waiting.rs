//! Answers to a challenge that is found by the key that it was given, where the client carries no handle.

use super::{Engine, Progress, Wish};
use crate::{
    Origin,
    problem::{Problem, Result},
};
use gatewright_contract::{Fault, LookupKey};
use serde_json::Value;

impl Engine {
    /// [`Engine::answer`], with the key that the challenge was given ([`gatewright_contract::Challenge::wake`]) in the place of
    /// a handle.
    ///
    /// # Errors
    /// Those of [`Engine::answer`].
    pub async fn answer_waiting(
        &self,
        authenticator: &str,
        key: &LookupKey,
        answer: Value,
        wish: Wish,
        origin: &Origin,
    ) -> Result<Progress> {
        let _ = (authenticator, key, answer, wish, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }
}
