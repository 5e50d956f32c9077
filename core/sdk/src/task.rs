//! A call of the host that is under way: polled by whoever wakes it, without a runtime.

use crate::{
    baton::Baton,
    caught::{caught, quietly},
    table::Table,
};
use gatewright_contract::{
    BoxFut,
    wire::{Refused, Status},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

/// How a call ends.
pub(crate) type Ended = Result<Vec<u8>, (Status, Refused)>;

/// One ticket and what is done for it.
///
/// It is polled where the host begins the call, and again on whichever thread completes what it waits for. It
/// answers its ticket exactly once: with its result, with a panic, or, when nothing is left that could wake it,
/// with that.
pub(crate) struct Task {
    table: Arc<Table>,
    ticket: u64,
    baton: Baton,
    /// Taken out while it is polled, so that no lock is held then. Only who holds the baton touches it.
    work: Mutex<Option<BoxFut<'static, Ended>>>,
}

impl Task {
    /// Begins it, on this thread.
    pub(crate) fn begin(table: Arc<Table>, ticket: u64, work: BoxFut<'static, Ended>) {
        let work = Mutex::new(Some(work));
        Arc::new(Self { table, ticket, baton: Baton::new(), work }).wake();
    }

    fn poll(self: &Arc<Self>) {
        let waker = Waker::from(self.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            let Some(mut work) = self.swap(None) else { return };
            let outcome = match caught(|| work.as_mut().poll(&mut context)) {
                Ok(Poll::Ready(ended)) => ended,
                Ok(Poll::Pending) => {
                    self.swap(Some(work));
                    match self.baton.rest() {
                        true => continue,
                        false => return,
                    }
                }
                Err(words) => Err((Status::Panic, Refused::saying(words))),
            };
            self.baton.end();
            // Before the host hears of it: afterwards it may end the instance, which the work borrows.
            quietly(|| drop(work));
            self.table.done(self.ticket, outcome);
            return;
        }
    }

    fn swap(&self, work: Option<BoxFut<'static, Ended>>) -> Option<BoxFut<'static, Ended>> {
        std::mem::replace(&mut *self.work.lock().unwrap_or_else(PoisonError::into_inner), work)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.baton.wake() {
            self.poll();
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.baton.ended() {
            return;
        }
        if let Some(work) = self.swap(None) {
            quietly(|| drop(work));
        }
        let words = "the call waits for what can't come: nothing is left that could wake it";
        self.table.done(self.ticket, Err((Status::Internal, Refused::saying(words))));
    }
}
