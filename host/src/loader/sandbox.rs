//! What holds a plugin's process: set by itself before any code of the library runs, and never to be undone.
//!
//! Three layers, each of which would do for most of it: no capabilities and small limits; Landlock (files, sockets and
//! signals by what they are); a list of the system calls that computing takes (`syscalls`). Where the kernel lacks one,
//! the others are set all the same and [`Confined`] says what is missing.

use super::{LoadError, syscalls};
use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope, path_beneath_rules,
};
use rustix::{
    process::{DumpableBehavior, Resource, Rlimit, Signal},
    thread::{CapabilitySet, CapabilitySets},
};
use serde::{Deserialize, Serialize};
use std::io;

/// Where the dynamic linker and the C library find what they need. Nothing else can be opened, and nothing written:
/// data of the host does not belong below these.
const READABLE: [&str; 10] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
];

/// The stack of each thread that runs calls.
pub(super) const STACK: usize = 2 << 20;
const MIB: u64 = 1 << 20;
/// How much later than the host it gets a processor.
const NICE: i32 = 10;
/// Timers and queued signals.
const SIGNALS: u64 = 64;

/// How much the process may take.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Limits {
    pub(super) memory_mib: u32,
    pub(super) cpu_seconds: u32,
    /// Calls at the same time.
    pub(super) slots: u8,
    /// Whether the library is run where the process can't be held.
    pub(super) unconfined: bool,
}

impl Limits {
    /// Threads that read and run calls: two are left when each call waits for the host.
    pub(super) fn threads(self) -> usize {
        usize::from(self.slots) + 2
    }
}

/// What holds for a plugin's process on this kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confined {
    /// It reads nothing but system libraries, and not the memory of other processes (Landlock).
    pub files: bool,
    /// It has no sockets (seccomp, or Landlock for TCP).
    pub network: bool,
    /// It starts no programs and processes, signals nobody, changes no limit of its own (seccomp).
    pub processes: bool,
}

impl Confined {
    /// What does not hold here, in words.
    pub fn missing(self) -> Vec<&'static str> {
        let all = [
            (self.files, "it can read the files that the host can read: the kernel has no Landlock"),
            (self.network, "it can open sockets: the kernel has no seccomp filters"),
            (
                self.processes,
                "it can start programs and send signals to the host: the kernel has no seccomp filters",
            ),
        ];
        all.into_iter().filter(|(holds, _)| !holds).map(|(_, says)| says).collect()
    }

    /// Whether a library may be run like this; `unconfined`: the operator has said so.
    pub(super) fn must_hold(self, unconfined: bool) -> Result<(), LoadError> {
        match self.missing() {
            missing if missing.is_empty() || unconfined => Ok(()),
            missing => Err(LoadError::Unconfined(missing.join("; "))),
        }
    }

    pub(super) fn bits(self) -> u16 {
        u16::from(self.files) | u16::from(self.network) << 1 | u16::from(self.processes) << 2
    }

    pub(super) fn of_bits(bits: u16) -> Self {
        Self { files: bits & 1 != 0, network: bits & 2 != 0, processes: bits & 4 != 0 }
    }
}

fn system(what: &'static str) -> impl Fn(rustix::io::Errno) -> LoadError {
    move |source| LoadError::System { what, source: source.into() }
}

/// What was open to be read of this process by others of its user is not any more: its memory, its environment, its
/// descriptors. It gives up core dumps.
pub(super) fn hide_the_host() -> Result<(), LoadError> {
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(system("the host can't be made unreadable for the processes of plugins"))
}

/// Confines this process. It must have one thread: only threads that are made afterwards are held too.
pub(super) fn enter(limits: Limits) -> Result<Confined, LoadError> {
    only_one_thread()?;
    // On a busy machine the host and whatever else it does go first.
    let _ = rustix::process::setpriority_process(None, NICE);
    rustix::process::chdir("/").map_err(system("a process of a plugin can't leave its folder"))?;
    ends_with_the_host()?;
    deaf_to_the_terminal();
    // When memory runs out, this goes before the host.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    resources(limits).map_err(|source| LoadError::System { what: "a limit can't be set", source })?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(system("a process of a plugin can't be made unreadable"))?;
    rustix::thread::set_no_new_privs(true).map_err(system("new privileges can't be given up"))?;
    let files = files().unwrap_or(false);
    drop_capabilities().map_err(system("capabilities can't be given up"))?;
    let processes = syscalls::filter().is_ok();
    Ok(Confined { files, network: processes, processes })
}

