//! Another process, as the kernel accounts for it.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use std::{fs, time::Duration};

/// What the kernel has counted for all threads of a process: the first number is nanoseconds.
pub(crate) fn cpu_of(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the process lives");
    let nanoseconds = |thread: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(nanoseconds).sum())
}
