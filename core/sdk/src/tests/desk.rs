//! A host in C's terms: tickets, and answers that come at once, when they are told to, or from other threads.
#![allow(unsafe_code, reason = "it plays the host, which is C")]

use crate::abi::{self, Host, HostDone, Plugin, Slice};
use crate::contract::{
    Timestamp,
    testing::scope,
    wire::{Refused, Reply, Request, Status},
};
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::c_void,
    sync::{Condvar, Mutex},
    time::Duration,
};

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

unsafe extern "C" {
    safe fn gatewright_plugin_v1() -> *const Plugin;
}

/// The library under test: this test binary exports one.
pub(super) fn plugin() -> &'static Plugin {
    // SAFETY: it is a static.
    unsafe { &*gatewright_plugin_v1() }
}

/// What the host has been asked and not yet answered.
pub(super) struct Due {
    user: *mut c_void,
    done: HostDone,
    status: Status,
    reply: String,
}

// SAFETY: the library's share may be handed back on any thread.
unsafe impl Send for Due {}

impl Due {
    pub(super) fn answer(self) {
        // SAFETY: once, with what was given.
        unsafe { (self.done)(self.user, self.status as i32, Slice::of(self.reply.as_bytes())) }
    }
}

/// Status and bytes.
type Ended = (i32, Vec<u8>);

/// The host.
#[derive(Default)]
pub(super) struct Desk {
    /// Whether answers wait until somebody gives them.
    pub(super) holds: bool,
    pub(super) due: Mutex<Vec<Due>>,
    pub(super) logged: Mutex<Vec<String>>,
    ended: Mutex<HashMap<u64, Vec<Ended>>>,
    news: Condvar,
}

impl Desk {
    pub(super) fn holding() -> Self {
        let mut desk = Self::default();
        desk.holds = true;
        desk
    }

    pub(super) fn table(&self) -> Host {
        Host {
            size: size_of::<Host>() as u32,
            major: abi::MAJOR,
            minor: abi::MINOR,
            ctx: std::ptr::from_ref(self).cast_mut().cast(),
            log,
            now_ms,
            random,
            call,
            done,
        }
    }

    /// How often a ticket has been answered.
    pub(super) fn answers(&self, ticket: u64) -> usize {
        self.ended.lock().unwrap().get(&ticket).map_or(0, Vec::len)
    }

    /// How a call ended that has ended.
    pub(super) fn ended(&self, ticket: u64) -> Result<Vec<u8>, (Status, Refused)> {
        let ended = self.ended.lock().unwrap();
        let [(status, reply)] = ended[&ticket].as_slice() else { panic!("ticket {ticket}: {ended:?}") };
        match Status::of(*status) {
            Status::Ok => Ok(reply.clone()),
            status => Err((status, Refused::read(reply))),
        }
    }

    /// Waits until this many tickets have been answered; false: that does not come.
    pub(super) fn wait_for(&self, tickets: usize) -> bool {
        let ended = self.ended.lock().unwrap();
        let patience = Duration::from_secs(60);
        let waited = self.news.wait_timeout_while(ended, patience, |ended| ended.len() < tickets).unwrap();
        !waited.1.timed_out()
    }

    /// Answers the last thing that was asked.
    pub(super) fn answer(&self) {
        let due = self.due.lock().unwrap().pop();
        due.expect("something was asked").answer();
    }

