//! Several hosts on one database.

use super::{by, default_tenant, origin};
use gatewright_core::{
    seal::Sealer,
    signing::{Algorithm, Signer},
};
use kit::{Kit, Store};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_host_replaces_the_other_follows() {
    let one = Kit::postgres().await;
    let two = one.second_node().await;
    let (tenant, origin) = (default_tenant(), origin());
    let by = by(&origin);
    let old = two.app.sealer.seal(&tenant, "place", b"old").await.unwrap();
    one.app.sealer.rotate(&tenant, &by).await.unwrap();
    let new = one.app.sealer.seal(&tenant, "place", b"new").await.unwrap();
    assert_eq!(two.app.sealer.open(&tenant, "place", &new).await.unwrap(), b"new");

    one.app.sealer.new_kek(&by).await.unwrap();
    assert_eq!(one.app.sealer.rewrap(&tenant, &by).await.unwrap(), 2);
    assert_eq!(one.app.sealer.remove_unused(&by).await.unwrap().len(), 1);
    two.app.sealer.forget_all();
    assert_eq!(two.app.sealer.open(&tenant, "place", &old).await.unwrap(), b"old");

    let key = one.app.signer.current(&tenant, Algorithm::EdDsa).await.unwrap();
    assert_eq!(two.app.signer.current(&tenant, Algorithm::EdDsa).await.unwrap().kid(), key.kid());
    assert!(one.app.signer.revoke(&tenant, key.kid(), &by).await.unwrap());
    two.advance(Duration::from_secs(1));
    let published = two.app.signer.public_jwks(&tenant).await.unwrap();
    assert!(!String::from_utf8_lossy(&published.body).contains(key.kid()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_with_another_key_is_told_that_all_need_the_same() {
    let database = gatewright_test_postgres::database();
    let one = Kit::with(Store::Postgres).at(&database.url()).start().await;
    let other = || Kit::with(Store::Postgres).at(&database.url()).seed(8);
    let said = other().try_start().await.err().expect("no keyring").to_string();
    assert!(said.contains("copy it from another host of this database"), "{said}");
    let kek = data_encoding::BASE64.encode(b"thirty-two bytes, as is is wanted".get(1..).unwrap());
    let said = other().env("GATEWRIGHT_KEK", &kek).try_start().await.err().expect("another key").to_string();
    assert!(said.contains("all hosts of one database must have the same"), "{said}");
    one.stop().await;
}
