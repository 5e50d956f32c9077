use super::*;
use gatewright_contract::Timestamp;
use std::sync::{
    atomic::{AtomicBool, AtomicU64, Ordering},
    mpsc,
};
use tokio::task::JoinHandle;

/// A watch in milliseconds that is moved.
#[derive(Default)]
struct Moved(AtomicU64);

impl Moved {
    fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl World for Moved {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn random(&self, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault::unavailable("randomness"))
    }
}

/// A pool of one thread, which is busy until it is released.
struct Blocked {
    pool: Arc<Pool>,
    world: Arc<Moved>,
    release: mpsc::Sender<()>,
    first: JoinHandle<Result<(), Fault>>,
}

const ONE: PoolConfig = PoolConfig { threads: 1, queue: 1, expected_wait_ms: 1_000, wait_ms: 5_000 };

impl Blocked {
    /// A piece of work before it took so long.
    async fn after(took_ms: u64, config: &PoolConfig) -> Self {
        let world = Arc::new(Moved::default());
        let pool = Arc::new(Pool::start(config, world.clone()).expect("threads"));
        let watch = world.clone();
        pool.run(Box::new(move || watch.advance(took_ms))).await.expect("runs");
        let (release, blocked) = mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let first = give(&pool, move || {
            let _ = started.send(());
            let _ = blocked.recv();
        });
        has_started.await.expect("the first piece runs");
        Self { pool, world, release, first }
    }

    /// One more that waits.
    async fn wait(&self, work: impl FnOnce() + Send + 'static) -> JoinHandle<Result<(), Fault>> {
        let before = self.pool.waiting();
        let waits = give(&self.pool, work);
        while self.pool.waiting() == before {
            tokio::task::yield_now().await;
        }
        waits
    }

    async fn refused(&self) -> Duration {
        match self.pool.run(Box::new(|| ())).await {
            Err(Fault::Unavailable { retry_after: Some(wait), .. }) => wait,
            other => panic!("{other:?}"),
        }
    }
}

fn give(pool: &Arc<Pool>, work: impl FnOnce() + Send + 'static) -> JoinHandle<Result<(), Fault>> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.run(Box::new(work)).await })
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_a_panic_costs_one_piece() {
    let blocked = Blocked::after(0, &ONE).await;
    let second = blocked.wait(|| panic!("on purpose")).await;
    assert_eq!(blocked.refused().await, Duration::from_secs(1));
    blocked.release.send(()).expect("release");
    assert!(blocked.first.await.expect("join").is_ok());
    assert!(matches!(second.await.expect("join"), Err(Fault::Internal { .. })));
    assert!(blocked.pool.run(Box::new(|| ())).await.is_ok(), "the thread is still there");
}

#[tokio::test]
async fn who_would_wait_too_long_is_refused_at_once() {
    let blocked = Blocked::after(600, &PoolConfig { queue: 100, ..ONE }).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        waiting.push(blocked.wait(|| ()).await);
    }
    // Two wait, of which each takes 600 ms: 1.2 s.
    assert_eq!(blocked.refused().await, Duration::from_secs(2));
    blocked.release.send(()).expect("release");
    for done in waiting {
        assert!(done.await.expect("join").is_ok());
    }
    assert!(blocked.pool.run(Box::new(|| ())).await.is_ok());
}

#[tokio::test]
async fn who_has_given_up_takes_no_room_and_no_time() {
    let blocked = Blocked::after(0, &ONE).await;
    let ran = Arc::new(AtomicBool::new(false));
    let mark = ran.clone();
    let gone = blocked.wait(move || mark.store(true, Ordering::SeqCst)).await;
    gone.abort();
    let _ = gone.await;
    let next = give(&blocked.pool, || ());
    blocked.release.send(()).expect("release");
    assert!(blocked.first.await.expect("join").is_ok());
    assert!(next.await.expect("join").is_ok());
    assert!(!ran.load(Ordering::SeqCst));
}

#[tokio::test]
async fn who_gives_up_while_there_is_room_is_not_run_either() {
    let blocked = Blocked::after(0, &PoolConfig { queue: 9, ..ONE }).await;
    let ran = Arc::new(AtomicBool::new(false));
    let mark = ran.clone();
    let gone = blocked.wait(move || mark.store(true, Ordering::SeqCst)).await;
    gone.abort();
    let _ = gone.await;
    blocked.release.send(()).expect("release");
    assert!(blocked.pool.run(Box::new(|| ())).await.is_ok());
    assert!(!ran.load(Ordering::SeqCst));
}

#[tokio::test]
async fn who_has_waited_too_long_all_the_same_is_refused() {
    let blocked = Blocked::after(0, &ONE).await;
    let waits = blocked.wait(|| ()).await;
    blocked.world.advance(5_001);
    blocked.release.send(()).expect("release");
    assert!(matches!(waits.await.expect("join"), Err(Fault::Unavailable { .. })));
}

#[test]
fn the_mean_follows_what_pieces_take() {
    let mut queue = Queue::new(2, 9, Duration::from_secs(1));
    let take = |queue: &mut Queue, ms: u64, times: usize| {
        for _ in 0..times {
            queue.note(Duration::from_millis(ms));
        }
    };
    let nobody = || Job { work: Box::new(|| ()), queued: Duration::ZERO, done: oneshot::channel().0 };
    take(&mut queue, 5_000, 1);
    assert!(queue.push(nobody()).is_ok(), "one that took long keeps nobody out as long as nobody waits");
    let waits = oneshot::channel();
    assert!(queue.push(Job { done: waits.0, ..nobody() }).is_ok(), "the one before has given up");
    assert!(queue.push(nobody()).is_err());
    take(&mut queue, 20, 100);
    assert!(queue.push(nobody()).is_ok());
}
