//! How fast a library may ask the host: a bucket that refills steadily, so that one that asks in a loop leaves the
//! database to others.

use crate::rate::Watch;
use gatewright_core::world::World;
use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use std::{num::NonZeroU32, sync::Arc, time::Duration};

type Bucket = RateLimiter<NotKeyed, InMemoryState, Watch, NoOpMiddleware<Duration>>;

/// Requests in a second, and as many at once.
const MOST: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_999);
const LINES_A_MINUTE: NonZeroU32 = NonZeroU32::MIN;

/// Counts them.
pub(super) struct Pace {
    asked: Bucket,
    told: Bucket,
}

impl Pace {
    pub(super) fn new(world: Arc<dyn World>) -> Self {
        let bucket = |quota| RateLimiter::direct_with_clock(quota, Watch(world.clone()));
        Self { asked: bucket(Quota::per_second(MOST)), told: bucket(Quota::per_minute(LINES_A_MINUTE)) }
    }

    /// Whether one more may be answered.
    pub(super) fn holds(&self) -> bool {
        self.asked.check().is_ok()
    }

    /// Whether the log has not heard of it in the last minute.
    pub(super) fn is_to_be_told(&self) -> bool {
        self.told.check().is_ok()
    }
}
