//! The process of a plugin: `gatewright plugin-runner`, which the host starts, never a person.
//!
//! It has one library, one socket (its standard input) and a few threads. Each takes its turn to read one frame and
//! then does what it asks, so that a call is answered on the thread that has read it. Two threads more than calls:
//! when every call waits for the host, there is still somebody who reads the host's answer.

mod line;

use super::{
    Image, Instance, Library, LoadError,
    frames::{Broken, Frame, Inbox, Op},
    sandbox::{self, Confined, Limits},
    told::Told,
};
use gatewright_contract::wire::{Refused, Status};
use line::Line;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use std::{
    fs::File,
    io::{IoSliceMut, Read},
    mem::MaybeUninit,
    os::fd::AsFd,
    sync::{Arc, Mutex, OnceLock, PoisonError, RwLock},
    time::Duration,
};

/// The first argument of a process that is to be the process of a plugin.
pub const WORD: &str = "plugin-runner";

/// Becomes the process of a plugin where the command line says so, and does not come back then. For the beginning of a
/// `main` of one's own that starts a host with isolated plugins; [`crate::cli::main`] does it itself.
pub fn enter_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|first| first == WORD) {
        main()
    }
}

/// The process of a plugin, from its beginning to its end.
pub fn main() -> ! {
    // A thread that is gone would be a call that never ends.
    std::panic::set_hook(Box::new(|what| {
        say(&what.to_string());
        std::process::abort()
    }));
    sandbox::close_inherited();
    if let Err(error) = run() {
        say(&error.to_string());
    }
    leave(2)
}

/// To the standard error, which the host reads.
#[allow(clippy::print_stderr, reason = "there is no other way to say it here")]
fn say(what: &str) {
    eprintln!("plugin-runner: {what}");
}

/// Ends at once: nothing of the library is run for it.
#[allow(unsafe_code, reason = "std has only the exit that runs what a library has left to be run")]
fn leave(code: i32) -> ! {
    // SAFETY: takes a number and does not return.
    unsafe { libc::_exit(code) }
}

/// What it needs to begin.
struct Order {
    image: Image,
    limits: Limits,
    inbox: Inbox,
}

/// Everything that its threads share.
struct Process {
    inbox: Mutex<(Inbox, File)>,
    line: Arc<Line>,
    library: Library,
    instance: RwLock<Option<Arc<Instance>>>,
    /// Processor time after which it says that it should be replaced.
    tired_at: Duration,
    tired: OnceLock<()>,
}

fn run() -> Result<(), LoadError> {
    let order = order()?;
    let socket = File::from(std::io::stdin().as_fd().try_clone_to_owned().map_err(lost)?);
    let line = Arc::new(Line::new(socket.try_clone().map_err(lost)?));
    let confined = sandbox::enter(order.limits)?;
    line.send(&Frame { status: Confined::bits(confined), ..Frame::bare(Op::Confined) });
    confined.must_hold(order.limits.unconfined)?;
    let library = match Library::open(&order.image) {
        Ok(library) => library,
        Err(error) => {
            line.send(&Frame { body: &Told::of(error), ..Frame::bare(Op::Failed) });
            return Ok(());
        }
    };
    drop(order.image);
    line.send(&Frame { body: library.manifest(), ..Frame::bare(Op::Manifest) });
    let process = Arc::new(Process {
        inbox: Mutex::new((order.inbox, socket)),
        line,
        library,
        instance: RwLock::new(None),
        tired_at: Duration::from_secs(order.limits.cpu_seconds.into()) / 4 * 3,
        tired: OnceLock::new(),
    });
    for _ in 1..order.limits.threads() {
        let process = process.clone();
        std::thread::Builder::new()
            .stack_size(sandbox::STACK)
            .spawn(move || process.serve())
            .map_err(|source| LoadError::System { what: "a thread for calls can't be made", source })?;
    }
    process.serve();
    Ok(())
}

fn lost(source: std::io::Error) -> LoadError {
    LoadError::System { what: "the socket of the host is not there", source }
}

