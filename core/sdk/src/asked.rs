//! What the plugin has asked the host for, as a future.

use crate::caught::quietly;
use gatewright_abi::Slice;
use gatewright_contract::wire::Status;
use std::{
    ffi::c_void,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// Shared by the future and the host, which may answer after the future is gone.
#[derive(Default)]
pub(crate) struct Slot(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    answer: Option<(Status, Vec<u8>)>,
    waker: Option<Waker>,
}

impl Slot {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host's share, as it travels through C.
    pub(crate) fn into_user(self: Arc<Self>) -> *mut c_void {
        Arc::into_raw(self).cast_mut().cast()
    }
}

/// Waits for the answer.
pub(crate) struct Asked(pub(crate) Arc<Slot>);

impl Future for Asked {
    type Output = (Status, Vec<u8>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inside = self.0.inside();
        if let Some(answer) = inside.answer.take() {
            return Poll::Ready(answer);
        }
        let before = inside.waker.replace(context.waker().clone());
        drop(inside);
        // The last hold on a task, perhaps: its end must not find the slot locked.
        drop(before);
        Poll::Pending
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // Or else the host's share would keep a task that no longer waits for it.
        let waker = self.0.inside().waker.take();
        drop(waker);
    }
}

/// The host's answer ([`gatewright_abi::HostDone`]).
///
/// # Safety
/// `user` is of [`Slot::into_user`] and comes here once; `reply` holds through the call.
#[allow(unsafe_code, reason = "called by the host, which is C")]
pub(crate) unsafe extern "C" fn answered(user: *mut c_void, status: i32, reply: Slice) {
    quietly(|| {
        // SAFETY: the host hands back what it was given, exactly once, so this is the share that was given away.
        let slot = unsafe { Arc::from_raw(user.cast_const().cast::<Slot>()) };
        // SAFETY: the host's bytes hold through this call, and are copied in it.
        let bytes = unsafe { reply.bytes() }.to_vec();
        let waker = {
            let mut inside = slot.inside();
            inside.answer = Some((Status::of(status), bytes));
            inside.waker.take()
        };
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
}
