//! A library on threads of this process: what blocks costs itself.

use super::{image, sound};
use crate::loader::{HostCalls, Library, LibraryConfig, LoadError, Pooled, Transport};
use gatewright_contract::{BoxFut, Fault, LogLevel, TenantId, wire::Status};
use gatewright_plugin::Health;
use std::{
    io::{PipeReader, PipeWriter, Read, Write, pipe},
    os::fd::AsRawFd,
    sync::Arc,
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

/// A host that answers with the tenants that it is told of, and passes on what is logged.
struct Telling(mpsc::UnboundedSender<String>);

impl HostCalls for Telling {
    fn answer<'a>(
        &'a self,
        tenants: &'a [TenantId],
        _method: &'a str,
        _args: &'a [u8],
    ) -> BoxFut<'a, (Status, Vec<u8>)> {
        Box::pin(async move {
            // Not ready at once, as nothing is that asks the store.
            tokio::task::yield_now().await;
            (Status::Ok, tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into_bytes())
        })
    }

    fn now_ms(&self) -> u64 {
        1234
    }

    fn random(&self, _buffer: &mut [u8]) -> Status {
        Status::NotPermitted
    }

    fn log(&self, _level: LogLevel, message: &str) {
        let _ = self.0.send(message.to_owned());
    }
}

/// For calls that are to end; and for some that are not.
const LONG: u32 = 10_000;
const SHORT: u32 = 500;

struct Bench {
    pooled: Arc<Pooled>,
    lines: Mutex<mpsc::UnboundedReceiver<String>>,
}

async fn start(slots: u8, timeout_ms: u32, config: &str) -> Result<Bench, LoadError> {
    let library = Library::open(&image(sound()).unwrap()).unwrap();
    let limits = LibraryConfig { slots, timeout_ms, ..LibraryConfig::default() };
    let (tell, lines) = mpsc::unbounded_channel();
    let calls = Arc::new(Telling(tell));
    let pooled = Pooled::start("test".into(), library, config.as_bytes().to_vec(), &limits, calls).await?;
    Ok(Bench { pooled: Arc::new(pooled), lines: Mutex::new(lines) })
}

impl Bench {
    async fn call(&self, method: &'static str, request: &str) -> Result<String, Fault> {
        let reply = self.pooled.call(None, method, request.as_bytes().to_vec()).await?;
        Ok(String::from_utf8(reply).unwrap())
    }

    /// A call that is under way until something is written.
    async fn block(
        &self,
        tenant: Option<&str>,
    ) -> (JoinHandle<Result<Vec<u8>, Fault>>, PipeWriter, PipeReader) {
        let (read, write) = pipe().unwrap();
        let (pooled, request) = (self.pooled.clone(), read.as_raw_fd().to_string().into_bytes());
        let tenant = tenant.map(|id| TenantId::parse(id).unwrap());
        let call = tokio::spawn(async move { pooled.call(tenant.as_ref(), "blocks", request).await });
        assert_eq!(self.lines.lock().await.recv().await.unwrap(), "blocks");
        (call, write, read)
    }
}

