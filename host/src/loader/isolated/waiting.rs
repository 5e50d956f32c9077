//! A call that is under way: its slot, its deadline, and what becomes of it when nobody waits for it any more.

use super::process::{Ended, Process};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, oneshot},
    time::{Instant, timeout_at},
};

/// The work that a process does for a call. It keeps its slot until the process has answered or has ended, whether
/// somebody waits for it or not.
pub(super) struct Waiting(Option<Work>);

/// Such work.
pub(super) struct Work {
    pub(super) process: Arc<Process>,
    pub(super) answer: oneshot::Receiver<Ended>,
    pub(super) slot: OwnedSemaphorePermit,
    pub(super) until: Instant,
    pub(super) method: &'static str,
    pub(super) timeout: Duration,
}

impl Waiting {
    pub(super) fn new(work: Work) -> Self {
        Self(Some(work))
    }

    /// Waits for it, and gives its slot back. `None`: it did not answer in time, and its process is ended for it.
    pub(super) async fn end(mut self) -> (Option<Ended>, Option<OwnedSemaphorePermit>) {
        let ended = match &mut self.0 {
            Some(work) => work.wait().await,
            None => None,
        };
        (ended, self.0.take().map(|work| work.slot))
    }
}

impl Work {
    async fn wait(&mut self) -> Option<Ended> {
        match timeout_at(self.until, &mut self.answer).await {
            Ok(Ok(ended)) => Some(ended),
            Ok(Err(_)) => None,
            Err(_) => {
                // Nobody else is told that it was this one: the others begin anew.
                self.answer.close();
                self.process.kill(&late(self.method, self.timeout));
                None
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(mut work) = self.0.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { work.wait().await })),
            Err(_) => work.process.kill("nobody waits for it"),
        }
    }
}

/// What is wrong with a call that was not answered in time.
pub(super) fn late(method: &str, timeout: Duration) -> String {
    format!("no answer to `{method}` in {} ms", timeout.as_millis())
}
