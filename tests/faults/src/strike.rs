//! It goes wrong.
#![allow(clippy::disallowed_methods, reason = "to do what a plugin must not is what this is for")]

use crate::config::{Config, Fault as Wrong};
use gatewright_sdk::{Fault, Host, Scope, TenantId, serde_json::json};
use std::{
    future::poll_fn, hint::black_box, net::TcpStream, panic::panic_any, process, task::Poll, thread,
    time::Duration,
};

/// As much memory as is taken at most, in MiB: where nothing limits it, the machine shall live.
const MOST_MIB: usize = 4096;

/// What needs the host's answer, and everything else.
pub(crate) async fn in_a_call(
    fault: Wrong,
    config: &Config,
    host: &Host,
    scope: &Scope,
) -> Result<(), Fault> {
    match fault {
        Wrong::PanicAfter => {
            host.kv_get(&scope.tenant, "anything").await?;
            panic!("a fault of this plugin, after it had waited");
        }
        Wrong::Never => {
            poll_fn(|context| {
                // What holds the waker may wake it yet, for all that anybody knows.
                std::mem::forget(context.waker().clone());
                Poll::<()>::Pending
            })
            .await;
        }
        Wrong::Forgotten => std::future::pending().await,
        Wrong::UndeclaredHttp => {
            host.call("http.fetch", json!({"method": "GET", "url": "https://example.com/"})).await?;
        }
        Wrong::UndeclaredService => {
            host.call("ldap.bind", json!({})).await?;
        }
        Wrong::OtherTenant => {
            let other =
                TenantId::parse("somebody-else").ok_or_else(|| Fault::internal("no tenant's name"))?;
            host.kv_get(&other, "anything").await?;
        }
        _ => at_once(fault, config, host)?,
    }
    Ok(())
}

/// What needs nobody. What waits for the host goes wrong in a call only.
pub(crate) fn at_once(fault: Wrong, config: &Config, host: &Host) -> Result<(), Fault> {
    match fault {
        Wrong::Panic => panic!("a fault of this plugin"),
        Wrong::PanicTwice => panic_any(Twice),
        Wrong::Segfault => segfault(),
        Wrong::Exit => process::exit(7),
        Wrong::Abort => process::abort(),
        Wrong::Block => thread::sleep(Duration::from_secs(10)),
        Wrong::Loop => endless(),
        Wrong::Overflow => {
            deeper(1);
        }
        Wrong::Memory => memory(),
        Wrong::Never => loop {
            thread::park();
        },
        Wrong::Thread => drop(thread::spawn(|| endless())),
        Wrong::Slow => thread::sleep(Duration::from_millis(config.slow_ms.into())),
        Wrong::UndeclaredRandom => host.random(&mut [0; 8])?,
        Wrong::File => attempt("read a file", std::fs::read("/etc/passwd"))?,
        Wrong::Socket => attempt("open a connection", connect())?,
        Wrong::Program => attempt("start a program", process::Command::new("/bin/true").status())?,
        Wrong::Environment => environment()?,
        _ => {}
    }
    Ok(())
}

struct Twice;

impl Drop for Twice {
    fn drop(&mut self) {
        panic!("a fault of this plugin, in what it panicked with");
    }
}

#[allow(unsafe_code, reason = "the fault is the point")]
fn segfault() {
    // SAFETY: none; nobody owns this address, and the process ends.
    unsafe { std::ptr::without_provenance_mut::<u8>(16).write_volatile(black_box(1)) }
}

fn endless() -> ! {
    loop {
        black_box(());
    }
}

#[allow(unconditional_recursion, reason = "the fault is the point")]
fn deeper(n: u64) -> u64 {
    let here = black_box([n; 128]);
    deeper(here[3] + 1) + here[7]
}

fn memory() {
    for _ in 0..MOST_MIB {
        black_box(vec![1_u8; 1 << 20].leak());
    }
}

/// That nobody listens there is an answer, and whoever gets it has a socket.
fn connect() -> std::io::Result<()> {
    match TcpStream::connect("127.0.0.1:9") {
        Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
        other => other.map(drop),
    }
}

fn environment() -> Result<(), Fault> {
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    match names.is_empty() {
        true => Err(Fault::unavailable("the environment is empty")),
        false => Err(Fault::internal(format!("it could see the environment: {}", names.join(" ")))),
    }
}

/// What a plugin in a process of its own can't do, and says so.
fn attempt<T>(what: &str, outcome: std::io::Result<T>) -> Result<(), Fault> {
    match outcome {
        Ok(_) => Err(Fault::internal(format!("it could {what}"))),
        Err(e) => Err(Fault::unavailable(format!("it could not {what}: {e}"))),
    }
}
