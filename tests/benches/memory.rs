//! Memory of this process and of the processes of plugins, as the kernel accounts for it.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

/// What one process takes, in MiB.
pub(crate) struct Memory {
    /// All that it has in memory.
    pub(crate) rss: f64,
    /// The same, what it shares divided by those who share it.
    pub(crate) pss: f64,
}

/// The processes that this one has started and that have not ended.
pub(crate) fn children() -> Vec<u32> {
    let own = std::process::id();
    let all = fs::read_dir("/proc").expect("/proc is there");
    let child = |name: &str| {
        let process = name.parse().ok()?;
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // Behind the name, which may hold anything: state, parent.
        let mut fields = text.rsplit(')').next()?.split_whitespace();
        let is_gone = fields.next()? == "Z";
        (!is_gone && fields.next()?.parse() == Ok(own)).then_some(process)
    };
    all.flatten().filter_map(|entry| child(entry.file_name().to_str()?)).collect()
}

/// `smaps_rollup` of proc_pid_smaps(5). That of a plugin's process only root reads.
pub(crate) fn of(process: u32) -> Memory {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("root, and it lives");
    let mib = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)).expect("a line");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number") / 1024.0
    };
    Memory { rss: mib("Rss:"), pss: mib("Pss:") }
}

/// PSS of this process and all its children, in MiB.
pub(crate) fn pss_of_all() -> f64 {
    let own = std::process::id();
    children().into_iter().chain([own]).map(|process| of(process).pss).sum()
}

/// Waits until no more than so many children are left.
pub(crate) fn wait_for_children(most: usize) {
    let begun = Instant::now();
    while children().len() > most {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} processes do not end", children().len());
        sleep(Duration::from_millis(50));
    }
}