/// Refuses where others run already, which nothing would hold.
fn only_one_thread() -> Result<(), LoadError> {
    let threads = std::fs::read_dir("/proc/self/task").map(Iterator::count).map_err(|source| {
        LoadError::System { what: "the threads of a plugin's process can't be counted", source }
    })?;
    match threads {
        1 => Ok(()),
        many => Err(LoadError::Begin(format!(
            "the process of a plugin must have one thread and has {many}: `runner::enter_if_asked` belongs before \
             everything else in `main`"
        ))),
    }
}

/// The kernel ends it when the host ends, however that comes about.
fn ends_with_the_host() -> Result<(), LoadError> {
    let parent = rustix::net::sockopt::socket_peercred(io::stdin())
        .map_err(system("its standard input is not the socket that the host gives it"))?
        .pid;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(system("the end of the host can't be watched"))?;
    // It may have ended before this.
    match rustix::process::getppid() == Some(parent) {
        true => Ok(()),
        false => Err(LoadError::Begin("the host has ended".to_owned())),
    }
}

/// What stops the host (a terminal, a service manager) reaches all its processes; this one still has calls to end. That
/// the host has closed its end of the socket, it reads.
#[allow(unsafe_code, reason = "the only way to ignore a signal")]
fn deaf_to_the_terminal() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
        // SAFETY: no handler is installed, and no other thread is there.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

fn resources(limits: Limits) -> io::Result<()> {
    let set = |resource, soft: u64, hard: u64| {
        rustix::process::setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })
    };
    // Beside what this program and the stacks take: what is set is the plugin's.
    let (mapped, data) = in_use()?;
    let own =
        u64::try_from(limits.threads() * STACK).unwrap_or(u64::MAX) + u64::from(limits.memory_mib) * MIB;
    set(Resource::Data, data + own, data + own)?;
    // Linkers and allocators reserve more than they use.
    set(Resource::As, mapped + own + 1024 * MIB, mapped + own + 1024 * MIB)?;
    // A plugin that ignores SIGXCPU has five more seconds.
    let cpu = u64::from(limits.cpu_seconds);
    set(Resource::Cpu, cpu, cpu + 5)?;
    set(Resource::Core, 0, 0)?;
    set(Resource::Fsize, 0, 0)?;
    set(Resource::Nofile, 64, 64)?;
    set(Resource::Sigpending, SIGNALS, SIGNALS)?;
    few_arenas();
    Ok(())
}

/// Address space and private writable memory that this process has now, in bytes.
fn in_use() -> io::Result<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages = |at: usize| text.split_whitespace().nth(at).and_then(|n| n.parse::<u64>().ok());
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    match (pages(0), pages(5)) {
        (Some(mapped), Some(data)) => Ok((mapped * page, data * page)),
        _ => Err(io::Error::other("/proc/self/statm can't be read")),
    }
}

/// The C library reserves 64 MiB of addresses for each of its arenas, eight for each core.
fn few_arenas() {
    #[cfg(target_env = "gnu")]
    #[allow(unsafe_code, reason = "a setting of the C library")]
    // SAFETY: two numbers.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 4)
    };
}

fn drop_capabilities() -> rustix::io::Result<()> {
    let none = CapabilitySet::empty();
    rustix::thread::set_capabilities(
        None,
        CapabilitySets { effective: none, permitted: none, inheritable: none },
    )
}

/// Whether files, and what they lead to, are held by Landlock.
fn files() -> Result<bool, RulesetError> {
    // What is not there is not opened either: a kernel that knows less is asked for less.
    const KNOWN: ABI = ABI::V7;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(READABLE, AccessFs::from_read(KNOWN)))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Closes what was inherited beside the three streams.
pub(super) fn close_inherited() {
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    open.into_iter().for_each(close);
}

#[allow(unsafe_code, reason = "nobody owns an inherited descriptor")]
fn close(fd: i32) {
    // SAFETY: called before this process has opened anything: what is there above 2 was inherited, or is the folder
    // that was read above and is closed already.
    unsafe { libc::close(fd) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_held_runs_where_the_operator_says_so() {
        let whole = Confined { files: true, network: true, processes: true };
        assert!(whole.must_hold(false).is_ok() && whole.must_hold(true).is_ok());
        for lacking in [
            Confined { files: false, ..whole },
            Confined { network: false, ..whole },
            Confined { processes: false, ..whole },
        ] {
            let error = lacking.must_hold(false).unwrap_err();
            assert_eq!(error.key(), "unconfined");
            assert!(error.to_string().contains(lacking.missing()[0]), "{error}");
            assert!(lacking.must_hold(true).is_ok());
        }
    }

    #[test]
    fn a_process_that_has_threads_already_is_not_confined() {
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || ended.recv());
        let error = only_one_thread().unwrap_err();
        assert!(error.to_string().contains("must have one thread and has "), "{error}");
        drop(end);
        let _ = other.join();
    }
}
