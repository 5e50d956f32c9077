//! More people want to log in than the machine can hash passwords for. The others notice nothing, and who is refused
//! learns it at once.

use kit::{Call, Kit, Login, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::{
    sync::{Arc, mpsc},
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle};

/// A server of which the only hashing thread is busy until it is released.
struct Busy {
    kit: Arc<Kit>,
    token: String,
    release: mpsc::Sender<()>,
}

impl Busy {
    /// A hash before it has taken so long.
    async fn after(took: Duration, pool: &str) -> Self {
        let config = format!("[pool]\nthreads = 1\n{pool}[login.block_config]\nuser_attempts_limit = 1\n");
        let kit = Arc::new(Kit::with(Store::Memory).config(&config).start().await);
        kit.person("ada").await;
        let token = kit.login("ada").await.access_token;
        let world = kit.world.clone();
        kit.app.pool.run(Box::new(move || world.advance(took))).await.unwrap();
        let (release, blocked) = mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let gate = Box::new(move || {
            let _ = started.send(());
            let _ = blocked.recv();
        });
        let pool = kit.app.pool.clone();
        tokio::spawn(async move { pool.run(gate).await });
        has_started.await.unwrap();
        Self { kit, token, release }
    }

    /// Somebody who waits in the queue.
    async fn wait(&self) -> JoinHandle<Reply> {
        let (kit, before) = (self.kit.clone(), self.kit.app.pool.waiting());
        let transaction = kit.begin("ada").await;
        let task = tokio::spawn(async move { kit.send(answer(&transaction)).await });
        while self.kit.app.pool.waiting() == before {
            tokio::task::yield_now().await;
        }
        task
    }

    /// Somebody who is refused at once; nobody moves the clock or releases the thread.
    async fn refused(&self) -> Reply {
        let transaction = self.kit.begin("ada").await;
        let refused = self.kit.send(answer(&transaction)).await.expect(503);
        assert_eq!(refused.str("code"), "unavailable");
        refused
    }
}

fn answer(transaction: &str) -> Call {
    let answer = json!({"transaction": transaction, "answer": {"password": PASSWORD}});
    Call::post("/auth/v1/login/password").json(&answer)
}

fn seconds(reply: &Reply) -> u64 {
    reply.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_is_logged_in_and_who_watches_notice_nothing() {
    let busy = Busy::after(Duration::ZERO, "").await;
    let waits = busy.wait().await;
    busy.kit.app.health.set_not_ready(None);
    for _ in 0..20 {
        let me = busy.kit.get_as(&busy.token, "/auth/v1/me").await.expect(200);
        assert_eq!(me.json()["username"], "ada");
        busy.kit.get("/healthz").await.expect(200);
        busy.kit.get("/readyz").await.expect(200);
    }
    assert!(!waits.is_finished());
    busy.release.send(()).unwrap();
    Login::of(&waits.await.unwrap());
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_at_every_door_and_counts_no_failure() {
    let busy = Busy::after(Duration::ZERO, "queue = 1\n").await;
    let waits = busy.wait().await;
    assert_eq!(seconds(&busy.refused().await), 1);
    let idaas = json!({"applicationId": "default", "userId": "bob"});
    let path = "/api/web/v2/authentication/users/authenticate/PASSWORD";
    let begun = busy.kit.post(path, &idaas).await.expect(200);
    let call = Call::post("/api/web/v1/authentication/users/authenticate/PASSWORD/complete")
        .header("authorization", &begun.str("token"))
        .json(&json!({"applicationId": "default", "response": PASSWORD}));
    let refused: Value = busy.kit.send(call).await.expect(503).json();
    assert_eq!(refused["errorCode"], "unavailable");

    busy.release.send(()).unwrap();
    Login::of(&waits.await.unwrap());
    // One wrong answer would have been a block.
    busy.kit.login("ada").await;
}

#[tokio::test]
async fn who_would_wait_too_long_is_refused_although_there_is_room() {
    let busy = Busy::after(Duration::from_secs(12), "expected_wait_ms = 1000\n").await;
    let waits = busy.wait().await;
    let wait = seconds(&busy.refused().await);
    assert!((2..=13).contains(&wait), "{wait}");
    busy.release.send(()).unwrap();
    Login::of(&waits.await.unwrap());
}

#[tokio::test]
async fn who_hangs_up_leaves_the_queue_and_costs_nothing() {
    let busy = Busy::after(Duration::ZERO, "queue = 1\n").await;
    let gone = busy.wait().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    let transaction = busy.kit.begin("bob").await;
    let kit = busy.kit.clone();
    let next = tokio::spawn(async move { kit.send(answer(&transaction)).await });
    busy.release.send(()).unwrap();
    next.await.unwrap().expect(401);
}
