//! Data keys: replaced while the host runs, on this host and on others.

use super::{by, default_tenant, origin, targets};
use gatewright::background;
use gatewright_contract::TenantId;
use gatewright_core::{
    seal::Sealer,
    signing::{Algorithm, Signer},
};
use kit::{Kit, Store};
use std::time::Duration;

#[tokio::test]
async fn what_another_program_seals_under_a_new_key_opens_at_once() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let (tenant, origin) = (default_tenant(), origin());
        let old = kit.app.sealer.seal(&tenant, "place", b"old").await.unwrap();
        if store == Store::Sqlite {
            let beside = kit.beside().await;
            assert_eq!(beside.sealer.rotate(&tenant, &by(&origin)).await.unwrap(), Some(2));
            let new = beside.sealer.seal(&tenant, "place", b"new").await.unwrap();
            background::shut_down(&beside).await;
            assert_eq!(kit.app.sealer.open(&tenant, "place", &new).await.unwrap(), b"new");
        } else {
            assert_eq!(kit.app.sealer.rotate(&tenant, &by(&origin)).await.unwrap(), Some(2));
        }
        assert_eq!(kit.app.sealer.open(&tenant, "place", &old).await.unwrap(), b"old");
        assert_eq!(targets(&kit, "key.rotated").await.len(), 1);
    }
}

/// The id of the key in what is sealed.
fn key_of(sealed: &[u8]) -> &[u8] {
    &sealed[1..17]
}

#[tokio::test]
async fn a_host_seals_under_the_key_of_another_after_a_second() {
    let kit = Kit::sqlite().await;
    let (tenant, origin) = (default_tenant(), origin());
    let before = kit.app.sealer.seal(&tenant, "place", b"").await.unwrap();
    let beside = kit.beside().await;
    beside.sealer.rotate(&tenant, &by(&origin)).await.unwrap();
    kit.advance(Duration::from_secs(1));
    let after = kit.app.sealer.seal(&tenant, "place", b"").await.unwrap();
    assert_ne!(key_of(&before), key_of(&after));
    background::shut_down(&beside).await;
}

#[tokio::test]
async fn what_is_moved_to_another_place_does_not_open() {
    let kit = Kit::memory().await;
    let tenant = default_tenant();
    let sealed = kit.app.sealer.seal(&tenant, "credential|1", b"secret").await.unwrap();
    assert!(kit.app.sealer.open(&tenant, "credential|2", &sealed).await.is_err());
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(kit.app.sealer.open(&tenant, "credential|1", &altered).await.is_err(), "byte {at}");
    }
    kit.advance(Duration::from_secs(2));
    assert_eq!(kit.app.sealer.open(&tenant, "credential|1", &sealed).await.unwrap(), b"secret");
}

#[tokio::test]
async fn a_data_key_that_is_too_old_gets_a_successor_and_one_of_two_rotations_makes_it() {
    let kit = Kit::with(Store::Sqlite).config("[keys]\ndata_key_days = 30\n").start().await;
    let tenant = default_tenant();
    let generations = async || kit.app.sealer.data_keys(&tenant).await.unwrap().len();
    background::renew_data_keys(&kit.app).await;
    kit.advance(Duration::from_secs(30 * 86_400 - 1));
    background::renew_data_keys(&kit.app).await;
    assert_eq!(generations().await, 1);
    kit.advance(Duration::from_secs(1));
    let beside = kit.beside().await;
    tokio::join!(background::renew_data_keys(&kit.app), background::renew_data_keys(&beside));
    assert_eq!(generations().await, 2);
    background::shut_down(&beside).await;

    let origin = origin();
    let by = by(&origin);
    let rotations = (0..8).map(|_| kit.app.sealer.rotate(&tenant, &by));
    let mut made = 0;
    for done in futures(rotations).await {
        made += usize::from(done.unwrap().is_some());
    }
    assert!(made >= 1);
    assert_eq!(generations().await, 2 + made, "each that says so has made one");
}

/// All of them at once, in this task.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in all.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
                *done = Some(output);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// `cargo test -p gatewright-tests measured -- --ignored --nocapture`
#[tokio::test]
#[ignore = "measures; run it alone"]
#[allow(clippy::print_stdout, reason = "what was measured is to be seen")]
async fn memory_for_ten_thousand_tenants_is_measured() {
    let kit = Kit::with(Store::Memory).alone().start().await;
    let tenants: Vec<_> = (0..10_000).map(|n| TenantId::parse(&format!("tenant-{n}")).unwrap()).collect();
    let open_all = async || {
        for tenant in &tenants {
            kit.app.sealer.seal(tenant, "place", b"").await.unwrap();
        }
    };
    let sign_all = async || {
        for tenant in &tenants {
            kit.app.signer.sign(tenant, Algorithm::EdDsa, b"").await.unwrap();
        }
    };
    // Everything is made, and forgotten at once.
    for tenant in &tenants {
        kit.app.signer.sign(tenant, Algorithm::EdDsa, b"").await.unwrap();
        kit.app.sealer.forget(tenant);
        kit.app.signer.forget(tenant);
    }
    let none = resident_kib();
    open_all().await;
    let data = resident_kib();
    sign_all().await;
    let signing = resident_kib();
    println!("10 000 tenants: data keys {} KiB, signing keys {} KiB", data - none, signing - data);
    assert!(data - none < 40 * 1024 && signing - data < 100 * 1024, "over 4 KiB or 10 KiB for a tenant");
}
