//! What waits, and for how long it will.

use super::Work;
use gatewright_contract::Fault;
use std::{collections::VecDeque, time::Duration};
use tokio::sync::oneshot;

/// A piece of work and who waits for it.
pub(super) struct Job {
    pub(super) work: Work,
    /// On the world's watch.
    pub(super) queued: Duration,
    pub(super) done: oneshot::Sender<Result<(), Fault>>,
}

/// There is no room, or the wait would be this long.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) expected: Duration,
}

/// How much of the running mean is replaced by the piece that has just ended: about the last sixteen count.
const WEIGHT: u32 = 8;

pub(super) struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
    threads: u32,
    limit: usize,
    longest: Duration,
    /// How long a piece has taken of late; zero before the first.
    mean: Duration,
}

impl Queue {
    pub(super) fn new(threads: usize, limit: usize, longest: Duration) -> Self {
        let threads = u32::try_from(threads).unwrap_or(u32::MAX).max(1);
        Self { jobs: VecDeque::new(), closed: false, threads, limit, longest, mean: Duration::ZERO }
    }

    pub(super) fn push(&mut self, job: Job) -> Result<(), Refused> {
        if self.is_too_long() {
            // Who has given up waiting does not take up room.
            self.jobs.retain(|job| !job.done.is_closed());
        }
        if self.closed || self.is_too_long() {
            return Err(Refused { expected: self.expected() });
        }
        self.jobs.push_back(job);
        Ok(())
    }

    fn is_too_long(&self) -> bool {
        self.jobs.len() >= self.limit || self.expected() > self.longest
    }

    /// How long one more piece would wait. With nothing in the queue it is nothing, so that one piece that took very
    /// long does not keep out those after which the mean would be right again.
    fn expected(&self) -> Duration {
        let before = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        self.mean.saturating_mul(before) / self.threads
    }

    pub(super) fn pop(&mut self) -> Option<Job> {
        self.jobs.pop_front()
    }

    /// A piece has ended after this time.
    pub(super) fn note(&mut self, took: Duration) {
        self.mean = match self.mean.is_zero() {
            true => took,
            false => self.mean - self.mean / WEIGHT + took / WEIGHT,
        };
    }

    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}
