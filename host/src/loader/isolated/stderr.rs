//! What a plugin's process writes to its standard error, for the log of whoever looks for it.

use super::{rate::Rate, said::MOST};
use crate::loader::told::legible_text;
use std::{os::fd::OwnedFd, time::Duration};
use tokio::net::unix::pipe::Receiver;

/// So much is read at once, and this long nothing after that: a process that writes more waits.
const CHUNK: usize = 4096;
const PAUSE: Duration = Duration::from_millis(50);

/// Follows it until it is closed.
pub(super) fn follow(id: String, stderr: Option<OwnedFd>) {
    if let Some(stderr) = stderr.and_then(|fd| Receiver::from_owned_fd(fd).ok()) {
        tokio::spawn(read(id, stderr));
    }
}

async fn read(id: String, stderr: Receiver) {
    let mut chunk = [0; CHUNK];
    let mut rate = Rate::of(MOST);
    while stderr.readable().await.is_ok() {
        match stderr.try_read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                for line in String::from_utf8_lossy(&chunk[..count]).lines() {
                    if rate.next().passes {
                        tracing::debug!(plugin = id, "stderr: {}", legible_text(line));
                    }
                }
                if count == CHUNK {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
