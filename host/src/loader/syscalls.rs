//! The system calls of a plugin's process: what computing, threads and waiting take. All others fail with EPERM, also
//! those that a later kernel adds.

use libc::c_long;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

/// Whatever the arguments are.
const ALWAYS: &[c_long] = &[
    // What is open.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    // Files; which ones is for Landlock.
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_fadvise64,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_munlock,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_gettid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Signals of its own.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time and randomness.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_setitimer,
    libc::SYS_getitimer,
    libc::SYS_times,
    libc::SYS_getrandom,
    // Who and where it is.
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    // Has a filter of its own, see `filter`.
    libc::SYS_clone3,
];

/// Older forms of the above, which newer architectures don't have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_eventfd,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_arch_prctl,
    libc::SYS_pause,
    libc::SYS_time,
    libc::SYS_alarm,
    libc::SYS_getrlimit,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// Sets the filters for this thread and those that it makes.
pub(super) fn filter() -> Result<(), Error> {
    // The arguments of clone3 can't be looked at; a C library that is told that there is none takes clone.
    let without = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let enosys = SeccompAction::Errno(number(libc::ENOSYS));
    install(without, SeccompAction::Allow, enosys)?;
    install(allowed()?, SeccompAction::Errno(number(libc::EPERM)), SeccompAction::Allow)
}

fn install(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    other: SeccompAction,
    listed: SeccompAction,
) -> Result<(), Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let program: BpfProgram = SeccompFilter::new(rules, other, listed, arch)?.try_into()?;
    seccompiler::apply_filter(&program)
}

fn allowed() -> Result<BTreeMap<c_long, Vec<SeccompRule>>, Error> {
    let mut rules: BTreeMap<_, _> = ALWAYS.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    let pid = u64::from(std::process::id());
    // Threads, no processes.
    let thread = flag(libc::CLONE_THREAD);
    rules.insert(libc::SYS_clone, vec![rule([masked(0, thread, thread)?])?]);
    // Nothing is opened to be written.
    let written = flag(libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND | TEMPORARY);
    rules.insert(libc::SYS_openat, vec![rule([masked(2, written, 0)?])?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![rule([masked(1, written, 0)?])?]);
    // Shared memory and stacks that grow are not counted by the limit of memory.
    let uncounted = flag(libc::MAP_SHARED | libc::MAP_GROWSDOWN);
    rules.insert(libc::SYS_mmap, vec![rule([masked(3, uncounted, 0)?])?]);
    // Signals to itself alone: that is how it aborts.
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        rules.insert(call, vec![rule([equal(0, pid)?])?]);
    }
    // Limits are read, not set.
    rules.insert(libc::SYS_prlimit64, vec![rule([nothing(2)?])?]);
    // Not F_SETOWN: who owns a descriptor gets the signal that it asks for.
    rules.insert(libc::SYS_fcntl, each(1, &FCNTL)?);
    rules.insert(libc::SYS_prctl, each(0, &PRCTL)?);
    rules.insert(libc::SYS_ioctl, each(1, &IOCTL)?);
    Ok(rules)
}

const FCNTL: [i32; 6] =
    [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL];
const PRCTL: [i32; 4] = [libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_GET_DUMPABLE, libc::PR_SET_VMA];
/// Is it a terminal, how much is there, don't wait for it.
const IOCTL: [u32; 3] = [0x5401, 0x541b, 0x5421];
/// `O_TMPFILE` without the bit that says that it is a folder.
const TEMPORARY: i32 = libc::O_TMPFILE & !libc::O_DIRECTORY;

fn each<T: Copy + TryInto<i64>>(argument: u8, values: &[T]) -> Result<Vec<SeccompRule>, Error> {
    let number = |value: T| value.try_into().ok().and_then(|n| u64::try_from(n).ok()).unwrap_or(u64::MAX);
    values.iter().map(|value| rule([equal(argument, number(*value))?])).collect()
}

fn rule<const N: usize>(conditions: [SeccompCondition; N]) -> Result<SeccompRule, Error> {
    Ok(SeccompRule::new(conditions.into())?)
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?)
}

fn nothing(argument: u8) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?)
}

fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)?)
}

fn flag(bits: i32) -> u64 {
    u64::from(bits.cast_unsigned())
}

fn number(errno: i32) -> u32 {
    errno.cast_unsigned()
}
