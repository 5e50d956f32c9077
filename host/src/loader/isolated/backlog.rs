//! What waits to be read by a process.

use std::{
    collections::VecDeque,
    io::{ErrorKind, IoSlice},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::net::UnixStream;

/// So much may wait while more is added: a process that leaves it there does not read.
const MOST: usize = 4 << 20;

/// What the socket had no room for.
#[derive(Default)]
pub(super) struct Backlog(Mutex<VecDeque<u8>>);

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is in the socket, or the socket is closed: who reads will meet the end.
    All,
    /// Some of it waits.
    Later,
    /// Too much waits already.
    TooMuch,
}

impl Backlog {
    fn bytes(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Writes a message at once, or what the socket has no room for as soon as it has.
    pub(super) fn write(&self, stream: &UnixStream, mut rest: &mut [IoSlice<'_>]) -> Written {
        let mut waiting = self.bytes();
        if waiting.len() > MOST {
            return Written::TooMuch;
        }
        while waiting.is_empty() && !rest.is_empty() {
            match stream.try_write_vectored(rest) {
                Ok(count) => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Written::All,
            }
        }
        if rest.is_empty() {
            return Written::All;
        }
        rest.iter().for_each(|part| waiting.extend(part.iter()));
        Written::Later
    }

    /// Writes what the socket has room for now.
    pub(super) fn flush(&self, stream: &UnixStream) {
        let mut waiting = self.bytes();
        while !waiting.is_empty() {
            let (first, _) = waiting.as_slices();
            match stream.try_write(first) {
                Ok(count) => drop(waiting.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return waiting.clear(),
            }
        }
        // It may have been large.
        *waiting = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[tokio::test]
    async fn what_nobody_reads_is_bounded_and_comes_in_order() {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = UnixStream::from_std(ours).unwrap();
        let backlog = Backlog::default();
        let message: Vec<u8> = (0..1 << 20).map(|n: u32| n.to_le_bytes()[(n % 3) as usize]).collect();
        let mut taken = 0;
        while backlog.write(&ours, &mut [IoSlice::new(&message)]) != Written::TooMuch {
            taken += message.len();
            assert!(taken < 16 << 20, "it takes all that it is given");
        }
        assert!(backlog.bytes().len() <= MOST + message.len());
        let reader = std::thread::spawn(move || {
            let mut got = vec![0; taken];
            theirs.read_exact(&mut got).unwrap();
            got
        });
        while !backlog.is_empty() {
            ours.writable().await.unwrap();
            backlog.flush(&ours);
        }
        let got = reader.join().unwrap();
        assert!(got.chunks(message.len()).all(|chunk| chunk == message));
    }
}
