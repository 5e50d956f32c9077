use super::*;
use gatewright_contract::{Fault, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// A watch in milliseconds that is moved.
#[derive(Default)]
struct Moved(AtomicU64);

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

fn address(number: u32) -> IpAddr {
    IpAddr::V4(number.into())
}

fn rates(config: RateConfig) -> (Rates, Arc<Moved>) {
    let world = Arc::new(Moved::default());
    (Rates::new(&config, world.clone()), world)
}

#[test]
fn a_burst_and_then_so_many_a_second_for_each_network() {
    let (rates, world) = rates(RateConfig { per_second: 10, burst: 3, ..RateConfig::default() });
    let [a, a_too, b]: [IpAddr; 3] =
        ["2001:db8::1", "2001:db8::ff:2", "2001:db8:0:1::1"].map(|s| s.parse().expect("address"));
    for from in [a, a_too, a] {
        assert_eq!(rates.request(from), Ok(()));
    }
    assert_eq!(rates.request(a_too), Err(Duration::from_millis(100)));
    assert_eq!(rates.request(b), Ok(()));
    assert_eq!(rates.address(a), Ok(()), "steps are counted apart");
    world.0.store(100, Ordering::SeqCst);
    assert_eq!(rates.request(a), Ok(()));
    assert!(rates.request(a).is_err());
}

#[test]
fn zero_is_no_limit_and_the_exempt_are_not_counted() {
    let (rates, _) = rates(RateConfig { per_second: 0, steps_burst: 1, ..RateConfig::default() });
    for _ in 0..10_000 {
        assert_eq!(rates.request(address(7)), Ok(()));
        assert_eq!(rates.address("::ffff:127.0.0.9".parse().expect("address")), Ok(()));
    }
    assert_eq!(rates.address(address(7)), Ok(()));
    assert!(rates.address(address(7)).is_err());
}

#[test]
fn a_tenant_takes_nothing_from_another_and_new_settings_hold_at_once() {
    let (rates, _) = rates(RateConfig::default());
    let tenant = |name: &str| TenantId::parse(name).expect("a tenant");
    let rules = RateRules { per_second: 1, burst: 1 };
    assert_eq!(rates.tenant(&tenant("a"), &rules), Ok(()));
    assert_eq!(rates.tenant(&tenant("a"), &rules), Err(Duration::from_secs(1)));
    assert_eq!(rates.tenant(&tenant("b"), &rules), Ok(()));
    let more = RateRules { per_second: 1, burst: 2 };
    assert_eq!(rates.tenant(&tenant("a"), &more), Ok(()));
    let off = RateRules { per_second: 0, burst: 1 };
    assert_eq!(rates.tenant(&tenant("b"), &off), Ok(()));
}

#[test]
fn memory_is_bounded_and_nobody_gets_past_the_limit_when_it_is_full() {
    let world = Arc::new(Moved::default());
    let quota = quota(1, 2).expect("a limit");
    let few = Addresses::new(quota, 5_000, Watch(world.clone()));
    for number in 0..50_000 {
        let _ = few.count(address(number));
    }
    let bound = 5_000 + addresses::LOOK_EVERY + addresses::SHARED as usize;
    assert!(few.len() > 4_000 && few.len() <= bound, "{}", few.len());
    assert!((0..3).any(|_| few.count(address(7)).is_err()), "who has no bucket of its own shares one");
    // A while later all buckets are as good as new.
    world.0.store(60_000, Ordering::SeqCst);
    for _ in 0..=addresses::LOOK_EVERY {
        let _ = few.count(address(7));
    }
    assert!(few.len() <= 2, "{}", few.len());
    let stranger = address(60_000);
    assert_eq!([few.count(stranger), few.count(stranger)], [Ok(()); 2]);
    assert!(few.count(stranger).is_err());
}
