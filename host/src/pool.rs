//! A bounded pool of threads for heavy work (password hashes). Whose turn would come too late is refused at once, and
//! cheap requests stay fast beside it, since one core is left to them.
//!
//! The threads have the priority of all others. With a lower one (`nice`) a refusal took thirty times as long: a thread
//! that has to wait for a core while it holds the queue's lock, or one of the allocator's, keeps everybody waiting.
//!
//! First come, first served, whatever the tenant: a piece of work does not say for whom it is. That one tenant does not
//! take all of it is the business of the rates, which refuse before anything is queued.

mod queue;

use gatewright_contract::Fault;
use gatewright_core::world::World;
use queue::{Job, Queue, Refused};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// The table `[pool]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PoolConfig {
    /// Threads for password hashing; 0: one for each core but one, and at least one.
    #[schemars(range(max = 1024))]
    pub threads: u16,
    /// Pieces of work that may wait; more are refused with 503 and Retry-After.
    #[schemars(range(min = 1, max = 100_000))]
    pub queue: u32,
    /// A piece of work that would probably wait longer than this many milliseconds, as long as others have taken of
    /// late, is refused at once with 503 and Retry-After.
    #[schemars(range(min = 10, max = 60_000))]
    pub expected_wait_ms: u32,
    /// A piece of work that has waited this many milliseconds all the same is refused with 503.
    #[schemars(range(min = 100, max = 60_000))]
    pub wait_ms: u32,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self { threads: 0, queue: 128, expected_wait_ms: 1_000, wait_ms: 5_000 }
    }
}

impl PoolConfig {
    fn threads(&self) -> usize {
        match self.threads {
            0 => thread::available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1)),
            n => usize::from(n),
        }
    }
}

type Work = Box<dyn FnOnce() + Send>;

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
    wait: Duration,
    world: Arc<dyn World>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pool. Its threads end when it is dropped and the queue is empty.
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(config: &PoolConfig, world: Arc<dyn World>) -> std::io::Result<Self> {
        let threads = config.threads();
        let expected = Duration::from_millis(u64::from(config.expected_wait_ms));
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(threads, config.queue as usize, expected)),
            more: Condvar::new(),
            wait: Duration::from_millis(u64::from(config.wait_ms)),
            world,
        });
        for number in 0..threads {
            let shared = shared.clone();
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || work_on(&shared))?;
        }
        Ok(Self { shared })
    }

    /// Runs a piece of work. Dropping the future before its turn takes it out of the queue.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the queue is full, or the wait is or would be too long.
    pub async fn run(&self, work: Work) -> Result<(), Fault> {
        let (done, wait) = oneshot::channel();
        let job = Job { work, queued: self.shared.world.elapsed(), done };
        self.shared.lock().push(job).map_err(busy)?;
        self.shared.more.notify_one();
        wait.await.unwrap_or_else(|_| Err(Fault::internal("the hashing pool has ended")))
    }

    /// Pieces of work that wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().waiting()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().close();
        self.shared.more.notify_all();
    }
}

/// In whole seconds, since that is what Retry-After says.
fn busy(refused: Refused) -> Fault {
    let seconds = refused.expected.as_secs() + 1;
    Fault::Unavailable {
        what: "password hashing is at its limit".into(),
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

fn work_on(shared: &Shared) {
    let mut took = None;
    while let Some(job) = next(shared, took.take()) {
        // Nobody waits for it any more: the request is over, or the client has hung up.
        if job.done.is_closed() {
            continue;
        }
        let started = shared.world.elapsed();
        let waited = started.saturating_sub(job.queued);
        let result = if waited > shared.wait {
            Err(busy(Refused { expected: waited }))
        } else {
            let result = catch_unwind(AssertUnwindSafe(job.work))
                .map_err(|_| Fault::internal("a piece of heavy work panicked"));
            took = Some(shared.world.elapsed().saturating_sub(started));
            result
        };
        let _ = job.done.send(result);
    }
}

/// The next piece; `took` is how long the one before has taken, if one was run.
fn next(shared: &Shared, took: Option<Duration>) -> Option<Job> {
    let mut queue = shared.lock();
    if let Some(took) = took {
        queue.note(took);
    }
    loop {
        if let Some(job) = queue.pop() {
            return Some(job);
        }
        if queue.is_closed() {
            return None;
        }
        queue = shared.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests;
