//! Hearing what other nodes have made stale, on a connection of its own.
//!
//! An entry of the cache is believed only for [`TRUST`] after it was proven that nothing was missed: by an answer
//! over the connection that listens, or by forgetting everything. So a node that is cut off, or a server that
//! can't tell anything (no LISTEN at all), makes entries live shorter and never wrong for longer.

use super::Postgres;
use crate::store::{
    cache::{Caches, News, Node, read},
    sql::statement::{Statement, args},
};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
};
use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use tokio::time::{sleep_until, timeout};

/// The one channel.
pub(super) const CHANNEL: &str = "gatewright";
/// How often the connection is asked whether it lives, and everything is forgotten where there is none.
const EVERY: Duration = Duration::from_millis(400);
/// How long it may take to answer.
const WITHIN: Duration = Duration::from_millis(450);
/// How long entries are believed after the last proof began.
const TRUST: Duration = Duration::from_millis(900);

/// What is told to the others when these writes are committed.
pub(super) fn notify(text: String) -> Statement {
    Statement::any("SELECT pg_notify($1, $2)", args![CHANNEL, text])
}

/// Listens as long as the caches are there and the store is open.
pub(in crate::store) struct Ear {
    pub(super) node: Node,
    pub(super) options: PgConnectOptions,
    pub(super) store: Postgres,
    /// Whether the server knows LISTEN and NOTIFY.
    pub(super) notifies: bool,
    pub(super) caches: Weak<Caches>,
}

impl Ear {
    /// Ends when nobody needs it any more.
    pub(super) async fn listen(self) {
        while let Some(caches) = self.caches() {
            let begun = Instant::now();
            caches.forget_all();
            caches.trust_until(begun + TRUST);
            drop(caches);
            if self.notifies
                && let Some(listener) = self.connected().await
            {
                self.hear(listener).await;
            }
            sleep_until((begun + EVERY).into()).await;
        }
    }

    fn caches(&self) -> Option<Arc<Caches>> {
        if self.store.connections.is_closed() { None } else { self.caches.upgrade() }
    }

    /// A connection over which a word of our own has arrived.
    async fn connected(&self) -> Option<PgListener> {
        // A pool for each, since one that hangs keeps its place.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WITHIN)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(self.options.clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            listener.ignore_pool_close_event(true);
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        let mut listener = timeout(WITHIN, listening).await.ok()?.ok()?;
        let word = notify(self.node.0.simple().to_string());
        self.store.connections.rows(&word).await.ok()?;
        let arrived = async {
            while let Ok(Some(heard)) = listener.try_recv().await {
                if read(heard.payload()).0 == Some(self.node) {
                    return true;
                }
            }
            false
        };
        timeout(WITHIN, arrived).await.ok()?.then_some(listener)
    }

    /// Forgets what is heard, until the connection is gone.
    async fn hear(&self, mut listener: PgListener) {
        tracing::debug!("hears what other nodes revoke");
        // What was told before.
        if let Some(caches) = self.caches() {
            caches.forget_all();
        }
        let mut next = Instant::now();
        let mut closed = std::pin::pin!(self.store.connections.closed());
        loop {
            tokio::select! {
                () = &mut closed => break,
                heard = listener.try_recv() => match heard {
                    Ok(Some(heard)) => self.forget(&heard),
                    Ok(None) | Err(_) => break,
                },
                () = sleep_until(next.into()) => {
                    next = Instant::now() + EVERY;
                    if !self.lives(&mut listener).await {
                        break;
                    }
                }
            }
        }
    }

    /// Whether the connection still answers. What was told before this was asked has arrived when it does.
    async fn lives(&self, listener: &mut PgListener) -> bool {
        let asked = Instant::now();
        let answered = timeout(WITHIN, listener.execute("SELECT 1")).await;
        while let Some(heard) = listener.next_buffered() {
            self.forget(&heard);
        }
        let Some(caches) = self.caches() else { return false };
        let lives = matches!(answered, Ok(Ok(_)));
        if lives {
            caches.trust_until(asked + TRUST);
        } else {
            tracing::warn!("no longer hears what other nodes revoke; asks the database more often meanwhile");
        }
        lives
    }

    fn forget(&self, heard: &PgNotification) {
        let Some(caches) = self.caches() else { return };
        match read(heard.payload()) {
            (Some(node), _) if node == self.node => {}
            (_, News::Stale(touched)) => caches.forget(&touched),
            (_, News::Everything) => caches.forget_all(),
        }
    }
}