    fn reply(&self, method: &str, args: &Value) -> (Status, Value) {
        match method {
            "kv.get" if args["key"] == "absent" => (Status::Ok, Value::Null),
            "kv.get" if args["key"] == "odd" => (Status::Ok, json!({"rev": "1"})),
            "kv.get" => (Status::Ok, json!({"rev": 7, "value": "aGk="})),
            "kv.cas" if args["expect"] == 6 => (Status::Conflict, Value::Null),
            "kv.cas" => (Status::Ok, json!({"rev": args["expect"].as_u64().unwrap_or(0) + 1})),
            "echo" => (Status::Ok, args.clone()),
            _ => (Status::NotPermitted, json!({"message": method})),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for due in self.due.get_mut().unwrap().drain(..) {
            due.answer();
        }
    }
}

fn of<'a>(ctx: *mut c_void) -> &'a Desk {
    // SAFETY: the tests keep the desk for longer than the instance.
    unsafe { &*ctx.cast_const().cast::<Desk>() }
}

fn text(slice: Slice) -> String {
    // SAFETY: the library's bytes hold through the call.
    String::from_utf8(unsafe { slice.bytes() }.to_vec()).unwrap()
}

unsafe extern "C" fn log(ctx: *mut c_void, level: u32, message: Slice) {
    of(ctx).logged.lock().unwrap().push(format!("{level} {}", text(message)));
}

unsafe extern "C" fn now_ms(_: *mut c_void) -> u64 {
    NOW.as_millis() as u64
}

unsafe extern "C" fn random(_: *mut c_void, buffer: *mut u8, len: usize) -> i32 {
    if len > 64 {
        return Status::NotPermitted as i32;
    }
    // SAFETY: the library's buffer is this long.
    unsafe { std::ptr::write_bytes(buffer, 0x2a, len) };
    0
}

unsafe extern "C" fn call(ctx: *mut c_void, method: Slice, args: Slice, user: *mut c_void, done: HostDone) {
    let desk = of(ctx);
    let (status, reply) = desk.reply(&text(method), &serde_json::from_str(&text(args)).unwrap());
    let due = Due { user, done, status, reply: reply.to_string() };
    match desk.holds {
        true => desk.due.lock().unwrap().push(due),
        false => due.answer(),
    }
}

unsafe extern "C" fn done(ctx: *mut c_void, ticket: u64, status: i32, reply: Slice) {
    let desk = of(ctx);
    // SAFETY: the library's bytes hold through the call.
    let reply = unsafe { reply.bytes() }.to_vec();
    desk.ended.lock().unwrap().entry(ticket).or_default().push((status, reply));
    desk.news.notify_all();
}

/// An instance, ended with it.
pub(super) struct Made<'a> {
    desk: &'a Desk,
    instance: *mut c_void,
}

// SAFETY: an instance may be called from any thread.
unsafe impl Sync for Made<'_> {}

impl<'a> Made<'a> {
    /// Ticket 0 is that of the making.
    pub(super) fn new(desk: &'a Desk, config: &Value) -> Result<Self, (Status, Refused)> {
        let (table, config) = (desk.table(), config.to_string());
        // SAFETY: the table and the desk are there for longer than the instance; the SDK copies the table.
        let instance = unsafe { (plugin().create)(&table, Slice::of(config.as_bytes()), 0) };
        match desk.ended(0) {
            Ok(_) => Ok(Self { desk, instance }),
            Err(refused) => {
                assert!(instance.is_null());
                Err(refused)
            }
        }
    }

    /// `verify` with this answer; the request is gone when this returns.
    pub(super) fn verify(&self, ticket: u64, answer: Value) {
        let request = Request {
            scope: Some(Cow::Owned(scope(NOW, Some("ada")))),
            state: Some(crate::Body(json!({}))),
            answer: Some(crate::Body(answer)),
            ..Request::default()
        };
        self.send(ticket, "verify", request.to_bytes().unwrap());
    }

    pub(super) fn send(&self, ticket: u64, method: &str, mut request: Vec<u8>) {
        // SAFETY: the instance is there.
        unsafe {
            (plugin().call)(self.instance, Slice::of(method.as_bytes()), Slice::of(&request), ticket);
        }
        request.fill(b'#');
    }

    /// What the probe found: it says so in a claim.
    pub(super) fn found(&self, ticket: u64) -> Value {
        let reply = self.desk.ended(ticket).unwrap_or_else(|refused| panic!("{refused:?}"));
        Reply::read(&reply).unwrap().claims["found"].clone()
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // SAFETY: once; the tests have ended its calls.
        unsafe { (plugin().destroy)(self.instance) }
    }
}
