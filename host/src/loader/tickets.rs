//! Who waits for which call.
//!
//! A ticket is a number that only this map gives meaning to, so that one that is told twice, late or made up finds
//! nobody. The worst that a plugin can do with it is to end another of its own calls that is under way.

use gatewright_contract::wire::Status;
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Takes the end of a call, on whatever thread the plugin ends it.
pub type Done = Box<dyn FnOnce(Status, Vec<u8>) + Send>;

/// So many calls that nobody waits for any more are remembered; what comes after that may never end.
const MOST_GIVEN_UP: usize = 4_096;

/// The tickets of one instance.
pub(super) struct Tickets {
    open: Mutex<Open>,
    strays: AtomicU64,
}

struct Open {
    next: u64,
    calls: HashMap<u64, Call>,
    given_up: usize,
    /// Some given up were not remembered.
    lost: bool,
}

enum Call {
    /// The plugin has not been told the ticket.
    Issued(Done),
    /// It has.
    Begun(Done),
    /// It has, and nobody waits any more.
    GivenUp,
}

impl Tickets {
    pub(super) fn new() -> Self {
        // Not a secret: only not what another instance begins with.
        let next = RandomState::new().build_hasher().finish();
        let open = Open { next, calls: HashMap::new(), given_up: 0, lost: false };
        Self { open: Mutex::new(open), strays: AtomicU64::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn issue(&self, done: Done) -> u64 {
        let mut open = self.lock();
        let ticket = open.next;
        open.next = ticket.wrapping_add(1);
        open.calls.insert(ticket, Call::Issued(done));
        ticket
    }

    /// The plugin is told the ticket next; false when nobody waits for it any more.
    pub(super) fn begin(&self, ticket: u64) -> bool {
        let mut open = self.lock();
        match open.calls.remove(&ticket) {
            Some(Call::Issued(done)) => open.calls.insert(ticket, Call::Begun(done)).is_none(),
            Some(other) => {
                open.calls.insert(ticket, other);
                false
            }
            None => false,
        }
    }

    /// Who waits for it, once. Everything else is a stray.
    pub(super) fn complete(&self, ticket: u64) -> Option<Done> {
        let mut open = self.lock();
        match open.calls.remove(&ticket) {
            Some(Call::Begun(done)) => return Some(done),
            Some(Call::GivenUp) => open.given_up -= 1,
            Some(issued @ Call::Issued(_)) => {
                open.calls.insert(ticket, issued);
            }
            None => {}
        }
        self.strays.fetch_add(1, Relaxed);
        None
    }

    /// Nobody waits for it any more.
    pub(super) fn forget(&self, ticket: u64) {
        let mut open = self.lock();
        let gone = open.calls.remove(&ticket);
        match &gone {
            Some(Call::Begun(_)) if open.given_up == MOST_GIVEN_UP => open.lost = true,
            Some(Call::Begun(_)) => {
                open.given_up += 1;
                open.calls.insert(ticket, Call::GivenUp);
            }
            Some(Call::GivenUp) => {
                open.calls.insert(ticket, Call::GivenUp);
            }
            Some(Call::Issued(_)) | None => {}
        }
        // Whoever waited is let go without the lock.
        drop(open);
        drop(gone);
    }

    /// Whether every call has ended that the plugin was told of.
    pub(super) fn idle(&self) -> bool {
        let open = self.lock();
        open.calls.is_empty() && !open.lost
    }

    /// Lets go of everybody.
    pub(super) fn close(&self) {
        let waiting = mem::take(&mut self.lock().calls);
        drop(waiting);
    }

    pub(super) fn strays(&self) -> u64 {
        self.strays.load(Relaxed)
    }
}
