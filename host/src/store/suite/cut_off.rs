//! A node whose way to the database is cut without a word: packets vanish and nobody says so.

use super::sample::Sample;
use crate::store::{Access, DatabaseConfig, StoreUrl, open};
use gatewright_core::store::{StoreError, Write};
use gatewright_test_postgres::database;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// A way to the server that can be cut.
struct Way {
    port: u16,
    open: watch::Sender<bool>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("an address").port();
        let (open, opened) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&server).await.expect("connects");
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, opened.clone()));
                tokio::spawn(carry(far_in, near_out, opened.clone()));
            }
        });
        Self { port, open }
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut open: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if open.wait_for(|open| *open).await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_lets_nobody_in_for_long_and_comes_back() {
    let database = database();
    let (before, after) = database
        .tcp_url()
        .split_once("127.0.0.1:")
        .map(|(b, a)| (b.to_owned(), a.to_owned()))
        .expect("over TCP");
    let (port, name) = after.split_once('/').expect("a database");
    let way = Way::to(format!("127.0.0.1:{port}")).await;
    let url: StoreUrl =
        format!("{before}127.0.0.1:{}/{name}?sslmode=disable", way.port).parse().expect("an address");
    let short =
        DatabaseConfig { acquire_timeout_ms: 300, statement_timeout_ms: 300, ..DatabaseConfig::default() };
    let node = open(&url.with(short), Access::Host).await.expect("opens");
    let direct = open(&database.url().parse().expect("an address"), Access::Command).await.expect("opens");
    let s = Sample::new(direct);
    let here = Sample { store: node, ..s.clone() };
    let on = s.logged_in().await;
    assert!(here.has_token(&on.access).await && here.has_session(&on.session).await);

    way.open.send(false).expect("is cut");
    s.put(vec![Write::SessionDelete(on.session.id)]).await;
    let revoked = Instant::now();
    // As long as it remembers it lets in, and then it can't tell. It may have forgotten one of them before the other.
    loop {
        let asked = revoked.elapsed();
        let lets_in = here.store.session(on.session.id).await.is_ok();
        assert!(!lets_in || asked < Duration::from_secs(1), "still let in");
        let asked = revoked.elapsed();
        let knows = here.store.token(&on.access.hash).await.is_ok();
        assert!(!knows || asked < Duration::from_secs(1), "still let in");
        if !lets_in && !knows {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..2 {
        let asked = Instant::now();
        let found = here.store.session(on.session.id).await;
        assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
        let refused = here.commit(vec![Write::Audit(s.event("test.happened"))]).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    }

    way.open.send(true).expect("is mended");
    let mended = Instant::now();
    while here.store.ping().await.is_err() {
        assert!(mended.elapsed() < Duration::from_secs(5), "does not come back");
    }
    assert!(!here.has_token(&on.access).await && !here.has_session(&on.session).await);
    here.put(vec![Write::Audit(s.event("test.back"))]).await;
    here.store.close().await;
}
