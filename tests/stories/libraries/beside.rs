//! People who log in with their passwords while something else goes on.

use kit::{Kit, PASSWORD};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};
use tokio::task::JoinSet;

/// How many logins there are.
pub(super) const LOGINS: usize = 200;
/// People, each of whom logs in as often as the others.
const PEOPLE: usize = 8;

/// People with passwords.
pub(super) struct Crowd {
    kit: Arc<Kit>,
    over: Arc<AtomicBool>,
}

impl Crowd {
    /// They have no logins behind them.
    pub(super) async fn new(kit: &Arc<Kit>) -> Self {
        for n in 0..PEOPLE {
            kit.person(&format!("bob{n}")).await;
        }
        Self { kit: kit.clone(), over: Arc::default() }
    }

    /// Becomes true when all have had their logins.
    pub(super) fn over(&self) -> Arc<AtomicBool> {
        self.over.clone()
    }

    /// All their logins; how many succeeded.
    pub(super) async fn logins(self) -> usize {
        let mut all = JoinSet::new();
        for n in 0..PEOPLE {
            let kit = self.kit.clone();
            all.spawn(async move {
                let mut succeeded = 0;
                for _ in 0..LOGINS / PEOPLE {
                    succeeded += usize::from(login(&kit, &format!("bob{n}")).await);
                }
                succeeded
            });
        }
        let succeeded = all.join_all().await.into_iter().sum();
        self.over.store(true, SeqCst);
        succeeded
    }
}

async fn login(kit: &Kit, username: &str) -> bool {
    let begun = kit.post("/auth/v1/login", &json!({"username": username})).await;
    let Some(transaction) = begun.json()["transaction"].as_str().map(str::to_owned) else { return false };
    let done = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await;
    done.status.as_u16() == 200 && done.json()["access_token"].is_string()
}
