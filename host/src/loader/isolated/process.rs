//! One process that runs: whoever calls writes its frame itself, one task reads.

use super::{
    birth::{Newborn, Recipe},
    live::{Ended, Live},
    record::Record,
    said::Said,
    stderr, threads,
};
use crate::loader::HostCalls;
use gatewright_contract::TenantId;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{net::UnixStream, sync::oneshot, task::JoinHandle, time::timeout};

/// How long it may take to put things away.
const LEAVING: Duration = Duration::from_secs(1);

/// A process, which ends when nobody has this any more.
pub(super) struct Process {
    live: Arc<Live>,
    id: Option<u32>,
    /// Threads that run calls.
    threads: usize,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.live.dismiss();
    }
}

impl Process {
    /// Takes over a process that has begun. In the context of a runtime.
    pub(super) fn new(
        mut newborn: Newborn,
        recipe: &Recipe,
        host: Arc<dyn HostCalls>,
        record: Arc<Record>,
    ) -> std::io::Result<Self> {
        newborn.socket.set_nonblocking(true)?;
        let id = newborn.body.id();
        stderr::follow(record.id().to_owned(), newborn.body.stderr());
        let live =
            Arc::new(Live::new(UnixStream::from_std(newborn.socket)?, recipe.timeout, host.clone(), record));
        let task = tokio::spawn(live.clone().attend(newborn.inbox, newborn.body, Said::to(host)));
        Ok(Self { live, id, threads: recipe.limits.threads(), task: Mutex::new(Some(task)) })
    }

    /// Whether new calls should go to it.
    pub(super) fn is_fit(&self) -> bool {
        self.live.is_fit()
    }

    /// Whether it can answer at all.
    pub(super) fn is_alive(&self) -> bool {
        self.live.is_alive()
    }

    /// Its id.
    pub(super) fn id(&self) -> Option<u32> {
        self.id
    }

    /// Begins a call and says where its end will be told. `None`: the process has ended, and has not had it.
    pub(super) fn ask(
        &self,
        tenant: Option<&TenantId>,
        method: &str,
        request: &[u8],
        until: Instant,
    ) -> Option<oneshot::Receiver<Ended>> {
        self.live.ask(tenant, method, request, until)
    }

    /// Ends it where it has made more threads than it may.
    pub(super) fn count_threads(&self) {
        if let Some(why) = self.id.and_then(|id| threads::too_many(id, self.threads)) {
            self.live.stop(&why);
        }
    }

    /// Ends it now.
    pub(super) fn kill(&self, why: &str) {
        self.live.stop(why);
    }

    /// Lets it end once its calls are over.
    pub(super) async fn rest(&self) {
        self.live.idle().await;
        self.live.rest();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && timeout(LEAVING, &mut task).await.is_err()
        {
            self.live.stop("it does not put away what it has");
            let _ = task.await;
        }
    }
}
