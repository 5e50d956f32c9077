//! Answers to a challenge that is found by the key that it was given, where the client carries no handle.

use super::{Engine, Progress, Wish, step::Loaded};
use crate::{
    Origin,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{Fault, LookupKey, Purpose};
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

    /// Judges the answer to what waits under this key for this purpose, which is no login: who has proven it (the person is
    /// there), and what to commit with what follows, which ends the challenge and takes its tries back. The caller of this
    /// holds the person against who asks, and writes that person with their revision.
    ///
    /// # Errors
    /// Those of [`Engine::answer`]; a wrong answer has ended the challenge.
    pub(super) async fn judge_waiting(
        &self,
        authenticator: &str,
        key: &LookupKey,
        answer: Value,
        purpose: Purpose,
        origin: &Origin,
    ) -> Result<(Loaded, Vec<Write>)> {
        let _ = (authenticator, key, answer, purpose, origin);
        Err(Problem::internal(Fault::internal("not yet")))
    }
}
