use super::Leader;
use crate::{
    SystemWorld,
    store::{Access, open},
};
use gatewright_core::store::Store;
use gatewright_test_postgres::{Server, database};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

const LEASE: Duration = Duration::from_millis(1_500);

async fn node(url: &str) -> Arc<dyn Store> {
    open(&url.parse().expect("an address"), Access::Host).await.expect("opens")
}

fn leader(store: &Arc<dyn Store>) -> Leader {
    Leader::new("tidying", store.clone(), &SystemWorld::default()).expect("randomness").lasting(LEASE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_nodes_leads_and_the_other_follows_within_the_lease() {
    let database = database();
    let (a, b) = (node(&database.url()).await, node(&database.url()).await);
    let (one, two) = (leader(&a), leader(&b));
    assert!(one.renew().await && !two.renew().await);
    assert!(one.renew().await && one.holds() && !two.holds());
    let other = Leader::new("sending", b.clone(), &SystemWorld::default()).expect("randomness");
    assert!(other.renew().await, "another task is another lease");

    // Released, it is free at once.
    one.release().await;
    assert!(!one.holds() && two.renew().await && !one.renew().await);

    // The node is gone without a word.
    b.close().await;
    drop((two, other));
    let gone = Instant::now();
    while !one.renew().await {
        assert!(gone.elapsed() < LEASE + Duration::from_secs(1), "nobody leads");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    a.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_can_not_renew_stops_before_the_lease_runs_out() {
    let server = Server::start();
    let database = server.database();
    let store = node(&database.url()).await;
    let leader = leader(&store);
    let begun = Instant::now();
    assert!(leader.renew().await);
    server.stop();
    // Work that would never end is broken off.
    assert_eq!(leader.within(std::future::pending::<()>()).await, None);
    let worked = begun.elapsed();
    assert!(worked > LEASE / 2 && worked < LEASE, "{worked:?}");
    assert!(!leader.holds() && !leader.renew().await);
    assert_eq!(leader.within(async { 1 }).await, None);
    server.start_again();
    assert!(leader.renew().await && leader.within(async { 1 }).await == Some(1));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_in_order_leaves_the_lease() {
    let database = database();
    let (a, b) = (node(&database.url()).await, node(&database.url()).await);
    let (one, two) = (Arc::new(leader(&a)), leader(&b));
    let (stop, stopped) = watch::channel(false);
    let keeping = tokio::spawn({
        let one = one.clone();
        async move { one.keep(stopped).await }
    });
    while !one.holds() {
        tokio::task::yield_now().await;
    }
    assert!(!two.renew().await);
    stop.send(true).expect("is heard");
    keeping.await.expect("ends");
    assert!(two.renew().await);
    a.close().await;
    b.close().await;
}

#[tokio::test]
async fn one_process_always_leads() {
    let store = open(&crate::store::StoreUrl::Memory, Access::Host).await.expect("opens");
    let leader = leader(&store);
    assert!(!leader.holds() && leader.renew().await && leader.holds());
}

#[tokio::test]
async fn work_goes_on_for_as_long_as_the_lease_is_renewed() {
    let store = open(&crate::store::StoreUrl::Memory, Access::Host).await.expect("opens");
    let leader = Arc::new(leader(&store));
    assert!(leader.renew().await);
    let (stop, stopped) = watch::channel(false);
    let keeping = tokio::spawn({
        let leader = leader.clone();
        async move { leader.keep(stopped).await }
    });
    // Longer than one lease.
    let work = async {
        tokio::time::sleep(LEASE * 2).await;
        1
    };
    assert_eq!(leader.within(work).await, Some(1));
    stop.send(true).expect("is heard");
    keeping.await.expect("ends");
}
