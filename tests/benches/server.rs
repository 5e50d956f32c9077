//! A PostgreSQL of the bench's own, and the CPU time of all its processes.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says what it leaves out")]

use crate::rounds::{Column, Turn};
use gatewright_test_postgres::{Builder, Database, Server};
use sqlx::{Connection, PgConnection};
use std::{fs, time::Duration};

/// What a turn measures where a database server works along.
pub(crate) const COLUMNS: &[Column] = &[
    Column { name: "CPU µs", digits: 1 },
    Column { name: "of it the database server", digits: 1 },
    Column { name: "per second", digits: 0 },
];

/// Whether this store is measured: `STORES=sqlite,postgres` unless the environment says otherwise.
pub(crate) fn wants(store: &str) -> bool {
    let wanted = std::env::var("STORES").map_or(true, |stores| stores.split(',').any(|one| one == store));
    if !wanted {
        eprintln!("STORES leaves out {store}");
    }
    wanted
}

/// A server that commits durably, with memory as an operator would give it.
pub(crate) struct Postgres {
    server: Server,
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let server = Builder::default().fsync().start();
        for setting in [
            "shared_buffers = '2GB'",
            "max_wal_size = '8GB'",
            "checkpoint_timeout = '1h'",
            // What it does now and then would hit one case and not the next.
            "autovacuum = off",
        ] {
            server.run(&format!("ALTER SYSTEM SET {setting}")).expect("is set");
        }
        server.stop();
        server.start_again();
        Self { server }
    }

    pub(crate) fn database(&self) -> Database<'_> {
        self.server.database()
    }
}

/// The processes of the server behind an address.
#[derive(Clone, Copy)]
pub(crate) struct Processes {
    master: u32,
}

impl Processes {
    pub(crate) async fn of(url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.expect("connects");
        let file = sqlx::query_scalar("SELECT pg_read_file('postmaster.pid')").fetch_one(&mut connection);
        let text: String = file.await.expect("may be read");
        let master = text.lines().next().and_then(|line| line.parse().ok()).expect("a process");
        connection.close().await.expect("closes");
        Self { master }
    }

    /// Of those that live; one that has ended is counted to a hundredth of a second, by its parent.
    pub(crate) fn cpu(self) -> Duration {
        let mut sum = Duration::ZERO;
        for entry in fs::read_dir("/proc").expect("processes").flatten() {
            let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let read = |file: &str| fs::read_to_string(entry.path().join(file)).unwrap_or_default();
            // proc_pid_stat(5), behind the name: state, parent, …; the 14th and 15th are what its children used.
            let stat = read("stat");
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let field = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            if process != self.master && field(1) != u64::from(self.master) {
                continue;
            }
            let own = read("schedstat").split_whitespace().next().and_then(|text| text.parse().ok());
            sum += Duration::from_nanos(own.unwrap_or(0));
            if process == self.master {
                sum += Duration::from_millis((field(13) + field(14)) * 10);
            }
        }
        sum
    }
}

/// A turn of `count` operations, with what the server's processes did meanwhile.
pub(crate) fn with(server: Option<Processes>, count: usize, turn: impl FnOnce() -> Turn) -> Turn {
    let used = || server.map_or(Duration::ZERO, Processes::cpu);
    let before = used();
    let turn = turn();
    let there = used().saturating_sub(before).as_secs_f64() * 1e6 / count as f64;
    vec![turn[0] + there, if server.is_some() { there } else { f64::NAN }, turn[1]]
}
