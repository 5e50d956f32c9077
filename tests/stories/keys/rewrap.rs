//! Another key-encryption key while the host serves.

use super::{by, default_tenant, keyring_text, origin, targets};
use gatewright::{App, background};
use gatewright_contract::TenantId;
use gatewright_core::{Tenant, seal::Sealer, store::Write};
use kit::{Kit, Store};
use std::{sync::Arc, time::Duration};

async fn tenant(kit: &Kit, name: &str) -> TenantId {
    let id = TenantId::parse(name).unwrap();
    let tenant = Tenant {
        id: id.clone(),
        display_name: name.to_owned(),
        disabled: false,
        created: kit.now(),
        settings: None,
        rev: 1,
    };
    kit.app.engine.store().commit(vec![Write::TenantInsert(tenant)]).await.unwrap();
    id
}

fn keks(app: &App) -> usize {
    app.sealer.keks().1.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_while_every_data_key_is_wrapped_anew() {
    let kit = Arc::new(Kit::sqlite().await);
    kit.person("ann").await;
    let mut tenants = vec![default_tenant()];
    for number in 0..5 {
        tenants.push(tenant(&kit, &format!("tenant-{number}")).await);
    }
    let logins = tokio::spawn({
        let kit = kit.clone();
        async move {
            for _ in 0..10 {
                kit.app.sealer.forget_all();
                kit.login("ann").await;
            }
        }
    });
    let before = keyring_text(&kit);
    let origin = origin();
    for round in 0..3 {
        let beside = kit.beside().await;
        for tenant in &tenants {
            // Another host makes a tenant's first key while the rewrapping is under way.
            kit.app.sealer.seal(tenant, "place", b"").await.unwrap();
        }
        let new = beside.sealer.new_kek(&by(&origin)).await.unwrap();
        for tenant in &tenants {
            assert_eq!(beside.sealer.rewrap(tenant, &by(&origin)).await.unwrap(), 1, "round {round}");
            assert_eq!(beside.sealer.rewrap(tenant, &by(&origin)).await.unwrap(), 0, "once is enough");
        }
        assert_eq!(beside.sealer.remove_unused(&by(&origin)).await.unwrap().len(), 1);
        assert_eq!((keks(&beside), beside.sealer.keks().1[0].id), (1, new));
        background::shut_down(&beside).await;
    }
    logins.await.unwrap();
    kit.app.sealer.forget_all();
    kit.login("ann").await;
    assert_ne!(before, keyring_text(&kit));
    let (made, removed) = (targets(&kit, "key.made").await, targets(&kit, "key.removed").await);
    assert_eq!((made.len(), removed.len(), targets(&kit, "key.rewrapped").await.len()), (3, 3, 3));
    assert!(made[0].starts_with("key-encryption-key:"), "{made:?}");
}

/// Starts anew on the data, and everything that was sealed opens.
async fn opens(kit: Kit, tenants: &[TenantId], sealed: &[Vec<u8>], seed: u64) -> Kit {
    let kit = Kit::with(Store::Sqlite).folder(kit.stop().await).seed(seed).start().await;
    for (tenant, sealed) in tenants.iter().zip(sealed) {
        assert_eq!(kit.app.sealer.open(tenant, "place", sealed).await.unwrap(), b"secret");
    }
    kit
}

#[tokio::test]
async fn who_is_interrupted_between_two_steps_loses_nothing() {
    let mut kit = Kit::sqlite().await;
    let tenants = [default_tenant(), tenant(&kit, "one").await, tenant(&kit, "two").await];
    let mut sealed = Vec::new();
    for tenant in &tenants {
        sealed.push(kit.app.sealer.seal(tenant, "place", b"secret").await.unwrap());
    }
    let origin = origin();
    let by = by(&origin);
    kit.app.sealer.new_kek(&by).await.unwrap();
    // A crash while the file was written leaves this behind.
    std::fs::write(kit.folder.path().join("keyring.json.new"), "{\"version\": 2, \"cur").unwrap();
    kit = opens(kit, &tenants, &sealed, 20).await;
    assert_eq!(keks(&kit.app), 2);
    for (step, tenant) in tenants.iter().enumerate() {
        assert_eq!(kit.app.sealer.rewrap(tenant, &by).await.unwrap(), 1);
        kit = opens(kit, &tenants, &sealed, 21 + step as u64).await;
        // Nothing that still wraps goes, however early somebody asks.
        let removed = kit.app.sealer.remove_unused(&by).await.unwrap().len();
        assert_eq!(removed, usize::from(step == tenants.len() - 1));
    }
    // Begun anew after one was made for nothing.
    kit.app.sealer.new_kek(&by).await.unwrap();
    kit.app.sealer.new_kek(&by).await.unwrap();
    assert_eq!(kit.app.sealer.remove_unused(&by).await.unwrap().len(), 1, "never used");
    for tenant in &tenants {
        kit.app.sealer.rewrap(tenant, &by).await.unwrap();
    }
    assert_eq!(kit.app.sealer.remove_unused(&by).await.unwrap().len(), 1);
    kit = opens(kit, &tenants, &sealed, 30).await;
    assert_eq!(keks(&kit.app), 1);
}

#[tokio::test]
async fn nobody_removes_a_key_while_somebody_wraps_under_it() {
    let kit = Arc::new(Kit::sqlite().await);
    let origin = origin();
    let mut made = Vec::new();
    for number in 0..20 {
        let name = tenant(&kit, &format!("tenant-{number}")).await;
        let beside = kit.beside().await;
        // A new tenant's first key, wrapped under what this host takes for current, and a rewrapping at once.
        let (sealed, ()) = tokio::join!(kit.app.sealer.seal(&name, "place", b"secret"), async {
            beside.sealer.new_kek(&by(&origin)).await.unwrap();
            for tenant in beside.sealer.all_tenants().await.unwrap() {
                beside.sealer.rewrap(&tenant, &by(&origin)).await.unwrap();
            }
            beside.sealer.remove_unused(&by(&origin)).await.unwrap();
        });
        made.push((name, sealed.unwrap()));
        background::shut_down(&beside).await;
    }
    let beside = kit.beside().await;
    for (name, sealed) in &made {
        assert_eq!(beside.sealer.open(name, "place", sealed).await.unwrap(), b"secret");
    }
    background::shut_down(&beside).await;
}

#[tokio::test]
async fn a_key_that_is_given_from_outside_is_not_made_here() {
    let kek = data_encoding::BASE64.encode(b"thirty-two bytes, as it is wanted");
    assert!(Kit::with(Store::Sqlite).env("GATEWRIGHT_KEK", &kek).try_start().await.is_err(), "33 bytes");
    let kek = data_encoding::BASE64.encode(b"thirty-two bytes, as is is wanted".get(1..).unwrap());
    let kit = Kit::with(Store::Sqlite).env("GATEWRIGHT_KEK", &kek).start().await;
    kit.advance(Duration::from_secs(1));
    let origin = origin();
    let said = kit.app.sealer.new_kek(&by(&origin)).await.unwrap_err().to_string();
    assert!(said.contains("keys.kek_previous") && said.contains("keys rewrap"), "{said}");
    assert!(kit.app.sealer.remove_unused(&by(&origin)).await.unwrap().is_empty());
}
