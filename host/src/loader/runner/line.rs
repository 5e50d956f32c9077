//! The way back to the host, and what the library sees of it.

use crate::loader::{
    Callbacks, HostReply,
    frames::{Frame, Op},
    told::cut,
};
use gatewright_abi::{MAX_BYTES, MAX_METHOD};
use gatewright_contract::{
    LogLevel,
    wire::{Refused, Status},
};
use std::{
    cell::Cell,
    collections::HashMap,
    fs::File,
    io::{IoSlice, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

/// Host calls that wait at the same time; the host answers fewer.
const ASKED: usize = 256;

thread_local! {
    /// The call that this thread works for; 0: none that is known.
    static TICKET: Cell<u64> = const { Cell::new(0) };
}

/// Does work for a call: what it asks of the host on this thread is asked for that call.
pub(super) fn working_for<T>(ticket: u64, work: impl FnOnce() -> T) -> T {
    let before = TICKET.replace(ticket);
    let done = work();
    TICKET.set(before);
    done
}

/// What was asked of the host, and for which call.
struct Asked {
    ticket: u64,
    done: HostReply,
}

/// The socket, to be written by whoever has something to say.
pub(super) struct Line {
    socket: Mutex<File>,
    asked: Mutex<HashMap<u64, Asked>>,
    next: AtomicU64,
    may_random: AtomicBool,
    started: Instant,
    /// The host's time when `started` was.
    epoch_ms: AtomicU64,
}

impl Line {
    pub(super) fn new(socket: File) -> Self {
        Self {
            socket: Mutex::new(socket),
            asked: Mutex::default(),
            next: AtomicU64::new(1),
            may_random: AtomicBool::new(false),
            started: Instant::now(),
            epoch_ms: AtomicU64::new(0),
        }
    }

    /// Writes a frame. The host is gone when that does not work, and so is this process then.
    pub(super) fn send(&self, frame: &Frame<'_>) {
        let Some((head, name, body)) = frame.parts() else {
            return super::say("a message that is too large was not sent");
        };
        let mut parts = [IoSlice::new(&head), IoSlice::new(name), IoSlice::new(body)];
        let mut rest = &mut parts[..];
        let mut socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        while !rest.is_empty() {
            match socket.write_vectored(rest) {
                Ok(count) if count > 0 => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                _ => super::leave(0),
            }
        }
    }

    /// The end of a call.
    pub(super) fn done(&self, ticket: u64, status: Status, reply: &[u8]) {
        let frame = Frame { id: ticket, status: code(status), ..Frame::bare(Op::Done) };
        match reply.len() <= MAX_BYTES {
            true => self.send(&Frame { body: reply, ..frame }),
            false => {
                let why = Refused::saying("its reply is too large").to_bytes();
                self.send(&Frame { status: code(Status::Internal), body: &why, ..frame });
            }
        }
    }

    /// What the library had asked for is there.
    pub(super) fn host_done(&self, id: u64, status: Status, reply: &[u8]) {
        let waits = self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(Asked { ticket, done }) = waits {
            working_for(ticket, || done(status, reply));
        }
    }

    /// The host's time is this now.
    pub(super) fn time_is(&self, now_ms: u64) {
        self.epoch_ms.store(now_ms.saturating_sub(self.passed_ms()), Relaxed);
    }

    pub(super) fn may_random(&self, may: bool) {
        self.may_random.store(may, Relaxed);
    }

    fn passed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn code(status: Status) -> u16 {
    u16::try_from(status as i32).unwrap_or_default()
}

fn refuse(done: HostReply, status: Status, why: &str) {
    done(status, &Refused::saying(why).to_bytes());
}

impl Callbacks for Line {
    fn now_ms(&self) -> u64 {
        self.epoch_ms.load(Relaxed).saturating_add(self.passed_ms())
    }

    fn random(&self, buffer: &mut [u8]) -> Status {
        if !self.may_random.load(Relaxed) {
            self.send(&Frame { name: "random", ..Frame::bare(Op::Refused) });
            return Status::NotPermitted;
        }
        let mut rest = buffer;
        while !rest.is_empty() {
            match rustix::rand::getrandom(&mut *rest, rustix::rand::GetRandomFlags::empty()) {
                Ok(count) => rest = &mut rest[count..],
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Status::Unavailable,
            }
        }
        Status::Ok
    }

    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Debug => 0,
            LogLevel::Info => 1,
            LogLevel::Warn => 2,
            LogLevel::Error => 3,
        };
        // Whether its manifest asked for it, the host says.
        let text = cut(message.to_owned());
        self.send(&Frame { status: level, body: text.as_bytes(), ..Frame::bare(Op::Log) });
    }

    fn call(&self, method: &str, args: &[u8], done: HostReply) {
        if method.len() > MAX_METHOD || args.len() > MAX_BYTES {
            return refuse(done, Status::BadRequest, "the method or its arguments are too long");
        }
        let (id, ticket) = (self.next.fetch_add(1, Relaxed), TICKET.get());
        {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.len() >= ASKED {
                drop(asked);
                return refuse(done, Status::Unavailable, "too much is asked of the host at the same time");
            }
            asked.insert(id, Asked { ticket, done });
        }
        self.send(&Frame { id, now_ms: ticket, name: method, body: args, ..Frame::bare(Op::HostCall) });
    }
}
