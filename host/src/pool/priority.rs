//! Threads that let others go first.

/// Puts this thread behind the others of the machine by so many steps of `nice`.
///
/// Everywhere else it would be the whole process: threads have a priority of their own only on Linux (setpriority(2),
/// "C library/kernel differences").
#[cfg(target_os = "linux")]
pub(super) fn step_back(nice: u8) {
    if nice == 0 {
        return;
    }
    if let Err(error) = rustix::process::setpriority_process(None, i32::from(nice)) {
        tracing::warn!(%error, "the hashing threads keep the priority of the others");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn step_back(_: u8) {}
