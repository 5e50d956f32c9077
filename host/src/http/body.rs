//! The body of a request, read into memory within bounds before any handler sees it.

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::StreamExt;
use poem::{
    Body,
    http::{HeaderMap, header},
};

/// Bytes of request bodies that are in memory, over all requests. Without it, a few thousand slow senders that each
/// stay just below their own limit would take all the memory there is.
#[derive(Debug)]
pub(super) struct Buffered {
    held: AtomicUsize,
    most: usize,
}

impl Buffered {
    pub(super) fn new(most: usize) -> Self {
        Self { held: AtomicUsize::new(0), most }
    }
}

/// The part of [`Buffered`] that one request holds; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    all: &'a Buffered,
    bytes: usize,
}

impl<'a> Share<'a> {
    pub(super) fn new(all: &'a Buffered) -> Self {
        Self { all, bytes: 0 }
    }

    fn grow(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.bytes += bytes;
        let held = self.all.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > self.all.most { Err(BodyError::Full) } else { Ok(()) }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.all.held.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// Longer than one body may be.
    TooLarge,
    /// The other requests hold all the memory that there is for bodies.
    Full,
    /// The connection broke or the framing is wrong.
    Broken,
}

/// Whether the header already declares more than `most` bytes; a length that is no number counts as more.
pub(super) fn declares_over(headers: &HeaderMap, most: usize) -> bool {
    headers.get(header::CONTENT_LENGTH).is_some_and(|value| {
        value.to_str().ok().and_then(|text| text.parse::<u64>().ok()).is_none_or(|n| n > most as u64)
    })
}

/// Reads `body` to its end, at most `most` bytes; what is held is charged to `share`.
pub(super) async fn read(body: Body, most: usize, share: &mut Share<'_>) -> Result<Body, BodyError> {
    let mut parts = pin!(body.into_bytes_stream());
    let mut first = None;
    let mut joined: Vec<u8> = Vec::new();
    let mut length = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| BodyError::Broken)?;
        length += part.len();
        if length > most {
            return Err(BodyError::TooLarge);
        }
        share.grow(part.len())?;
        // Most bodies arrive in one piece, which can be handed on as it is.
        match first.take() {
            None if joined.is_empty() => first = Some(part),
            None => joined.extend_from_slice(&part),
            Some(before) => {
                joined.extend_from_slice(&before);
                joined.extend_from_slice(&part);
            }
        }
    }
    Ok(match first {
        Some(whole) => Body::from_bytes(whole),
        None if joined.is_empty() => Body::empty(),
        None => Body::from_vec(joined),
    })
}
