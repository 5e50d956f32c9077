//! Servers in processes of their own on the first core, `wrk` on the second: what a request costs on a real socket.
//!
//! Counted is the CPU time of the server's process, so that it does not matter what else the machine does; `wrk` on
//! the other core leaves the server's caches alone.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::{
    process::{cpu_of, user_of},
    rounds::{Column, Turn},
};
use kit::TempFolder;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// What a turn measures. The kernel's part depends on the generator too: one that is faster than the server sleeps
/// between two answers, and waking it on another core is charged to the server. The user's part is our own code.
pub(crate) const COLUMNS: &[Column] = &[
    Column { name: "CPU µs", digits: 2 },
    Column { name: "user µs", digits: 2 },
    Column { name: "core busy", digits: 2 },
];

/// Where the generator runs.
#[derive(Clone, Copy)]
pub(crate) enum Generator {
    /// On the second core, as in earnest it is on another machine.
    Beside,
    /// On the server's core: the two take turns, so that no core has to wake another and requests come in the same
    /// batches whatever the server's speed.
    Together,
}

pub(crate) const SECONDS: u64 = 2;

/// Whether there are the programs and the cores that this takes.
pub(crate) fn can_run() -> bool {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    has("wrk") && has("taskset") && std::thread::available_parallelism().is_ok_and(|n| n.get() >= 2)
}

/// A server in a process of its own, ended when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    folder: TempFolder,
}

impl Server {
    /// This very program once more, as the server of this name, see [`announce`].
    pub(crate) fn start(name: &str) -> Self {
        Self::start_on("0", name)
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(name: &str, variables: &[(&str, String)]) -> Self {
        Self::launch("0", name, variables)
    }

    /// The same on other cores than the first, in the notation of taskset(1).
    pub(crate) fn start_on(cores: &str, name: &str) -> Self {
        Self::launch(cores, name, &[])
    }

    fn launch(cores: &str, name: &str, variables: &[(&str, String)]) -> Self {
        let folder = TempFolder::new();
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let mut child = Command::new("taskset")
            .args(["-c", cores])
            .arg(std::env::current_exe().expect("this program"))
            .args(["--serve", name])
            .arg(tokens_in(&folder))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // As in earnest: the log goes somewhere.
            .stderr(log)
            .spawn()
            .expect("a server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).expect("the address");
        let address = line.trim().to_owned();
        assert!(
            !address.is_empty(),
            "the server `{name}` did not start; its log is in {}",
            folder.path().display()
        );
        Self { child, address, folder }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Which process it is.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The tokens that are good there.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let text = fs::read_to_string(tokens_in(&self.folder)).expect("the tokens");
        text.lines().map(str::to_owned).collect()
    }

    /// Some seconds of requests with random tokens of the server's to this path.
    pub(crate) fn turn(&self, generator: Generator, path: &str) -> Turn {
        let (requests, spent, user) = self.load(generator, path, &tokens_in(&self.folder));
        vec![spent * 1e6 / requests, user * 1e6 / requests, spent / SECONDS as f64]
    }

    /// The same with the tokens in this file: requests, and the seconds of the server's process and of its own code.
    pub(crate) fn load(&self, generator: Generator, path: &str, tokens: &Path) -> (f64, f64, f64) {
        let core = match generator {
            Generator::Beside => "1",
            Generator::Together => "0",
        };
        let script = self.folder.path().join("random.lua");
        fs::write(&script, include_str!("random.lua")).expect("a script");
        let (before, user_before) = (cpu_of(self.child.id()), user_of(self.child.id()));
        let output = Command::new("taskset")
            .args(["-c", core, "wrk", "-t1", "-c32", &format!("-d{SECONDS}s"), "-s"])
            .arg(script)
            .arg(format!("http://{}{path}", self.address))
            .arg("--")
            .arg(tokens)
            .output()
            .expect("wrk runs");
        let spent = (cpu_of(self.child.id()) - before).as_secs_f64();
        let user = (user_of(self.child.id()) - user_before).as_secs_f64();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{text}");
        let requests = requests(&text).unwrap_or_else(|| panic!("{text}"));
        (requests, spent, user)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends with this, and it with its input: killed, it would leave its data behind.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn tokens_in(folder: &TempFolder) -> PathBuf {
    folder.path().join("tokens")
}

/// `  123456 requests in 2.00s, 30.00MB read`
fn requests(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// In the server: the name of the server that this process is to be, and the file for the tokens.
pub(crate) fn wanted() -> Option<(String, PathBuf)> {
    let mut args = std::env::args().skip_while(|arg| arg != "--serve").skip(1);
    Some((args.next()?, PathBuf::from(args.next()?)))
}

/// In the server: waits until the bench is done with it.
pub(crate) async fn done_with() {
    let wait = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    let _ = tokio::task::spawn_blocking(wait).await;
}

/// In the server: writes the tokens that are good here and says where it listens.
#[allow(clippy::print_stdout, reason = "the bench waits for this line")]
pub(crate) fn announce(address: std::net::SocketAddr, file: &Path, tokens: &[String]) {
    fs::write(file, tokens.join("\n")).expect("the tokens are written");
    println!("{address}");
}