/// Reads the first frame and the descriptor that comes with it.
fn order() -> Result<Order, LoadError> {
    let mut inbox = Inbox::new();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let room = &mut [IoSliceMut::new(inbox.room())];
    let got = rustix::net::recvmsg(std::io::stdin(), room, &mut beside, RecvFlags::CMSG_CLOEXEC)
        .map_err(|e| LoadError::Begin(format!("`{WORD}` is what the host starts, it is no command ({e})")))?;
    let image = beside.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    inbox.filled(got.bytes);
    let limits = match inbox.next() {
        Ok(Some(Frame { op: Some(Op::Load), body, .. })) => serde_json::from_slice(body).ok(),
        _ => None,
    };
    match (image, limits) {
        (Some(image), Some(limits)) => Ok(Order { image: Image::from_fd(image)?, limits, inbox }),
        _ => Err(LoadError::Begin(
            "the host gave it no library, or did not say how much it may take".to_owned(),
        )),
    }
}

impl Process {
    /// One thread: reads a frame while the others do what theirs ask, again and again.
    fn serve(&self) {
        loop {
            let ready = {
                let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
                let (inbox, socket) = &mut *inbox;
                match next(inbox, socket) {
                    Ok(work) => work,
                    Err(error) => {
                        say(&error.to_string());
                        leave(2)
                    }
                }
            };
            match ready {
                Some(work) => self.work(work),
                // The host has ended.
                None => leave(0),
            }
            self.tire();
        }
    }

    fn work(&self, work: Work) {
        match work {
            Work::Begin { config, random, now_ms } => {
                self.line.time_is(now_ms);
                self.begin(&config, random);
            }
            Work::Call { ticket, now_ms, method, request } => {
                self.line.time_is(now_ms);
                self.call(ticket, &method, &request);
            }
            Work::HostDone { id, status, reply } => self.line.host_done(id, status, &reply),
            Work::Rest => {
                // It is the plugin's moment to put away what it has; nothing is under way.
                drop(self.instance.write().unwrap_or_else(PoisonError::into_inner).take());
                leave(0)
            }
            Work::Nothing => {}
        }
    }

    fn begin(&self, config: &[u8], random: bool) {
        self.line.may_random(random);
        let made = self.library.create(self.line.clone(), config);
        match made {
            Ok(instance) => {
                *self.instance.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(instance));
                self.line.send(&Frame::bare(Op::Begun));
            }
            Err(error) => self.line.send(&Frame { body: &Told::of(error), ..Frame::bare(Op::Failed) }),
        }
    }

    fn call(&self, ticket: u64, method: &str, request: &[u8]) {
        let line = self.line.clone();
        let done = move |status: Status, reply: Vec<u8>| line.done(ticket, status, &reply);
        let instance = self.instance.read().unwrap_or_else(PoisonError::into_inner).clone();
        match instance {
            Some(instance) => {
                line::working_for(ticket, || instance.call(method, request, Box::new(done)));
            }
            None => done(Status::Unavailable, Refused::saying("it has not begun").to_bytes()),
        }
    }

    /// Says once that most of its processor time is used.
    fn tire(&self) {
        if self.tired.get().is_none() {
            let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
            let used = Duration::try_from(used).unwrap_or_default();
            if used >= self.tired_at && self.tired.set(()).is_ok() {
                self.line.send(&Frame::bare(Op::Tired));
            }
        }
    }
}

/// What a frame asks, on its own.
enum Work {
    Begin { config: Vec<u8>, random: bool, now_ms: u64 },
    Call { ticket: u64, now_ms: u64, method: String, request: Vec<u8> },
    HostDone { id: u64, status: Status, reply: Vec<u8> },
    Rest,
    Nothing,
}

/// The next frame; `None` at the end.
fn next(inbox: &mut Inbox, socket: &mut File) -> Result<Option<Work>, Broken> {
    loop {
        if let Some(frame) = inbox.next()? {
            return Ok(Some(work(&frame)));
        }
        match socket.read(inbox.room()) {
            Ok(0) => return Ok(None),
            Ok(count) => inbox.filled(count),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Ok(None),
        }
    }
}

fn work(frame: &Frame<'_>) -> Work {
    let body = || frame.body.to_vec();
    match frame.op {
        Some(Op::Begin) => Work::Begin { config: body(), random: frame.status == 1, now_ms: frame.now_ms },
        Some(Op::Call) => Work::Call {
            ticket: frame.id,
            now_ms: frame.now_ms,
            method: frame.name.to_owned(),
            request: body(),
        },
        Some(Op::HostDone) => {
            Work::HostDone { id: frame.id, status: Status::of(frame.status.into()), reply: body() }
        }
        Some(Op::Rest) => Work::Rest,
        _ => Work::Nothing,
    }
}
