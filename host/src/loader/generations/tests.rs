use super::*;
use gatewright_contract::Timestamp;
use tokio::sync::Semaphore;

/// A clock that is moved.
#[derive(Default)]
struct Clock(AtomicU64);

impl Clock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }
}

impl World for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn random(&self, _: &mut [u8]) -> Result<(), Fault> {
        Err(Fault::internal("none here"))
    }
}

/// Answers once it is let, and counts how often it was put to rest.
struct Fake {
    gate: Semaphore,
    rested: AtomicUsize,
}

impl Fake {
    fn rested(&self) -> usize {
        self.rested.load(Ordering::SeqCst)
    }
}

impl Transport for Fake {
    fn manifest(&self) -> &[u8] {
        b"{}"
    }

    fn call<'a>(
        &'a self,
        _: Option<&'a TenantId>,
        _: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let permit = self.gate.acquire().await;
            drop(permit);
            Ok(request)
        })
    }

    fn health(&self) -> Health {
        Health::Ok
    }

    fn rest(&self) -> BoxFut<'_, ()> {
        self.rested.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    }
}

struct House {
    clock: Arc<Clock>,
    generations: Generations,
    forgotten: Mutex<Vec<String>>,
}

impl House {
    fn new() -> Self {
        let clock = Arc::new(Clock::default());
        clock.advance(Duration::from_secs(100));
        Self { generations: Generations::new(clock.clone()), clock, forgotten: Mutex::default() }
    }

    /// A library that is open to calls, or shut.
    fn library(&self, open: usize) -> (Arc<Fake>, Arc<Watched>) {
        let fake = Arc::new(Fake { gate: Semaphore::new(open), rested: AtomicUsize::new(0) });
        (fake.clone(), Arc::new(Watched::new(fake, self.clock.clone())))
    }

    async fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        let forget = |plugin: &str, generation: &str| {
            self.forgotten.lock().expect("is whole").push(format!("{plugin} {generation}"));
        };
        self.generations.round(&forget).await;
    }

    fn forgotten(&self) -> Vec<String> {
        self.forgotten.lock().expect("is whole").clone()
    }
}

async fn call(watched: &Watched) {
    watched.call(None, "verify", b"{}".to_vec()).await.expect("answers");
}

#[tokio::test]
async fn a_quiet_one_rests_and_a_late_answer_wakes_it() {
    let house = House::new();
    let (fake, watched) = house.library(1);
    call(&watched).await;
    house.clock.advance(Duration::from_secs(60));
    house.generations.keep("own", "one", watched.clone());
    house.after(0).await;
    assert_eq!(fake.rested(), 0, "it was replaced just now");
    house.after(1).await;
    assert_eq!(fake.rested(), 1);
    house.after(5).await;
    assert_eq!(fake.rested(), 1, "it rests already");
    call(&watched).await;
    house.after(0).await;
    assert_eq!(fake.rested(), 1);
    house.after(1).await;
    assert_eq!(fake.rested(), 2);
    assert!(house.forgotten().is_empty());
}

#[tokio::test]
async fn one_that_is_at_work_is_left_alone() {
    let house = House::new();
    let (fake, watched) = house.library(0);
    house.generations.keep("own", "one", watched.clone());
    let (_, ()) = tokio::join!(biased; call(&watched), async {
        house.after(30).await;
        assert_eq!(fake.rested(), 0);
        fake.gate.add_permits(1);
    });
    house.after(0).await;
    assert_eq!(fake.rested(), 0, "its call has ended just now");
    house.after(1).await;
    assert_eq!(fake.rested(), 1);
}

#[tokio::test]
async fn it_is_forgotten_when_no_login_of_its_time_is_left() {
    let house = House::new();
    let (fake, watched) = house.library(1);
    house.generations.keep("own", "one", watched);
    house.after(3_599).await;
    assert!(house.forgotten().is_empty() && house.generations.count() == 1);
    house.after(1).await;
    assert_eq!(house.forgotten(), ["own one"]);
    assert_eq!((house.generations.count(), fake.rested()), (0, 2));
    house.after(10).await;
    assert_eq!(house.forgotten().len(), 1);
}

/// First, second, first again, third.
#[tokio::test]
async fn a_namesake_that_was_replaced_later_is_not_forgotten_early() {
    let house = House::new();
    let [(old, first), (_, second), (young, again)] = [house.library(1), house.library(1), house.library(1)];
    house.generations.keep("own", "one", first);
    house.after(100).await;
    house.generations.keep("own", "two", second);
    house.after(100).await;
    house.generations.keep("own", "one", again);
    house.after(3_400).await;
    assert!(house.forgotten().is_empty());
    assert_eq!(house.generations.count(), 2, "the first one's process is given up");
    assert_eq!((old.rested(), young.rested()), (2, 1));
    house.after(100).await;
    assert_eq!(house.forgotten(), ["own two"]);
    house.after(100).await;
    assert_eq!(house.forgotten(), ["own two", "own one"]);
}

#[tokio::test]
async fn of_many_swaps_the_oldest_are_forgotten_early() {
    let house = House::new();
    for number in 0..12 {
        house.generations.keep("own", &number.to_string(), house.library(1).1);
        house.after(1).await;
    }
    house.generations.keep("other", "0", house.library(1).1);
    house.after(0).await;
    assert_eq!(house.forgotten(), ["own 0", "own 1", "own 2", "own 3"]);
    assert_eq!(house.generations.count(), 9);
}

#[tokio::test]
async fn the_same_begun_anew_takes_no_place_and_rests_when_its_calls_are_over() {
    let house = House::new();
    house.generations.keep("own", "one", house.library(1).1);
    let (fake, watched) = house.library(0);
    let (last, once) = house.library(1);
    house.generations.leave(watched.clone());
    for _ in 0..20 {
        house.generations.leave(once.clone());
    }
    assert_eq!(house.generations.count(), 1);
    let (_, ()) = tokio::join!(biased; call(&watched), async {
        house.after(30).await;
        assert_eq!((fake.rested(), last.rested()), (0, 1));
        fake.gate.add_permits(1);
    });
    house.after(1).await;
    assert_eq!(fake.rested(), 1);
    house.after(60).await;
    assert_eq!(fake.rested(), 1, "it is let go of");
    assert!(house.forgotten().is_empty() && house.generations.count() == 1);
}
