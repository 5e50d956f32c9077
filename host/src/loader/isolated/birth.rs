//! From a library to a process that has begun. It blocks, for no longer than [`LONGEST`] at each of its two steps.

use super::{
    said::Said,
    spawn::{self, Body, Runner},
};
use crate::loader::{
    HostCalls, Image, LoadError,
    frames::{Frame, Inbox, Op},
    sandbox::{Confined, Limits},
    told::Told,
};
use gatewright_contract::wire::{Refused, Status};
use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a library may take to be loaded, and again to begin.
const LONGEST: Duration = Duration::from_secs(10);

/// Host calls of a library that has not begun; none is answered.
const EARLY: u32 = 256;

/// What it takes to make the process again.
pub(super) struct Recipe {
    pub(super) id: String,
    pub(super) image: Arc<Image>,
    pub(super) limits: Limits,
    pub(super) runner: Runner,
    /// How long a call may take.
    pub(super) timeout: Duration,
}

/// A process that has loaded its library.
pub(super) struct Newborn {
    pub(super) socket: UnixStream,
    pub(super) inbox: Inbox,
    pub(super) body: Body,
    pub(super) manifest: Vec<u8>,
    pub(super) confined: Confined,
}

impl Newborn {
    /// Starts a process and waits for its manifest.
    pub(super) fn of(recipe: &Recipe) -> Result<Self, LoadError> {
        let (socket, body) = spawn::process(recipe)?;
        let mut newborn =
            Self { socket, inbox: Inbox::new(), body, manifest: Vec::new(), confined: Confined::default() };
        let until = Instant::now() + LONGEST;
        // What holds it is said before the library has a word.
        let bits = newborn.wait(until, |frame| (frame.op == Some(Op::Confined)).then_some(frame.status));
        newborn.confined = match bits {
            Ok(bits) => Confined::of_bits(bits),
            Err(error) => return Err(newborn.explain(error)),
        };
        newborn.confined.must_hold(recipe.limits.unconfined)?;
        let manifest =
            newborn.wait(until, |frame| (frame.op == Some(Op::Manifest)).then(|| frame.body.to_vec()));
        match manifest {
            Ok(manifest) => Ok(Self { manifest, ..newborn }),
            Err(error) => Err(newborn.explain(error)),
        }
    }

    /// Gives it its configuration and waits until it has begun.
    pub(super) fn begin(
        mut self,
        config: &[u8],
        random: bool,
        host: &Arc<dyn HostCalls>,
    ) -> Result<Self, LoadError> {
        let until = Instant::now() + LONGEST;
        let begin =
            Frame { status: random.into(), now_ms: host.now_ms(), body: config, ..Frame::bare(Op::Begin) };
        let mut said = Said::to(host.clone());
        let begun = self.send(until, &begin).and_then(|()| self.begun(until, &mut said));
        match begun {
            Ok(()) => Ok(self),
            Err(error) => Err(self.explain(error)),
        }
    }

    fn begun(&mut self, until: Instant, said: &mut Said) -> Result<(), Ended> {
        // No tenant is there to ask for.
        let why = Refused::saying("the host answers nothing before the plugin has begun").to_bytes();
        let status = u16::try_from(Status::Unavailable as i32).unwrap_or_default();
        for _ in 0..EARLY {
            let asked = self.wait(until, |frame| match frame.op {
                Some(Op::Begun) => Some(None),
                Some(Op::HostCall) => Some(Some(frame.id)),
                Some(Op::Log | Op::Refused) => {
                    said.hear(frame);
                    None
                }
                _ => None,
            })?;
            let Some(id) = asked else { return Ok(()) };
            self.send(until, &Frame { id, status, body: &why, ..Frame::bare(Op::HostDone) })?;
        }
        Err(Ended::said(format!("it asked the host for something {EARLY} times before it had begun")))
    }

    fn send(&mut self, until: Instant, frame: &Frame<'_>) -> Result<(), Ended> {
        let (head, name, body) =
            frame.parts().ok_or_else(|| Ended::said("its configuration is too large"))?;
        let whole = [&head, name, body].concat();
        let mut rest = &whole[..];
        while !rest.is_empty() {
            self.socket.set_write_timeout(Some(left(until)?))?;
            match self.socket.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The first frame that is `wanted`; others are passed over.
    fn wait<T>(
        &mut self,
        until: Instant,
        mut wanted: impl FnMut(&Frame<'_>) -> Option<T>,
    ) -> Result<T, Ended> {
        loop {
            let left = left(until)?;
            while let Some(frame) = self.inbox.next().map_err(|e| Ended::said(e.to_string()))? {
                if frame.op == Some(Op::Failed) {
                    return Err(Ended::Told(Told::read(frame.body)));
                }
                if let Some(found) = wanted(&frame) {
                    return Ok(found);
                }
            }
            self.socket.set_read_timeout(Some(left))?;
            match self.socket.read(self.inbox.room()) {
                Ok(0) => return Err(Ended::Closed),
                Ok(count) => self.inbox.filled(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How it ended, where that is all that there is to say.
    fn explain(self, ended: Ended) -> LoadError {
        match ended {
            Ended::Told(error) => error,
            Ended::Closed => LoadError::Begin(match self.body.end() {
                Ok(status) => format!("its process ended ({status})"),
                Err(error) => format!("its process ended ({error})"),
            }),
        }
    }
}

/// What is left of the time until then.
fn left(until: Instant) -> Result<Duration, Ended> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(Ended::late()),
        left => Ok(left),
    }
}

/// Why there is nothing to wait for.
enum Ended {
    Told(LoadError),
    Closed,
}

impl Ended {
    fn said(what: impl Into<String>) -> Self {
        Self::Told(LoadError::Begin(what.into()))
    }

    fn late() -> Self {
        Self::said(format!("no word of it in {} s", LONGEST.as_secs()))
    }
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::late(),
            _ => Self::Closed,
        }
    }
}
