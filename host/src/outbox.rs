//! Delivers messages to people: what the outbox of the core holds, by the channels that plugins bring. A task a
//! channel, so that one that is slow or down holds up no other.

use crate::http::Metrics;
use futures_util::{StreamExt, future::join_all, stream};
use gatewright_core::{
    Engine, Problem,
    channel::Undelivered,
    outbox::{Bell, Claimed, Ended},
    store::Record,
};
use prometheus::{IntCounterVec, Opts};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    time,
};

/// Messages under way at the same time by one channel.
const AT_ONCE: usize = 8;
const BATCH: u32 = 64;
/// Less than the lease of a try, so that none is made twice at the same time.
const WITHIN: Duration = Duration::from_secs(45);

/// One bell a channel. A bell that is rung while its channel is at work makes it look once more.
#[derive(Clone)]
pub struct Bells(Arc<BTreeMap<String, Notify>>);

impl Bells {
    /// For these channels.
    pub fn new(channels: impl Iterator<Item = String>) -> Self {
        Self(Arc::new(channels.map(|id| (id, Notify::new())).collect()))
    }

    /// For the engine.
    pub fn bell(&self) -> Bell {
        let bells = self.0.clone();
        Arc::new(move |channel| {
            if let Some(bell) = bells.get(channel) {
                bell.notify_one();
            }
        })
    }
}

/// The sender.
pub struct Outbox {
    engine: Arc<Engine>,
    bells: Bells,
    counts: IntCounterVec,
}

/// What came of one message.
enum Sent {
    Done,
    /// It will be tried again.
    Later,
    /// Somebody else had it.
    Passed,
}

impl Outbox {
    /// On an engine.
    ///
    /// # Errors
    /// When the names of the metrics are taken.
    pub fn new(engine: Arc<Engine>, bells: Bells, metrics: &Metrics) -> Result<Self, prometheus::Error> {
        let counts = IntCounterVec::new(
            Opts::new(
                "gatewright_messages_total",
                "Messages to people: `sent`, `failed` (tried again later), `refused` and `expired` (given up).",
            ),
            &["channel", "result"],
        )?;
        for channel in bells.0.keys() {
            for result in ["sent", "failed", "refused", "expired"] {
                counts.with_label_values(&[channel, result]);
            }
        }
        metrics.register(Box::new(counts.clone()))?;
        Ok(Self { engine, bells, counts })
    }

    /// Starts a task for each channel, which sleeps until its bell is rung, and ends when told to stop.
    pub fn keep(self: Arc<Self>, stop: &watch::Receiver<bool>) {
        for channel in self.bells.0.keys() {
            let (outbox, channel, mut stop) = (self.clone(), channel.clone(), stop.clone());
            tokio::spawn(async move {
                let Some(bell) = outbox.bells.0.get(&channel) else { return };
                loop {
                    tokio::select! {
                        biased;
                        _ = stop.changed() => return,
                        () = bell.notified() => outbox.drain(&channel).await,
                    }
                }
            });
        }
    }

    /// Has every channel look for what is due: what failed, and what another node has left.
    pub fn ring(&self) {
        self.bells.0.values().for_each(Notify::notify_one);
    }

    /// One round: whatever is due by any channel has been tried when it returns.
    pub async fn round(&self) {
        join_all(self.bells.0.keys().map(|channel| self.drain(channel))).await;
    }

    /// Delivers what is due by a channel, until there is nothing left or something fails.
    async fn drain(&self, channel: &str) {
        loop {
            let due = self.engine.due_messages(channel, BATCH).await;
            let Some(due) = noted("reading what is due", due).filter(|due| !due.is_empty()) else { return };
            let mut sending =
                stream::iter(due).map(|record| self.send(channel, record)).buffer_unordered(AT_ONCE);
            let (mut works, mut ours) = (true, false);
            // What is under way is seen to its end: it is claimed.
            while let Some(sent) = sending.next().await {
                works &= !matches!(sent, Sent::Later);
                ours |= matches!(sent, Sent::Done);
            }
            if !works || !ours {
                return;
            }
        }
    }

    async fn send(&self, channel: &str, due: Record) -> Sent {
        let id = due.id;
        let outbound = match noted("claiming a message", self.engine.claim_message(channel, &due).await) {
            Some(Claimed::Ours(outbound)) => outbound,
            Some(Claimed::Over(ended)) => return self.over(channel, ended),
            Some(Claimed::Nobody) => return Sent::Done,
            Some(Claimed::Passed) => return Sent::Passed,
            None => return Sent::Later,
        };
        let within = time::timeout(WITHIN, outbound.channel.deliver(&outbound.parcel)).await;
        let outcome = within.unwrap_or_else(|_| Err(Undelivered::Later("it took too long".to_owned())));
        if let Err(error) = &outcome {
            tracing::warn!(channel, message = %id, %error, "a message was not delivered");
        }
        let settled = self.engine.settle_message(*outbound, &outcome).await;
        match noted("noting what came of a message", settled).flatten() {
            Some(ended) => self.over(channel, ended),
            None => {
                self.counts.with_label_values(&[channel, "failed"]).inc();
                Sent::Later
            }
        }
    }

    fn over(&self, channel: &str, ended: Ended) -> Sent {
        let result = match ended {
            Ended::Sent => "sent",
            Ended::Refused => "refused",
            Ended::Expired => "expired",
        };
        self.counts.with_label_values(&[channel, result]).inc();
        Sent::Done
    }
}

/// What has come, or `None` with a line in the log.
fn noted<T>(doing: &str, result: Result<T, Problem>) -> Option<T> {
    result.map_err(|error| tracing::warn!(%error, cause = ?error.cause, "outbox: {doing} failed")).ok()
}
