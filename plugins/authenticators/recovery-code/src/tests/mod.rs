#![allow(clippy::unwrap_used)]

mod codes;
mod list;
mod settings;

use crate::{Answer, Config, Credential, RecoveryCode, Reveal};
use gatewright_contract::{
    Authenticator as _, BoxFut, Call, CredentialId, Enrol as _, Enrolment, Fault, Held, HostServices,
    LogLevel, Nothing, Purpose, Scope, Secret, TenantId, Timestamp, TransactionId, Verdict, Versioned,
};
use serde_json::Value;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

/// A host whose randomness is a fixed sequence (SplitMix64), and that has nothing else.
#[derive(Default)]
struct Desk(AtomicU64);

impl HostServices for Desk {
    fn now(&self) -> Timestamp {
        NOW
    }
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        for byte in buffer {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z >> 56) as u8;
        }
        Ok(())
    }
    fn log(&self, _: LogLevel, _: &str) {}
    fn kv_get<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async { Ok(None) })
    }
    fn kv_cas<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
        _: Option<u64>,
        _: &'a [u8],
        _: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        Box::pin(async { Err(Fault::unavailable("kv")) })
    }
    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        work();
        Box::pin(async { Ok(()) })
    }
    fn call<'a>(&'a self, method: &'a str, _: Value) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async move { Err(Fault::bad_request("", method)) })
    }
}

/// The result of a future that waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("waits for something"),
    }
}

fn made(config: Config) -> RecoveryCode {
    RecoveryCode::new(config, Arc::new(Desk::default())).unwrap()
}

fn scope() -> Scope {
    Scope {
        tenant: TenantId::default_tenant(),
        transaction: TransactionId::from_parts(NOW, [1; 10]),
        purpose: Purpose::Login,
        now: NOW,
        person: None,
        context: Value::Null,
        locale: None,
        address: None,
        peer_certificates: Vec::new(),
    }
}

fn held(doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOW, [1; 10]), label: None, created: NOW, last_used: None, doc }
}

fn enrol(plugin: &RecoveryCode) -> (Credential, Reveal) {
    let call = Call { scope: &scope(), credentials: &[], body: (Nothing {}, Nothing {}) };
    match ready(plugin.enrol(call)).unwrap() {
        Enrolment::Enrolled { credential, reveal, .. } => (credential, reveal),
        Enrolment::Rejected(violations) => panic!("{violations:?}"),
    }
}

fn judge(
    plugin: &RecoveryCode,
    doc: Option<&Credential>,
    code: &str,
) -> Verdict<Nothing, Nothing, Credential> {
    let credentials: Vec<_> = doc.into_iter().cloned().map(held).collect();
    let answer = Answer { code: Secret::new(code.to_owned()) };
    let call = Call { scope: &scope(), credentials: &credentials, body: (Nothing {}, answer) };
    ready(plugin.verify(call)).unwrap()
}
