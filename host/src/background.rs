//! What happens without a request: what has expired goes, keys grow old, the audit log is sealed and shortened, and
//! the plugins are asked how they are.

use crate::{app::App, audit, logouts};
use gatewright_plugin::Health;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time};

const EXPIRE_EVERY: Duration = Duration::from_secs(60);
const EXPIRE_AT_ONCE: u32 = 1_000;
const SIGNING_EVERY: Duration = Duration::from_secs(30);
const DATA_KEYS_EVERY: Duration = Duration::from_secs(3_600);
const SEND_EVERY: Duration = Duration::from_secs(1);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
const SEAL_EVERY: Duration = Duration::from_secs(60);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);
const GENERATIONS_EVERY: Duration = Duration::from_secs(1);
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
    app.outbox.clone().keep(&stop);
    let led: [(Duration, Work); 9] = [
        (EXPIRE_EVERY, |app| Box::pin(expire(app))),
        (SEND_EVERY, |app| Box::pin(send(app))),
        (SEND_EVERY, |app| Box::pin(async { app.outbox.ring() })),
        (SEND_EVERY, |app| Box::pin(logouts::round(&app.provider))),
        (SWEEP_EVERY, |app| Box::pin(app.webhooks.sweep())),
        (SIGNING_EVERY, |app| Box::pin(move_signing_keys(app))),
        (DATA_KEYS_EVERY, |app| Box::pin(renew_data_keys(app))),
        (SEAL_EVERY, |app| Box::pin(audit::seal(app))),
        (PRUNE_EVERY, |app| Box::pin(audit::prune(app))),
    ];
    for (period, task) in led {
        tokio::spawn(every(period, stop.clone(), app.clone(), task, true));
    }
    let old: Work = |app| Box::pin(forget_generations(app));
    tokio::spawn(every(GENERATIONS_EVERY, stop.clone(), app.clone(), old, false));
    tokio::spawn(every(HEALTH_EVERY, stop.clone(), app.clone(), |app| Box::pin(ask_health(app)), false));
    tokio::spawn(keep_ready(app.clone(), stop));
}

type Work = fn(&App) -> Task<'_>;
type Task<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Does it each time; `led`: where this node leads, and no longer than it does.
async fn every(period: Duration, mut stop: watch::Receiver<bool>, app: Arc<App>, task: Work, led: bool) {
    let mut tick = time::interval(period);
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = tick.tick() => match led {
                true => where_led(&app, task(&app)).await,
                false => task(&app).await,
            },
        }
    }
}

async fn where_led(app: &App, task: Task<'_>) {
    // At the start nobody may have asked yet.
    if app.leader.holds() || app.leader.renew().await {
        app.leader.within(task).await;
    }
}

/// Begins what is due to the webhooks; what is under way goes on by itself.
async fn send(app: &App) {
    drop(app.webhooks.begin().await);
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

/// One round over the signing keys: successors are announced and put in place, retired keys go. Of several hosts
/// that do it at the same time one changes a key.
pub async fn move_signing_keys(app: &App) {
    if let Err(error) = app.signer.round().await {
        tracing::warn!(%error, "could not look after the signing keys");
    }
}

/// One round over the data keys: those that are too old get a successor.
pub async fn renew_data_keys(app: &App) {
    match app.sealer.rotate_old().await {
        Ok(0) => {}
        Ok(made) => tracing::info!(made, "data keys were too old and have successors"),
        Err(error) => tracing::warn!(%error, "could not look after the data keys"),
    }
}

/// Versions of plugins that have been replaced, and that nobody can answer any more.
pub async fn forget_generations(app: &App) {
    app.generations.round(&|plugin, generation| app.engine.forget(plugin, Some(generation))).await;
}

/// One round: all plugins are asked how they are.
pub async fn ask_health(app: &App) {
    for started in &app.plugins.0 {
        let health = match time::timeout(HEALTH_WITHIN, started.plugin.health()).await {
            Ok(health) => health,
            Err(_) => Health::Degraded("did not say how it is within a second".to_owned()),
        };
        let version = started.plugin.version();
        app.health.set(started.id, version.as_deref().unwrap_or(&started.version), health);
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
    // Also here: the task that keeps it may not have come to it.
    app.leader.release().await;
    app.engine.store().close().await;
}
