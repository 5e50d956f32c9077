//! How many threads a process has. No limit of the kernel holds for root, so that they are counted here.

use std::io;

/// Beside those that run calls.
const SPARE: usize = 64;

/// What is wrong with its threads, where something is.
pub(super) fn too_many(pid: u32, own: usize) -> Option<String> {
    let most = own + SPARE;
    match count(pid) {
        Ok(many) if many > most => Some(format!("it has {many} threads; {most} are allowed")),
        // A process that has just ended is seen elsewhere.
        _ => None,
    }
}

fn count(pid: u32) -> io::Result<usize> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")?.trim().parse().ok());
    threads.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
