//! Fifty libraries, each with an id of its own: how much longer the host takes to start, and the memory that it and
//! their processes take. Each turn is a process of its own, whose memory nobody else has used before.
#![allow(clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stdout, reason = "how a turn tells what it measured")]

use crate::{
    inside::{Place, opened_from, runtime, sources},
    memory,
    process::cpu_of,
    rounds::{self, Column, Race, Turn},
};
use gatewright::Plugins;
use kit::{CheapLibrary, TempFolder};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// Names the configuration in the environment of a process that is to be one turn.
const HOUSE: &str = "LIBRARY_BENCH_HOUSE";

const COLUMNS: &[Column] = &[
    Column { name: "start ms", digits: 0 },
    Column { name: "CPU ms", digits: 0 },
    Column { name: "host RSS MiB", digits: 1 },
    Column { name: "host PSS MiB", digits: 1 },
    Column { name: "all PSS MiB", digits: 1 },
    Column { name: "a plugin's process: RSS MiB", digits: 2 },
    Column { name: "PSS MiB", digits: 2 },
];

/// The configuration that this process is to measure, where it is one turn.
pub(crate) fn wanted() -> Option<PathBuf> {
    std::env::var_os(HOUSE).map(PathBuf::from)
}

pub(crate) fn run() {
    let count = rounds::size("LIBRARIES", 50);
    let all: Vec<_> = (0..count).map(|number| CheapLibrary::called(&format!("cheap-{number}"))).collect();
    let folder = TempFolder::new();
    let config = |name: &str, libraries: &[CheapLibrary], mode: &str| {
        let file = folder.path().join(name);
        let table = |library: &CheapLibrary| format!("{}mode = \"{mode}\"\n", library.table());
        fs::write(&file, libraries.iter().map(table).collect::<String>()).expect("a file");
        file
    };
    let one = &all[..1.min(count)];
    let [none, single] = [config("none", &[], ""), config("one", one, "isolated")];
    let [isolated, pool] = ["isolated", "pool"].map(|mode| config(mode, &all, mode));
    Race::new(&format!("start with {count} libraries"), COLUMNS)
        .case("none", || turn(&none))
        .case("1, isolated", || turn(&single))
        .case(&format!("{count}, isolated"), || turn(&isolated))
        .case(&format!("{count}, pool"), || turn(&pool))
        .run();
}

fn turn(config: &Path) -> Turn {
    let program = std::env::current_exe().expect("this program");
    let told = Command::new(program).env(HOUSE, config).output().expect("it starts");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8_lossy(&told.stdout);
    told.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

/// One turn: what it measured, on standard output.
pub(crate) fn measure(config: &Path) {
    let toml = fs::read_to_string(config).expect("a configuration");
    let (runtime, folder) = (runtime(), TempFolder::new());
    let sources = sources(folder.path(), &Place::Memory, &toml);
    let cpu = || rounds::cpu() + memory::children().into_iter().map(cpu_of).sum::<Duration>();
    let (spent, begun) = (cpu(), Instant::now());
    let (app, _) = runtime.block_on(opened_from(sources, Plugins::linked()));
    let (passed, spent) = (begun.elapsed(), cpu() - spent);
    sleep(Duration::from_millis(500));
    let (own, children) = (memory::of(std::process::id()), memory::children());
    let theirs: Vec<_> = children.iter().copied().map(memory::of).collect();
    let mean = |pick: fn(&memory::Memory) -> f64| theirs.iter().map(pick).sum::<f64>() / theirs.len() as f64;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let all = memory::pss_of_all();
    for number in [millis(passed), millis(spent), own.rss, own.pss, all, mean(|m| m.rss), mean(|m| m.pss)] {
        println!("{number}");
    }
    drop(app);
}
