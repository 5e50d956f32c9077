//! Libraries in processes of their own, which do all that they must not.

mod begin;
mod deadline;
mod death;
mod host_calls;
mod hostile;
mod rest;
mod sandbox;

use super::Folder;
use crate::loader::{Draft, HostCalls, Image, Isolated, LibraryConfig, LoadError, Runner, Transport, runner};
use gatewright_contract::{BoxFut, Fault, LogLevel, TenantId, wire::Status};
use std::{
    ffi::{CStr, c_char},
    path::Path,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};

/// What a test program starts as the process of a plugin: itself.
fn runner() -> Runner {
    Runner::default()
}

/// It becomes that before its own `main` begins, while it has one thread.
#[used]
#[unsafe(link_section = ".init_array")]
#[allow(unsafe_code, reason = "a place in the program's start")]
static RUNNER: extern "C" fn(i32, *const *const c_char) = {
    extern "C" fn become_runner(count: i32, arguments: *const *const c_char) {
        // SAFETY: glibc hands over what `main` gets: `count` strings.
        let is_runner = count >= 2 && unsafe { CStr::from_ptr(*arguments.add(1)) } == c"plugin-runner";
        if is_runner {
            runner::main();
        }
    }
    become_runner
};

/// A host that notes what it is asked.
#[derive(Default)]
struct TestHost {
    asked: AtomicUsize,
    tenants: Mutex<Vec<Vec<TenantId>>>,
    lines: Mutex<Vec<String>>,
    refused: AtomicUsize,
    /// Somebody has asked.
    seen: Notify,
    /// Permits for replies; none are needed when it is not there.
    gate: Option<Semaphore>,
}

impl TestHost {
    /// Answers only as often as it is let.
    fn gated() -> Arc<Self> {
        Arc::new(Self { gate: Some(Semaphore::new(0)), ..Self::default() })
    }
}

impl HostCalls for TestHost {
    fn answer<'a>(
        &'a self,
        tenants: &'a [TenantId],
        method: &'a str,
        args: &'a [u8],
    ) -> BoxFut<'a, (Status, Vec<u8>)> {
        Box::pin(async move {
            self.asked.fetch_add(1, SeqCst);
            self.tenants.lock().unwrap().push(tenants.to_vec());
            self.seen.notify_one();
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            (Status::Ok, [method.as_bytes(), b" ", args].concat())
        })
    }

    fn now_ms(&self) -> u64 {
        1_000_000
    }

    fn random(&self, _: &mut [u8]) -> Status {
        self.refused.fetch_add(1, SeqCst);
        Status::NotPermitted
    }

    fn log(&self, _: LogLevel, message: &str) {
        self.lines.lock().unwrap().push(message.to_owned());
    }
}

fn faults(flags: &[&str]) -> Arc<Image> {
    let folder = Folder::new();
    let library = folder.compile(include_str!("../faults.c"), flags);
    Arc::new(Image::read(Path::new(&library), None).unwrap())
}

fn plugin() -> Arc<Image> {
    static IMAGE: OnceLock<Arc<Image>> = OnceLock::new();
    IMAGE.get_or_init(|| faults(&[])).clone()
}

/// Time enough on a machine that is busy with other tests.
fn config() -> LibraryConfig {
    LibraryConfig { timeout_ms: 20_000, memory_mib: 64, ..LibraryConfig::default() }
}

fn draft(image: Arc<Image>, config: &LibraryConfig) -> Result<Draft, LoadError> {
    Isolated::start("faults", image, config, runner())
}

fn started(config: &LibraryConfig, host: &Arc<TestHost>) -> Arc<Isolated> {
    let draft = draft(plugin(), config).unwrap();
    Arc::new(draft.begin(b"{}", &["random".to_owned()], host.clone()).unwrap())
}

fn sound() -> Arc<Isolated> {
    started(&config(), &Arc::default())
}

async fn text(plugin: &Isolated, method: &'static str, request: &str) -> Result<String, Fault> {
    let reply = plugin.call(None, method, request.into()).await?;
    Ok(String::from_utf8(reply).unwrap())
}

/// "Could not tell", and why.
async fn unavailable(plugin: &Isolated, method: &'static str) -> String {
    match text(plugin, method, "").await {
        Err(Fault::Unavailable { what, .. }) => what,
        other => panic!("{method} gives {other:?}"),
    }
}

/// Begins a call beside.
fn beside(
    plugin: &Arc<Isolated>,
    method: &'static str,
    request: &'static str,
) -> tokio::task::JoinHandle<Result<String, Fault>> {
    let plugin = plugin.clone();
    tokio::spawn(async move { text(&plugin, method, request).await })
}

/// Waits until the process is gone.
async fn gone(pid: &str) {
    let path = format!("/proc/{pid}");
    for _ in 0..1000 {
        if !Path::new(&path).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {pid} is still there");
}
