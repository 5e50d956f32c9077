//! For the unit tests of an authenticator (feature `testing`): a host without a machine, and a future that
//! waits for nothing.

use crate::{
    Asker, BoxFut, Fault, HostServices, Keypad, LogLevel, PersonId, PersonView, Pseudonym, Purpose, Scope,
    Secret, Site, TenantId, Timestamp, TransactionId, Versioned,
};
use serde_json::Value;
use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A host whose clock stands, whose random bytes come again with each run, and that keeps values in memory, of all
/// tenants together and for ever.
pub struct Desk {
    now: Timestamp,
    next: AtomicU64,
    scattered: bool,
    kept: Mutex<HashMap<String, Versioned<Vec<u8>>>>,
}

impl Desk {
    /// Random bytes that count up: 0, 1, 2, …
    pub fn counting(now: Timestamp) -> Self {
        Self { now, next: AtomicU64::new(0), scattered: false, kept: Mutex::default() }
    }

    /// Random bytes that look like some (`SplitMix64`), for tests of distribution.
    pub fn scattered(now: Timestamp) -> Self {
        Self { scattered: true, ..Self::counting(now) }
    }

    fn byte(&self) -> u8 {
        if !self.scattered {
            return self.next.fetch_add(1, Ordering::Relaxed) as u8;
        }
        let mut z = self.next.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 56) as u8
    }
}

impl HostServices for Desk {
    fn secret<'a>(
        &'a self,
        tenant: &'a TenantId,
        purpose: &'a str,
    ) -> BoxFut<'a, Result<Secret<[u8; 64]>, Fault>> {
        let mut bytes = [0; 64];
        for (place, byte) in tenant.as_str().bytes().chain(purpose.bytes()).enumerate() {
            bytes[place % 64] ^= byte;
        }
        Box::pin(std::future::ready(Ok(Secret::new(bytes))))
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        buffer.fill_with(|| self.byte());
        Ok(())
    }

    fn log(&self, _: LogLevel, _: &str) {}

    fn kv_get<'a>(
        &'a self,
        _: &'a TenantId,
        key: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        let found = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        Box::pin(async { Ok(found) })
    }

    fn kv_cas<'a>(
        &'a self,
        _: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        _: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let there = kept.get(key).map(|v| v.rev);
        if there != expect {
            return Box::pin(async { Err(Fault::Conflict) });
        }
        let rev = there.unwrap_or(0) + 1;
        kept.insert(key.to_owned(), Versioned { rev, value: value.to_vec() });
        Box::pin(async move { Ok(rev) })
    }

    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        work();
        Box::pin(async { Ok(()) })
    }

    fn call<'a>(&'a self, method: &'a str, _: Value) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async move { Err(Fault::bad_request("method", method)) })
    }
}

/// The result of a future that waits for nothing.
///
/// # Panics
/// When it waits for something.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("waits for something"),
    }
}

/// A login in the default tenant, of this person.
pub fn scope(now: Timestamp, username: Option<&str>) -> Scope {
    Scope {
        tenant: TenantId::default_tenant(),
        transaction: TransactionId::from_parts(now, [1; 10]),
        purpose: Purpose::Login,
        now,
        person: username.map(|username| PersonView {
            id: PersonId::from_parts(now, [2; 10]),
            username: username.to_owned(),
            display_name: None,
            email: None,
            email_verified: false,
        }),
        context: Value::Null,
        locale: None,
        address: None,
        peer_certificates: Vec::new(),
        first: true,
        site: Site {
            url: "https://id.example.com".to_owned(),
            origins: vec!["https://id.example.com".to_owned()],
            rp_id: "id.example.com".to_owned(),
            name: "Example".to_owned(),
        },
        pseudonym: Pseudonym([7; 32]),
        claimed: username.map(str::to_owned),
        asker: Asker { origin: Some("https://id.example.com".to_owned()), ..Asker::default() },
        keypad: Keypad::default(),
    }
}
