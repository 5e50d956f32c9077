//! Whether anything happens on a connection, and when it has been too little for too long.
//!
//! The HTTP library bounds neither the time until it knows the version, nor idle HTTP/2 connections, nor readers who
//! don't read; and for HTTP/1 it has one timer for "no next request" and "a request that doesn't come to its end",
//! which should differ. Counting here costs a few atomic operations a request and no look at a clock.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::config::Limits;

/// What has happened on one connection.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose answer is not there yet.
    running: AtomicU32,
    /// Requests so far, modulo 2³².
    begun: AtomicU32,
    /// Something was read that has not become a request yet.
    unread: AtomicBool,
    /// Bytes written.
    written: AtomicU64,
    /// HTTP/2, where reading does not mean that a request is coming (PING, WINDOW_UPDATE).
    multiplexed: AtomicBool,
}

impl Activity {
    /// A request has arrived with its whole header; it runs until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>, multiplexed: bool) -> Running {
        self.running.fetch_add(1, Relaxed);
        self.begun.fetch_add(1, Relaxed);
        self.unread.store(false, Relaxed);
        if multiplexed {
            self.multiplexed.store(true, Relaxed);
        }
        Running(self.clone())
    }
}

/// A request that is not answered yet.
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
        // What was read meanwhile was its body.
        self.0.unread.store(false, Relaxed);
    }
}

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// Nothing.
    Stay,
    /// Nothing has happened for too long: say goodbye.
    Finish,
    /// A request does not come to its end, or none ever came: close.
    HangUp,
}

/// Looks at an [`Activity`] in regular intervals.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// How often to look.
    pub tick: Duration,
    header_ticks: u32,
    idle_ticks: u32,
    heading: u32,
    quiet: u32,
    begun: u32,
    written: u64,
}

/// Bytes that must have been written between two looks to count as an answer that is being read; the answer to an
/// HTTP/2 PING has 17.
const PROGRESS: u64 = 512;

impl Watchdog {
    pub(super) fn new(limits: &Limits) -> Self {
        let (header, idle) = (limits.header_timeout(), limits.idle_timeout());
        // A timeout is kept with the precision of a quarter.
        let tick = (header.min(idle) / 4).max(Duration::from_millis(5));
        let ticks = |timeout: Duration| timeout.as_millis().div_ceil(tick.as_millis().max(1)).max(1) as u32;
        let (header_ticks, idle_ticks) = (ticks(header), ticks(idle));
        Self { tick, header_ticks, idle_ticks, heading: 0, quiet: 0, begun: 0, written: 0 }
    }

    /// Called once every [`Watchdog::tick`].
    pub(super) fn look(&mut self, activity: &Activity) -> Advice {
        let begun = activity.begun.load(Relaxed);
        let written = activity.written.load(Relaxed);
        let busy = activity.running.load(Relaxed) > 0;
        let moved = begun != self.begun || written.wrapping_sub(self.written) >= PROGRESS;
        self.written = written;
        self.begun = begun;

        let waiting_for_header =
            begun == 0 || (activity.unread.load(Relaxed) && !activity.multiplexed.load(Relaxed));
        self.heading = if busy || !waiting_for_header { 0 } else { self.heading + 1 };
        self.quiet = if busy || moved { 0 } else { self.quiet + 1 };
        if self.heading >= self.header_ticks {
            Advice::HangUp
        } else if self.quiet >= self.idle_ticks {
            Advice::Finish
        } else {
            Advice::Stay
        }
    }
}

/// A stream that notes what passes through it.
pub(super) struct Noted<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Noted<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(n)) = result {
            self.activity.written.fetch_add(n as u64, Relaxed);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.unread.store(true, Relaxed);
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
