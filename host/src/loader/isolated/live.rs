//! What a process and its task share: what is under way, what waits to be written, and the reading.

use super::{
    backlog::{Backlog, Written},
    rate::Rate,
    record::Record,
    said::Said,
    spawn::Body,
};
use crate::loader::{
    HostCalls,
    frames::{Frame, Inbox, Op},
};
use gatewright_abi::MAX_BYTES;
use gatewright_contract::{
    TenantId,
    wire::{Refused, Status},
};
use std::{
    collections::HashMap,
    io::{ErrorKind, IoSlice},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::Interest,
    net::UnixStream,
    sync::{Notify, Semaphore, oneshot},
    time::timeout,
};

/// Host calls of one process that are under way at the same time.
const HOST_CALLS: usize = 64;
/// Frames a second that nobody had asked for.
const STRAYS: u32 = 1_000;
/// What is left of a call's time when the host has answered it: a part of the whole, and no less than this.
const MARGIN: Duration = Duration::from_millis(50);
/// A process that says sooner that it is tired is not believed.
const RESTED: Duration = Duration::from_secs(1);

/// How a call ended.
pub(super) enum Ended {
    /// The plugin has answered.
    Answer(Status, Vec<u8>),
    /// Its process has ended; whether anything had been asked of the host meanwhile.
    Died { asked: bool, why: Arc<str> },
}

struct Open {
    reply: oneshot::Sender<Ended>,
    tenant: Option<TenantId>,
    asked: bool,
    until: Instant,
}

#[derive(Default)]
struct Calls {
    open: HashMap<u64, Open>,
    last: u64,
    over: bool,
}

/// What its handle and its task share.
pub(super) struct Live {
    stream: UnixStream,
    backlog: Backlog,
    calls: Mutex<Calls>,
    /// Why it is to end.
    end: Mutex<Option<String>>,
    /// For the task: there is a backlog, or it is to end.
    wake: Notify,
    /// No call is open any more.
    idle: Notify,
    /// Its end is nothing to tell.
    quiet: AtomicBool,
    /// Nothing more goes to it: it has said so, or is to end.
    tired: AtomicBool,
    born: Instant,
    /// Of a call.
    timeout: Duration,
    host: Arc<dyn HostCalls>,
    host_calls: Arc<Semaphore>,
    record: Arc<Record>,
}

