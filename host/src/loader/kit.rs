//! For the tests of the loader: a manifest that holds, a library that says what it was told to, a host with a clock
//! that is moved.

use super::{Checked, Refusals, Transport, manifest};
use crate::{
    keys::{Keyring, KeysConfig, Opening},
    outgoing::{Outgoing, OutgoingConfig},
    pool::{Pool, PoolConfig},
    services::{Common, Offered},
    store::{self, Access, StoreUrl},
};
use gatewright_contract::{BoxFut, Fault, TenantId, Timestamp};
use gatewright_core::{store::Store, world::World};
use gatewright_plugin::Health;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What somebody who writes C would hand over, with every ability.
pub(super) fn manifest() -> Value {
    let code = json!({
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string", "pattern": "^[0-9]{6}$", "maxLength": 6}},
        "additionalProperties": false,
        "example": {"code": "123456"},
    });
    let nothing = json!({"type": "object", "additionalProperties": false});
    json!({
        "id": "knock",
        "version": "1.2.0",
        "contract": 1,
        "needs": ["kv", "random", "log", "http:api.example.com", "send:smtp", "moon.phase"],
        "traits": {"amr": ["otp"], "kind": "possession"},
        "abilities": {
            "enrol": true, "identify": true, "signal": true, "rehearse": true, "attend": true,
        },
        "schemas": {
            "prompt": {
                "type": "object",
                "required": ["hint"],
                "properties": {"hint": {"type": "string", "maxLength": 20}},
                "additionalProperties": false,
            },
            "answer": code,
            "invite": nothing,
            "invitation": {"type": "object", "properties": {"secret": {"type": "string"}}},
            "proof": code,
            "reveal": nothing,
            "event": {"type": "object", "required": ["wake"], "properties": {"wake": {"type": "string"}}},
            "ask": {"type": "object", "required": ["device"], "properties": {"device": {"type": "string"}}},
            "reply": {"type": "object", "required": ["waits"], "properties": {"waits": {"type": "boolean"}}},
        },
    })
}

/// Checks it.
pub(super) fn checked(manifest: &Value) -> Checked {
    manifest::check(manifest.to_string().as_bytes(), None).unwrap_or_else(|error| panic!("{error}"))
}

/// Says what it was told to, one reply a call, and keeps what it was asked.
#[derive(Default)]
pub(super) struct Scripted {
    pub(super) replies: Mutex<VecDeque<Result<Vec<u8>, Fault>>>,
    pub(super) asked: Mutex<Vec<(Option<TenantId>, &'static str, Value)>>,
}

impl Scripted {
    pub(super) fn says(&self, reply: &Value) {
        self.replies.lock().expect("a lock").push_back(Ok(reply.to_string().into_bytes()));
    }

    pub(super) fn fails(&self, fault: Fault) {
        self.replies.lock().expect("a lock").push_back(Err(fault));
    }
}

impl Transport for Scripted {
    fn manifest(&self) -> &[u8] {
        b""
    }

    fn call<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>> {
        let request = serde_json::from_slice(&request).expect("JSON");
        self.asked.lock().expect("a lock").push((tenant.cloned(), method, request));
        let reply = self.replies.lock().expect("a lock").pop_front().expect("nobody is asked more than that");
        Box::pin(async { reply })
    }

    fn health(&self) -> Health {
        Health::Ok
    }

    fn rest(&self) -> BoxFut<'_, ()> {
        Box::pin(async {})
    }
}

/// A clock that is moved; randomness that is none.
#[derive(Default)]
pub(super) struct Moved(AtomicU64);

impl Moved {
    pub(super) fn advance(&self, secs: u64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }
}

impl World for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_700_000_000 + i64::try_from(self.0.load(Ordering::SeqCst)).expect("a time"))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        buffer.fill(7);
        Ok(())
    }
}

/// A host in memory.
pub(super) async fn host(outgoing: &OutgoingConfig) -> (Common, Arc<Moved>, Arc<Outgoing>) {
    let world = Arc::new(Moved::default());
    let outgoing = Arc::new(Outgoing::new(outgoing).expect("networks"));
    let config = PoolConfig { threads: 1, ..PoolConfig::default() };
    let opening = Opening { data: None, may_create: true };
    let keyring = Keyring::open(&KeysConfig::default(), opening, &*world).await;
    let common = Common {
        world: world.clone(),
        store: store::open(&StoreUrl::Memory, Access::Host).await.expect("a store"),
        pool: Arc::new(Pool::start(&config, world.clone()).expect("threads")),
        offered: Offered::default(),
        outgoing: outgoing.clone(),
        keyring: Arc::new(keyring.expect("in memory")),
    };
    (common, world, outgoing)
}

/// Those of `knock`.
pub(super) fn refusals(common: &Common) -> Arc<Refusals> {
    refusals_of("knock", common)
}

/// Those of this plugin.
pub(super) fn refusals_of(plugin: &str, common: &Common) -> Arc<Refusals> {
    Refusals::new(plugin, common.store.clone(), common.world.clone())
}

/// What the audit log of a tenant says of a plugin: target and outcome.
pub(super) async fn audited(store: &Arc<dyn Store>, tenant: &TenantId, plugin: &str) -> Vec<String> {
    let lines = store.audit_from(tenant, 0, 100).await.expect("an audit log");
    let told = |event: gatewright_core::audit::Event| {
        assert_eq!((event.kind.as_str(), event.authenticator.as_deref()), ("plugin.refused", Some(plugin)));
        format!("{} {}", event.target.unwrap_or_default(), event.outcome)
    };
    lines.into_iter().map(|logged| told(logged.event)).collect()
}
