#![allow(clippy::unwrap_used)]

mod enrolment;
mod login;
mod pictures;
mod settings;
mod vectors;

use crate::{Algorithm, Config, Credential, Totp};
use gatewright_contract::{
    Authenticator as _, BoxFut, Call, CredentialId, Fault, Held, HostServices, LogLevel, PersonId,
    PersonView, Purpose, Scope, Secret, TenantId, Timestamp, TransactionId, Versioned,
};
use serde_json::Value;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

/// Noon of 2026-03-01 UTC, the beginning of a step of 30 s and of one of 60 s.
const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_secs(NOON.as_secs() + seconds)
}

/// A host whose random bytes count up, and that has nothing else.
#[derive(Default)]
struct Desk(AtomicU8);

impl HostServices for Desk {
    fn now(&self) -> Timestamp {
        NOON
    }
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
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

fn made(config: Config) -> Totp {
    Totp::new(config, Arc::new(Desk::default())).unwrap()
}

fn scope(now: Timestamp) -> Scope {
    Scope {
        tenant: TenantId::default_tenant(),
        transaction: TransactionId::from_parts(now, [1; 10]),
        purpose: Purpose::Login,
        now,
        person: Some(PersonView {
            id: PersonId::from_parts(now, [2; 10]),
            username: "anna@example.com".to_owned(),
            display_name: None,
            email: None,
        }),
        context: Value::Null,
        locale: None,
        address: None,
        peer_certificates: Vec::new(),
    }
}

fn credential(secret: &[u8], algorithm: Algorithm, digits: u8) -> Credential {
    Credential { secret: Secret::new(secret.to_vec()), algorithm, digits, period_seconds: 30, last_step: 0 }
}

fn held(n: u8, doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOON, [n; 10]), label: None, created: NOON, last_used: None, doc }
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Credential>], body: B) -> Call<'a, B, Credential> {
    Call { scope, credentials, body }
}
