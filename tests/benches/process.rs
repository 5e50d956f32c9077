//! Another process, as the kernel accounts for it.
#![allow(dead_code, reason = "each bench uses a part")]
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

/// The most memory that a process has had, in MiB: `VmHWM` of proc_pid_status(5).
pub(crate) fn peak_of(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number") / 1024.0
}

/// The part of it that was not spent in the kernel, to a hundredth of a second: field 14 of proc_pid_stat(5). The name
/// in the second field may hold anything, so what follows it is counted from its last parenthesis.
pub(crate) fn user_of(process: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process lives");
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.into_iter().nth(11).and_then(|field| field.parse().ok()).expect("a number");
    Duration::from_millis(ticks * 10)
}
