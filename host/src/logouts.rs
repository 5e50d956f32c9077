//! Tells applications that sessions have ended. What is due, and what is said, is the core's; here is how many are told
//! at a time.

use futures_util::{StreamExt, stream};
use gatewright_core::store::Record;
use gatewright_oauth::{OAuthError, Provider, logout::Told};
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// Requests under way at the same time.
const AT_ONCE: usize = 16;
const BATCH: u32 = 100;
/// Batches in one round, so that a round ends.
const BATCHES: usize = 50;

/// One round: whatever is due has been tried when it returns. A client that does not answer is asked for one session only,
/// so that it holds up no other.
pub async fn round(provider: &Provider) {
    for _ in 0..BATCHES {
        match noted("queueing logouts", provider.queue_logouts(BATCH).await) {
            Some(count) if count >= BATCH as usize => {}
            Some(_) => break,
            None => return,
        }
    }
    let failed = Mutex::new(HashSet::new());
    for _ in 0..BATCHES {
        let Some(due) = noted("reading logouts", provider.due_logouts(BATCH).await) else { return };
        let count = due.len();
        let told = stream::iter(due).map(|one| tell(provider, one, &failed)).buffer_unordered(AT_ONCE);
        // What is under way is seen to its end: it is claimed.
        let done = told.filter(|done| std::future::ready(*done)).count().await;
        if count < BATCH as usize || done == 0 {
            return;
        }
    }
}

async fn tell(provider: &Provider, due: Record, failed: &Mutex<HashSet<Option<Uuid>>>) -> bool {
    let failed = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    if failed().contains(&due.owner) {
        return false;
    }
    match noted("telling a client of a logout", provider.tell_logout(&due).await) {
        Some(Told::Done | Told::Passed) => true,
        Some(Told::Failed) | None => {
            failed().insert(due.owner);
            false
        }
    }
}

/// What has come, or none with a line in the log.
fn noted<T>(doing: &str, result: Result<T, OAuthError>) -> Option<T> {
    result.map_err(|error| tracing::warn!(%error, cause = ?error.cause, "{doing} failed")).ok()
}
