//! A host with an OPRF.

use crate::vp1;
use curve25519_dalek::ristretto::CompressedRistretto;
use gatewright_contract::{
    BoxFut, Fault, HostServices, LogLevel, Secret, TenantId, Timestamp, Versioned, testing::Desk,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

pub(super) struct House {
    desk: Desk,
    /// First byte of the id of the seed.
    pub(super) seed: AtomicU8,
    /// Nobody answers.
    pub(super) away: AtomicBool,
    /// No random bytes.
    pub(super) dry: AtomicBool,
    /// The ids that an evaluation was asked for.
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) lines: Mutex<Vec<String>>,
    /// What it was asked to do, in order.
    pub(super) work: Mutex<Vec<String>>,
}

impl House {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            desk: Desk::scattered(super::NOON),
            seed: AtomicU8::new(1),
            away: AtomicBool::new(false),
            dry: AtomicBool::new(false),
            asked: Mutex::default(),
            lines: Mutex::default(),
            work: Mutex::default(),
        })
    }

    fn does(&self, what: impl Into<String>) {
        self.work.lock().unwrap().push(what.into());
    }

    fn evaluated(&self, args: &Value) -> Value {
        let id = args["oprf_id"].as_str().unwrap();
        self.asked.lock().unwrap().push(id.to_owned());
        let seed = self.seed.load(Ordering::Relaxed);
        let key = vp1::wide(&Sha512::new().chain_update([seed]).chain_update(id).finalize().into());
        let blinded = vp1::bytes(args["blinded"].as_str().unwrap()).unwrap();
        let element = CompressedRistretto(blinded).decompress().unwrap() * key;
        json!({"evaluated": vp1::text(element.compress().as_bytes()), "seed_id": vp1::text(&[seed; 8])})
    }
}

impl House {
    fn begun(&self, mut args: Value) -> Result<Value, Fault> {
        assert!(args.get("oprf_id").is_none(), "drawn by the other party alone");
        let mut id = [0; 16];
        self.random(&mut id)?;
        args["oprf_id"] = json!(vp1::text(&id));
        let mut reply = self.evaluated(&args);
        reply["oprf_id"] = args["oprf_id"].take();
        Ok(reply)
    }
}

impl HostServices for House {
    fn now(&self) -> Timestamp {
        self.desk.now()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.does(format!("{} random bytes", buffer.len()));
        match self.dry.load(Ordering::Relaxed) {
            true => Err(Fault::unavailable("random bytes")),
            false => self.desk.random(buffer),
        }
    }

    fn log(&self, _: LogLevel, message: &str) {
        self.does("a line");
        self.lines.lock().unwrap().push(message.to_owned());
    }

    fn kv_get<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        self.does("a look");
        self.desk.kv_get(tenant, key)
    }

    fn kv_cas<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        assert_eq!(ttl, Some(Duration::from_secs(120)), "nothing stays");
        self.desk.kv_cas(tenant, key, expect, value, ttl)
    }

    fn secret<'a>(
        &'a self,
        tenant: &'a TenantId,
        purpose: &'a str,
    ) -> BoxFut<'a, Result<Secret<[u8; 64]>, Fault>> {
        self.does(format!("the secret {purpose}"));
        let hash = Sha512::new().chain_update(tenant.as_str()).chain_update([0]).chain_update(purpose);
        Box::pin(std::future::ready(Ok(Secret::new(hash.finalize().into()))))
    }

    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        self.desk.run(work)
    }

    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        self.does("an evaluation");
        let away = self.away.load(Ordering::Relaxed);
        let reply = match method {
            _ if away => Err(Fault::unavailable("the OPRF")),
            "oprf.evaluate" => Ok(self.evaluated(&args)),
            "oprf.begin" => self.begun(args),
            other => panic!("asked for {other}"),
        };
        Box::pin(std::future::ready(reply))
    }
}