fn unavailable(result: Result<impl Sized, Fault>) -> String {
    match result.map(|_| ()) {
        Err(Fault::Unavailable { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_answered_and_a_fault_is_the_plugins() {
    let bench = start(4, LONG, "").await.unwrap();
    assert_eq!(bench.pooled.manifest(), br#"{"id":"loader-test"}"#);
    assert_eq!(bench.call("echo", "{}").await.unwrap(), "{}");
    assert_eq!(bench.call("twice", "").await.unwrap(), "first");
    assert!(matches!(bench.call("fails", "").await, Err(Fault::Conflict)));
    assert!(matches!(bench.call("unheard", "").await, Err(Fault::Internal { .. })));
    assert!(unavailable(bench.call("large", "").await).contains("1048576 are allowed"));
    let Err(Fault::Internal { message, .. }) = bench.call("random", "").await else { panic!() };
    assert!(message.starts_with("not permitted"), "{message}");
    assert_eq!(bench.pooled.health(), Health::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_end_on_the_plugins_own_threads_are_answered() {
    let bench = start(2, LONG, "").await.unwrap();
    let (read, mut write) = pipe().unwrap();
    let request = read.as_raw_fd().to_string();
    let (first, second, ()) =
        tokio::join!(bench.call("later", &request), bench.call("later", &request), async {
            write.write_all(b"xx").unwrap();
        });
    assert_eq!((first.unwrap(), second.unwrap()), ("later".into(), "later".into()));
    // Such a thread may ask the host too.
    let tenant = TenantId::parse("north").unwrap();
    write.write_all(b"x").unwrap();
    let asked = bench.pooled.call(Some(&tenant), "asks-later", request.into_bytes()).await;
    assert_eq!(asked.unwrap(), b"north");
}

/// The runtime has one thread: what blocks does not hold it.
#[tokio::test]
async fn a_plugin_that_blocks_keeps_its_slots_and_nobody_else_notices() {
    let (bench, other) = (start(2, SHORT, "").await.unwrap(), start(1, LONG, "").await.unwrap());
    let (first, mut free_first, _r1) = bench.block(None).await;
    let (second, mut free_second, _r2) = bench.block(None).await;
    let waits = tokio::spawn({
        let pooled = bench.pooled.clone();
        async move { pooled.call(None, "echo", b"third".to_vec()).await }
    });
    assert_eq!(other.call("echo", "beside").await.unwrap(), "beside");
    assert_eq!(bench.pooled.health(), Health::Ok, "they are within their time");
    assert!(!waits.is_finished());

    for late in [first, second, waits] {
        assert_eq!(unavailable(late.await.unwrap()), "no reply within 500 ms");
    }
    let Health::Degraded(why) = bench.pooled.health() else { panic!() };
    assert!(why.starts_with("all 2 slots"), "{why}");
    assert_eq!(
        (other.call("echo", "beside").await.unwrap().as_str(), other.pooled.health()),
        ("beside", Health::Ok)
    );

    free_first.write_all(b"x").unwrap();
    assert_eq!(bench.call("echo", "again").await.unwrap(), "again");
    assert_eq!(bench.pooled.health(), Health::Ok);
    free_second.write_all(b"x").unwrap();
}

#[tokio::test]
async fn a_call_that_never_ends_gives_its_slot_back_when_its_time_is_over() {
    let bench = start(1, SHORT, "").await.unwrap();
    for _ in 0..2 {
        assert_eq!(unavailable(bench.call("never", "").await), "no reply within 500 ms");
        assert_eq!(bench.pooled.health(), Health::Ok);
        assert_eq!(bench.call("echo", "next").await.unwrap(), "next");
    }
}

#[tokio::test]
async fn who_hangs_up_leaves_the_slot_to_the_call_until_it_ends() {
    let bench = start(1, LONG, "").await.unwrap();
    let (call, mut free, _read) = bench.block(None).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert!(matches!(bench.pooled.health(), Health::Degraded(_)));
    let waits = tokio::spawn({
        let pooled = bench.pooled.clone();
        async move { pooled.call(None, "echo", b"next".to_vec()).await }
    });
    free.write_all(b"x").unwrap();
    assert_eq!(waits.await.unwrap().unwrap(), b"next");
    assert_eq!(bench.pooled.health(), Health::Ok);
}

#[tokio::test]
async fn a_plugin_may_name_the_tenants_of_its_calls_and_only_while_somebody_waits() {
    let bench = start(4, SHORT, "").await.unwrap();
    let asks = async |tenant: &str| {
        let reply = bench.pooled.call(Some(&TenantId::parse(tenant).unwrap()), "asks", b"{}".to_vec()).await;
        String::from_utf8(reply.unwrap()).unwrap()
    };
    assert_eq!(asks("north").await, "north");
    assert_eq!(asks("south").await, "south");
    assert_eq!(bench.call("asks", "{}").await.unwrap(), "");
    let (call, mut free, _read) = bench.block(Some("north")).await;
    assert_eq!(asks("south").await, "north south");
    assert_eq!(asks("north").await, "north");
    unavailable(call.await.unwrap());
    assert_eq!(asks("south").await, "south", "the other is still in the plugin, but its time is over");
    free.write_all(b"x").unwrap();
}

#[tokio::test]
async fn it_rests_when_its_calls_are_over_and_begins_anew() {
    let (mut read, write) = pipe().unwrap();
    let bench = start(2, LONG, &write.as_raw_fd().to_string()).await.unwrap();
    let (call, mut free, _read) = bench.block(None).await;
    let resting = tokio::spawn({
        let pooled = bench.pooled.clone();
        async move { pooled.rest().await }
    });
    tokio::task::yield_now().await;
    assert!(!resting.is_finished());
    free.write_all(b"x").unwrap();
    assert_eq!(call.await.unwrap().unwrap(), b"unblocked");
    resting.await.unwrap();
    let mut byte = [0];
    read.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"d");
    assert_eq!(bench.call("echo", "awake").await.unwrap(), "awake");
    drop(bench);
    read.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"d", "the second, when the whole goes");
}

#[tokio::test]
async fn what_refuses_or_hangs_at_its_beginning_is_a_load_error() {
    let refused = start(1, LONG, "refuses").await.map(|_| ());
    assert!(matches!(refused, Err(LoadError::Config { key, .. }) if key == "digits"));
    let (read, mut write) = pipe().unwrap();
    let config = format!("-{}", read.as_raw_fd());
    let hangs = tokio::spawn(async move { start(1, SHORT, &config).await.map(|_| ()) });
    let Err(LoadError::Begin(why)) = hangs.await.unwrap() else { panic!() };
    assert_eq!(why, "`create` took longer than 500 ms");
    write.write_all(b"x").unwrap();
}
