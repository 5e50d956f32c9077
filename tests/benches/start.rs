//! From the start of the server's process to its first answer, and what it holds in memory then: the real binary, as
//! it is released.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says why it does not run")]

mod process;
mod rounds;

use kit::TempFolder;
use process::cpu_of;
use rounds::{Column, Race, Turn};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const COLUMNS: &[Column] = &[
    Column { name: "ms", digits: 1 },
    Column { name: "CPU ms", digits: 1 },
    Column { name: "RSS MiB", digits: 1 },
    Column { name: "of it, not from files", digits: 1 },
];

fn main() {
    if !rounds::is_wanted() {
        return;
    }
    let binary = binary();
    if !binary.is_file() {
        eprintln!("{} is not there: `cargo build --release` first", binary.display());
        std::process::exit(1);
    }
    let used = TempFolder::new();
    let started = |folder: &TempFolder| Started::new(&binary, folder).turn();
    started(&used);
    Race::new("start of the release binary", COLUMNS)
        .case("`gatewright version`, to its end", || version(&binary))
        .case("existing data, to the first answer", || started(&used))
        .case("fresh data, to the first answer", || started(&TempFolder::new()))
        .run();
}

/// Beside this program, or where `GATEWRIGHT_BINARY` says.
fn binary() -> PathBuf {
    std::env::var_os("GATEWRIGHT_BINARY").map_or_else(
        || {
            std::env::current_exe()
                .expect("this program")
                .parent()
                .unwrap()
                .parent()
                .unwrap()
                .join("gatewright")
        },
        PathBuf::from,
    )
}

/// What every program pays: being loaded and read, a command line, a runtime.
fn version(binary: &PathBuf) -> Turn {
    let began = Instant::now();
    let done = Command::new(binary).arg("version").stdout(Stdio::null()).status().expect("it starts");
    assert!(done.success());
    vec![milliseconds(began.elapsed()), f64::NAN, f64::NAN, f64::NAN]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A server that has given its first answer.
struct Started {
    child: Child,
    wall: Duration,
    cpu: Duration,
}

impl Started {
    fn new(binary: &PathBuf, folder: &TempFolder) -> Self {
        let config = folder.path().join("gatewright.toml");
        let data = folder.path().join("data");
        let text = format!("data = \"{}\"\n[http]\nlisten = \"127.0.0.1:0\"\n", data.display());
        fs::write(&config, text).expect("a configuration");
        let began = Instant::now();
        let mut child = Command::new(binary)
            .arg("--config")
            .arg(&config)
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).expect("its first line");
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        let status = first_answer(&address);
        let wall = began.elapsed();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        let cpu = cpu_of(child.id());
        // What it still has to say must find somebody who listens.
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Self { child, wall, cpu }
    }

    /// Waits until it is idle, looks at its memory, and ends it in order.
    fn turn(mut self) -> Turn {
        thread::sleep(Duration::from_millis(1_500));
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it lives");
        let mib = |key: &str| -> f64 {
            let line = status.lines().find(|line| line.starts_with(key)).expect("a line");
            line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
        };
        let turn = vec![milliseconds(self.wall), milliseconds(self.cpu), mib("VmRSS:"), mib("RssAnon:")];
        let process = Pid::from_child(&self.child);
        kill_process(process, Signal::TERM).expect("it can be told");
        assert!(self.child.wait().expect("it ends").success());
        turn
    }
}

fn first_answer(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("it answers");
    reply
}