/// What is kept of the time of a call for the plugin itself.
fn margin(timeout: Duration) -> Duration {
    (timeout / 10).max(MARGIN).min(timeout / 2)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    pub(super) fn new(
        stream: UnixStream,
        timeout: Duration,
        host: Arc<dyn HostCalls>,
        record: Arc<Record>,
    ) -> Self {
        Self {
            stream,
            backlog: Backlog::default(),
            calls: Mutex::default(),
            end: Mutex::default(),
            wake: Notify::new(),
            idle: Notify::new(),
            quiet: AtomicBool::new(false),
            tired: AtomicBool::new(false),
            born: Instant::now(),
            timeout,
            host,
            host_calls: Arc::new(Semaphore::new(HOST_CALLS)),
            record,
        }
    }

    /// Whether new calls should go to it.
    pub(super) fn is_fit(&self) -> bool {
        !self.tired.load(Relaxed) && self.is_alive()
    }

    /// Whether it can answer at all.
    pub(super) fn is_alive(&self) -> bool {
        !locked(&self.calls).over
    }

    /// Begins a call. `None`: the process has ended, and has not had it.
    pub(super) fn ask(
        &self,
        tenant: Option<&TenantId>,
        method: &str,
        request: &[u8],
        until: Instant,
    ) -> Option<oneshot::Receiver<Ended>> {
        let (reply, answer) = oneshot::channel();
        let id = {
            let mut calls = locked(&self.calls);
            if calls.over {
                return None;
            }
            calls.last += 1;
            let id = calls.last;
            calls.open.insert(id, Open { reply, tenant: tenant.cloned(), asked: false, until });
            id
        };
        let now_ms = self.host.now_ms();
        self.send(&Frame { id, now_ms, name: method, body: request, ..Frame::bare(Op::Call) });
        Some(answer)
    }

    /// Waits until no call is open.
    pub(super) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            if locked(&self.calls).open.is_empty() {
                return;
            }
            idle.await;
        }
    }

    /// Lets it put away what it has and end, which is nothing to tell.
    pub(super) fn rest(&self) {
        self.quiet.store(true, Relaxed);
        self.send(&Frame::bare(Op::Rest));
    }

    /// The same, without waiting for it.
    pub(super) fn dismiss(&self) {
        self.quiet.store(true, Relaxed);
        self.stop("it is not needed any more");
    }

    /// Ends it; the first reason counts.
    pub(super) fn stop(&self, why: &str) {
        self.tired.store(true, Relaxed);
        locked(&self.end).get_or_insert_with(|| why.to_owned());
        self.wake.notify_one();
    }

    /// Writes a frame at once, or what the socket has no room for as soon as it has.
    fn send(&self, frame: &Frame<'_>) {
        let Some((head, name, body)) = frame.parts() else {
            return self.stop("a message for it is too large");
        };
        let mut parts = [IoSlice::new(&head), IoSlice::new(name), IoSlice::new(body)];
        match self.backlog.write(&self.stream, &mut parts) {
            Written::All => {}
            Written::Later => self.wake.notify_one(),
            Written::TooMuch => self.stop("it does not read what it has asked for"),
        }
    }

    /// Reads until the end, and tells everybody who waits.
    pub(super) async fn attend(self: Arc<Self>, mut inbox: Inbox, body: Body, mut said: Said) {
        let told = self.listen(&mut inbox, &mut said).await;
        let status = tokio::task::spawn_blocking(|| body.end()).await;
        let why: Arc<str> = match (told, status) {
            (Some(told), _) => told.into(),
            (None, Ok(Ok(status))) => format!("its process ended ({status})").into(),
            (None, _) => "its process ended".into(),
        };
        if !self.quiet.load(Relaxed) {
            self.record.died(&why);
        }
        let open = {
            let mut calls = locked(&self.calls);
            calls.over = true;
            std::mem::take(&mut calls.open)
        };
        for open in open.into_values() {
            let _ = open.reply.send(Ended::Died { asked: open.asked, why: why.clone() });
        }
        self.idle.notify_waiters();
    }

    /// Until the process has closed its end (`None`), or is to end.
    async fn listen(self: &Arc<Self>, inbox: &mut Inbox, said: &mut Said) -> Option<String> {
        let mut strays = Rate::of(STRAYS);
        loop {
            loop {
                match inbox.next() {
                    Ok(Some(frame)) => {
                        if !self.hear(&frame, said) {
                            self.record.stray();
                            if !strays.next().passes {
                                return Some(format!(
                                    "more than {STRAYS} frames a second that nobody asked for"
                                ));
                            }
                        }
                    }
                    Ok(None) => break,
                    Err(error) => return Some(format!("it broke the protocol: {error}")),
                }
            }
            // A process that never stops talking is not all that this thread has to do.
            tokio::task::coop::consume_budget().await;
            let interest = match self.backlog.is_empty() {
                true => Interest::READABLE,
                false => Interest::READABLE | Interest::WRITABLE,
            };
            let ready = tokio::select! {
                biased;
                () = self.wake.notified() => match locked(&self.end).take() {
                    Some(why) => return Some(why),
                    None => continue,
                },
                ready = self.stream.ready(interest) => ready,
            };
            let ready = match ready {
                Ok(ready) => ready,
                Err(error) => return Some(format!("its socket: {error}")),
            };
            if ready.is_writable() {
                self.backlog.flush(&self.stream);
            }
            if ready.is_readable() || ready.is_read_closed() {
                match self.stream.try_read(inbox.room()) {
                    Ok(0) => return None,
                    Ok(count) => inbox.filled(count),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return None,
                }
            }
        }
    }

    /// Whether it is something that it may say now.
    fn hear(self: &Arc<Self>, frame: &Frame<'_>, said: &mut Said) -> bool {
        match frame.op {
            Some(Op::Done) => {
                let open = {
                    let mut calls = locked(&self.calls);
                    let open = calls.open.remove(&frame.id);
                    if open.is_some() && calls.open.is_empty() {
                        self.idle.notify_waiters();
                    }
                    open
                };
                let Some(open) = open else { return false };
                let status = Status::of(frame.status.into());
                let _ = open.reply.send(Ended::Answer(status, frame.body.to_vec()));
            }
            Some(Op::HostCall) => self.host_call(frame),
            Some(Op::Log | Op::Refused) => said.hear(frame),
            Some(Op::Tired) if self.born.elapsed() > RESTED => self.tired.store(true, Relaxed),
            _ => return false,
        }
        true
    }

    /// Answers it beside everything else, in the name of the calls that are under way now.
    fn host_call(self: &Arc<Self>, frame: &Frame<'_>) {
        let Ok(permit) = self.host_calls.clone().try_acquire_owned() else {
            let why = Refused::saying("too much is asked of the host at the same time").to_bytes();
            return self.host_done(frame.id, Status::Unavailable, &why);
        };
        let (id, method, args) = (frame.id, frame.name.to_owned(), frame.body.to_vec());
        let (tenants, within) = (self.asking(&method), self.time_for(frame.now_ms));
        let live = self.clone();
        tokio::spawn(async move {
            let answer = timeout(within, live.host.answer(&tenants, &method, &args)).await;
            // Whoever waits for the host and hears nothing is ended with all beside it.
            let (status, reply) = answer.unwrap_or_else(|_| {
                let why = Refused::saying("the host could not answer within the time of the call");
                (Status::Unavailable, why.to_bytes())
            });
            match reply.len() <= MAX_BYTES {
                true => live.host_done(id, status, &reply),
                false => {
                    let why = Refused::saying("what the host has to say is too large").to_bytes();
                    live.host_done(id, Status::Internal, &why);
                }
            }
            drop(permit);
        });
    }

    /// The tenants of the calls under way. Which of these asks is not known, so that none can be run again; reading
    /// what is stored changes nothing and is no reason against it.
    fn asking(&self, method: &str) -> Vec<TenantId> {
        let mut calls = locked(&self.calls);
        let mut tenants = Vec::new();
        for open in calls.open.values_mut() {
            open.asked |= method != "kv.get";
            if let Some(tenant) = &open.tenant
                && !tenants.contains(tenant)
            {
                tenants.push(tenant.clone());
            }
        }
        tenants
    }

    /// How long an answer may take, so that the call that it is for can still end in time. Where that call is not
    /// known, it may be the one that has the least time.
    fn time_for(&self, ticket: u64) -> Duration {
        let (now, calls) = (Instant::now(), locked(&self.calls));
        let left = |open: &Open| open.until.saturating_duration_since(now);
        let left = match calls.open.get(&ticket) {
            Some(open) => left(open),
            None => calls.open.values().map(left).min().unwrap_or(self.timeout),
        };
        match left.checked_sub(margin(self.timeout)) {
            Some(left) if !left.is_zero() => left,
            _ => left / 2,
        }
    }

    fn host_done(&self, id: u64, status: Status, body: &[u8]) {
        let status = u16::try_from(status as i32).unwrap_or_default();
        self.send(&Frame { id, status, body, ..Frame::bare(Op::HostDone) });
    }
}
