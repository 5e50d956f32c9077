//! What happens without a request: what has expired goes, and the plugins are asked how they are.

use crate::app::App;
use gatewright_plugin::Health;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time};

const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const EXPIRE_AT_ONCE: u32 = 1_000;
const HEALTH_EVERY: Duration = Duration::from_secs(10);
/// So that a load balancer hears within two seconds that the database is away.
const READY_EVERY: Duration = Duration::from_millis(500);
const READY_WITHIN: Duration = Duration::from_secs(1);
const HEALTH_WITHIN: Duration = Duration::from_secs(1);
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);

/// Starts all; they end with the channel. What changes the store is the leader's, how things are is each node's.
pub fn start(app: &Arc<App>, stop: watch::Receiver<bool>) {
    let (leader, stopped) = (app.leader.clone(), stop.clone());
    tokio::spawn(async move { leader.keep(stopped).await });
    tokio::spawn(every(EXPIRE_EVERY, stop.clone(), app.clone(), |app| Box::pin(expire(app))));
    tokio::spawn(every(HEALTH_EVERY, stop.clone(), app.clone(), |app| Box::pin(ask_health(app))));
    tokio::spawn(keep_ready(app.clone(), stop));
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
    // At the start nobody may have asked yet.
    if !app.leader.holds() && !app.leader.renew().await {
        return;
    }
    loop {
        let some = app.engine.store().expire(app.engine.now(), EXPIRE_AT_ONCE);
        let Some(done) = app.leader.within(some).await else { return };
        match done {
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
}

/// Asks the store whether it answers. Says nothing once told to stop: not ready is what holds then.
async fn keep_ready(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut tick = time::interval(READY_EVERY);
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        let asking = async {
            tick.tick().await;
            time::timeout(READY_WITHIN, app.engine.store().ping()).await
        };
        let answer = tokio::select! {
            biased;
            _ = stop.changed() => return,
            answer = asking => answer,
        };
        app.health.set_not_ready(match answer {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the store does not answer".to_owned()),
        });
    }
}

/// Tells the plugins, last started first, and closes the store.
pub async fn shut_down(app: &App) {
    for started in app.plugins.0.iter().rev() {
        if time::timeout(SHUTDOWN_WITHIN, started.plugin.shutdown()).await.is_err() {
            tracing::warn!(plugin = started.id, "did not end in time");
        }
    }
    // Also here: the task that keeps it may not have come to it.
    app.leader.release().await;
    app.engine.store().close().await;
}
