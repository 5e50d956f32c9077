//! What code in a plugin's process can't do.

use super::*;
use crate::loader::Confined;
use std::fs::File;

async fn attempt(plugin: &Isolated, what: &str) -> String {
    text(plugin, "attempt", what).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_is_known_before_the_library_has_a_word() {
    let draft = draft(plugin(), &config()).unwrap();
    let confined = draft.confined();
    // Where a kernel lacks something, the tests below can't hold either.
    assert_eq!(confined.missing(), Vec::<&str>::new());
}

#[test]
fn what_does_not_hold_is_logged_when_it_begins() {
    let lacking =
        draft(plugin(), &config()).unwrap().held_by(Confined { processes: true, ..Confined::default() });
    let (folder, host) = (Folder::new(), Arc::new(TestHost::default()));
    let log = folder.0.join("log");
    let lines = Arc::new(File::create(&log).unwrap());
    let subscriber = tracing_subscriber::fmt().with_writer(lines).with_ansi(false).finish();
    let begun = tracing::subscriber::with_default(subscriber, || lacking.begin(b"{}", &[], host));
    assert!(begun.is_ok());
    let text = std::fs::read_to_string(&log).unwrap();
    for missing in ["no Landlock", "it can open sockets"] {
        let told = |line: &str| ["WARN", "plugin=\"faults\"", missing].iter().all(|part| line.contains(part));
        assert_eq!(text.lines().filter(|line| told(line)).count(), 1, "{missing} in {text}");
    }
    assert!(!text.contains("start programs"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_has_no_sockets_programs_processes_or_ways_to_others() {
    let plugin = sound();
    for what in [
        "socket",
        "unix socket",
        "netlink",
        "socketpair",
        "sendmsg",
        "execve",
        "fork",
        "plain fork",
        "kill parent",
        "kill all",
        "kill group",
        "tgkill parent",
        "tkill parent",
        "own signals to the parent",
        "pidfd",
        "ptrace",
        "other memory of the parent",
        "limit",
        "limit of the parent",
        "dumpable",
        "outlive",
        "unshare",
        "mount",
        "chroot",
        "io_uring",
        "bpf",
        "perf",
        "keyctl",
        "userfaultfd",
        "module",
        "memfd",
        "temporary",
        "timer",
        "shared memory",
        "old shared memory",
        #[cfg(target_arch = "x86_64")]
        "x32 socket",
    ] {
        assert_eq!(attempt(&plugin, what).await, "-1 EPERM", "{what}");
    }
    assert_eq!(attempt(&plugin, "clone3").await, "-1 ENOSYS", "so that threads are made with clone");
    assert_eq!(attempt(&plugin, "environment").await, "0 -");
    assert_eq!(attempt(&plugin, "folder").await, "0 -");
    let pid = text(&plugin, "pid", "").await.unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    assert_eq!(
        stat.rsplit(')').next().unwrap().split_whitespace().nth(16),
        Some("10"),
        "it comes after the host"
    );
    assert_eq!(attempt(&plugin, "signal itself").await, "0 -");
    // Three streams, the socket for reading and for writing, the library.
    assert_eq!(attempt(&plugin, "descriptors").await, "6 -");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_of_the_host_are_not_there_for_it() {
    let folder = Folder::new();
    let keyring = folder.file("keyring.json", b"{}");
    let plugin = sound();
    for what in [
        format!("read {}", keyring.display()),
        format!("list {}", folder.0.display()),
        "read /etc/passwd".to_owned(),
        "read /proc/self/environ".to_owned(),
        format!("read /proc/{}/environ", std::process::id()),
        "list /proc".to_owned(),
        "list /proc/self/fd".to_owned(),
        "list /".to_owned(),
        "memory of the parent".to_owned(),
        "read /usr/bin/env".to_owned(),
    ] {
        assert_eq!(attempt(&plugin, &what).await, "-1 EACCES", "{what}");
    }
    for what in [format!("write {}", keyring.display()), "write /usr/lib/x".to_owned()] {
        assert_eq!(attempt(&plugin, &what).await, "-1 EPERM", "{what}");
    }
    assert!(!attempt(&plugin, "list /usr/lib").await.starts_with('-'), "libraries are there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_are_bounded_by_its_memory() {
    let plugin = sound();
    let many = attempt(&plugin, "threads").await;
    let many: usize = many.strip_suffix(" -").unwrap().parse().unwrap();
    assert!((1..64).contains(&many), "{many} threads of 8 MiB in 64 MiB");
}
