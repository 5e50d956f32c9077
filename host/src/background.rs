//! What happens without a request: what has expired goes, the audit log is sealed and shortened, and the plugins are
//! asked how they are.

use crate::{app::App, audit};
use gatewright_plugin::Health;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time};

const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const EXPIRE_AT_ONCE: u32 = 1_000;
const SEAL_EVERY: Duration = Duration::from_secs(60);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);
const HEALTH_EVERY: Duration = Duration::from_secs(10);
const HEALTH_WITHIN: Duration = Duration::from_secs(1);
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);

/// Starts it all; it ends with the channel.
pub fn start(app: &Arc<App>, stop: watch::Receiver<bool>) {
    tokio::spawn(every(EXPIRE_EVERY, stop.clone(), app.clone(), |app| Box::pin(expire(app))));
    tokio::spawn(every(SEAL_EVERY, stop.clone(), app.clone(), |app| Box::pin(audit::seal(app))));
    tokio::spawn(every(PRUNE_EVERY, stop.clone(), app.clone(), |app| Box::pin(audit::prune(app))));
    tokio::spawn(every(HEALTH_EVERY, stop, app.clone(), |app| Box::pin(ask_health(app))));
}

type Task<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

async fn every(period: Duration, mut stop: watch::Receiver<bool>, app: Arc<App>, task: fn(&App) -> Task<'_>) {
    let mut tick = time::interval(period);
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = tick.tick() => task(&app).await,
        }
    }
}

async fn expire(app: &App) {
    loop {
        match app.engine.store().expire(app.engine.now(), EXPIRE_AT_ONCE).await {
            Ok(gone) if gone >= u64::from(EXPIRE_AT_ONCE) => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => return tracing::warn!(%error, "could not clear away what has expired"),
        }
    }
}

async fn ask_health(app: &App) {
    for started in &app.plugins.0 {
        let health = match time::timeout(HEALTH_WITHIN, started.plugin.health()).await {
            Ok(health) => health,
            Err(_) => Health::Degraded("did not say how it is within a second".to_owned()),
        };
        app.health.set(started.id, started.version, health);
    }
    let ready = time::timeout(HEALTH_WITHIN, app.engine.store().ping()).await;
    app.health.set_not_ready(match ready {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the store does not answer".to_owned()),
    });
}

/// Tells the plugins, last started first, seals where the audit log stands, and closes the store.
pub async fn shut_down(app: &App) {
    for started in app.plugins.0.iter().rev() {
        if time::timeout(SHUTDOWN_WITHIN, started.plugin.shutdown()).await.is_err() {
            tracing::warn!(plugin = started.id, "did not end in time");
        }
    }
    // What a command or the last minute wrote is not left without a checkpoint.
    if time::timeout(SHUTDOWN_WITHIN, audit::seal(app)).await.is_err() {
        tracing::warn!("could not seal where the audit log stands in time");
    }
    app.engine.store().close().await;
}
