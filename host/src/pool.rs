//! A bounded pool of threads for heavy work (password hashes): as many as there are cores, a queue with a
//! limit, and a time after which waiting makes no sense. Cheap requests stay fast beside it.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// The table `[pool]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PoolConfig {
    /// Threads for password hashing; 0: one for each core.
    #[schemars(range(max = 1024))]
    pub threads: u16,
    /// Pieces of work that may wait; more are refused with 503 and Retry-After.
    #[schemars(range(min = 1, max = 100_000))]
    pub queue: u32,
    /// A piece of work that has waited this many milliseconds is refused with 503.
    #[schemars(range(min = 100, max = 60_000))]
    pub wait_ms: u32,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self { threads: 0, queue: 128, wait_ms: 5_000 }
    }
}

type Work = Box<dyn FnOnce() + Send>;

struct Job {
    work: Work,
    queued: Instant,
    done: oneshot::Sender<Result<(), Fault>>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
    limit: usize,
    wait: Duration,
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
    pub fn start(config: &PoolConfig) -> std::io::Result<Self> {
        let threads = match config.threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            n => usize::from(n),
        };
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            more: Condvar::new(),
            limit: config.queue as usize,
            wait: Duration::from_millis(u64::from(config.wait_ms)),
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
    /// [`Fault::Unavailable`] when the queue is full or the wait was too long.
    pub async fn run(&self, work: Work) -> Result<(), Fault> {
        let (done, wait) = oneshot::channel();
        {
            let mut queue = self.shared.lock();
            // Who has given up waiting does not take up room.
            if queue.jobs.len() >= self.shared.limit {
                queue.jobs.retain(|job| !job.done.is_closed());
            }
            if queue.closed || queue.jobs.len() >= self.shared.limit {
                return Err(busy());
            }
            queue.jobs.push_back(Job { work, queued: now(), done });
        }
        self.shared.more.notify_one();
        wait.await.unwrap_or_else(|_| Err(Fault::internal("the hashing pool has ended")))
    }

    /// Pieces of work that wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().jobs.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.more.notify_all();
    }
}

fn busy() -> Fault {
    Fault::Unavailable {
        what: "password hashing is at its limit".into(),
        retry_after: Some(Duration::from_secs(2)),
    }
}

fn now() -> Instant {
    Instant::now()
}

fn work_on(shared: &Shared) {
    while let Some(job) = next(shared) {
        if job.done.is_closed() {
            continue;
        }
        let result = if job.queued.elapsed() > shared.wait {
            Err(busy())
        } else {
            catch_unwind(AssertUnwindSafe(job.work))
                .map_err(|_| Fault::internal("a piece of heavy work panicked"))
        };
        let _ = job.done.send(result);
    }
}

fn next(shared: &Shared) -> Option<Job> {
    let mut queue = shared.lock();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        if queue.closed {
            return None;
        }
        queue = shared.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::task::JoinHandle;

    /// A pool of one thread, which is busy until it is released, and room for one more piece.
    struct Blocked {
        pool: Arc<Pool>,
        release: mpsc::Sender<()>,
        first: JoinHandle<Result<(), Fault>>,
    }

    impl Blocked {
        async fn new() -> Self {
            let config = PoolConfig { threads: 1, queue: 1, wait_ms: 5_000 };
            let pool = Arc::new(Pool::start(&config).expect("threads"));
            let (release, blocked) = mpsc::channel::<()>();
            let (started, has_started) = oneshot::channel();
            let first = give(&pool, move || {
                let _ = started.send(());
                let _ = blocked.recv();
            });
            has_started.await.expect("the first piece runs");
            Self { pool, release, first }
        }
    }

    fn give(pool: &Arc<Pool>, work: impl FnOnce() + Send + 'static) -> JoinHandle<Result<(), Fault>> {
        let pool = pool.clone();
        tokio::spawn(async move { pool.run(Box::new(work)).await })
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_a_panic_costs_one_piece() {
        let Blocked { pool, release, first } = Blocked::new().await;
        let second = give(&pool, || panic!("on purpose"));
        while pool.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        let third = pool.run(Box::new(|| ())).await;
        assert!(matches!(third, Err(Fault::Unavailable { retry_after: Some(_), .. })), "{third:?}");
        release.send(()).expect("release");
        assert!(first.await.expect("join").is_ok());
        assert!(matches!(second.await.expect("join"), Err(Fault::Internal { .. })));
        assert!(pool.run(Box::new(|| ())).await.is_ok(), "the thread is still there");
    }

    #[tokio::test]
    async fn who_has_given_up_takes_no_room() {
        let Blocked { pool, release, first } = Blocked::new().await;
        let gone = give(&pool, || ());
        while pool.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        gone.abort();
        let _ = gone.await;
        let next = give(&pool, || ());
        release.send(()).expect("release");
        assert!(first.await.expect("join").is_ok());
        assert!(next.await.expect("join").is_ok());
    }
}
